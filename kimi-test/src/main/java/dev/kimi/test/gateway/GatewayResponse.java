package dev.kimi.test.gateway;

import dev.kimi.time.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A response as it comes in, byte by byte. Waits for what is asked of it as long as a test does. */
final class GatewayResponse {

    private static final int HEX = 16;

    private final Socket socket;
    private final InputStream in;
    private final String method;
    private final Duration patience;
    private final List<Map.Entry<String, String>> headers = new ArrayList<>();
    private int status;
    private boolean chunked;
    private long left;
    private boolean ended;
    private boolean complete;

    GatewayResponse(Socket socket, InputStream in, String method, Duration patience) {
        this.patience = patience;
        this.socket = socket;
        this.in = in;
        this.method = method;
    }

    /** Reads the head; those of 1xx are passed over. */
    GatewayResponse awaitHead() {
        try {
            do {
                headers.clear();
                List<String> lines = GatewayClient.head(in);
                status = Integer.parseInt(lines.get(0).split(" ")[1]);
                for (String line : lines.subList(1, lines.size())) {
                    int colon = line.indexOf(':');
                    headers.add(Map.entry(
                            line.substring(0, colon).toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip()));
                }
            } while (status < 200);
        } catch (IOException e) {
            throw new UncheckedIOException("no response came: " + e.getMessage(), e);
        }
        chunked = header("transfer-encoding").isPresent();
        left = header("content-length").map(Long::parseLong).orElse(chunked ? 0 : Long.MAX_VALUE);
        if ("HEAD".equals(method) || status == 204 || status == 304 || !chunked && left == 0) {
            ended = true;
            complete = true;
        }
        return this;
    }

    int status() {
        return status;
    }

    /** The value of a header, by its name in lower case. */
    Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The next event or comment with the empty line behind it; null at the end. */
    @Nullable String nextEvent() {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        for (int next = read(); next >= 0; next = read()) {
            event.write(next);
            if (next == '\n' && endsEvent(event)) {
                break;
            }
        }
        return event.size() == 0 ? null : event.toString(StandardCharsets.UTF_8);
    }

    /** The next event that is neither a ping nor a comment. */
    @Nullable String nextOfModel() {
        long start = TimeSource.system().nanoTime();
        String event = nextEvent();
        while (event != null && isPing(event)) {
            if (TimeSource.system().nanoTime() - start > patience.toNanos()) {
                throw new AssertionError("nothing but pings came for " + patience);
            }
            event = nextEvent();
        }
        return event;
    }

    /** All that is still to come, without pings and comments. */
    List<String> restOfModel() {
        List<String> events = new ArrayList<>();
        for (String event = nextOfModel(); event != null; event = nextOfModel()) {
            events.add(event);
        }
        return events;
    }

    /** All that is still to come. */
    String rest() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int next = read(); next >= 0; next = read()) {
            all.write(next);
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** Whether the body came to its proper end; known once it has been read. */
    boolean complete() {
        return complete;
    }

    /** Closes the connection. */
    void abort() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isPing(String event) {
        return event.startsWith(":") || event.startsWith("event: ping");
    }

    private static boolean endsEvent(ByteArrayOutputStream event) {
        String text = event.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\n\n") || text.endsWith("\r\n\r\n");
    }

    private int read() {
        if (ended) {
            return -1;
        }
        try {
            if (chunked && left == 0 && !nextChunk()) {
                return -1;
            }
            int next = in.read();
            if (next < 0) {
                ended = true;
                complete = left == Long.MAX_VALUE;
                return -1;
            }
            left--;
            if (left == 0 && !chunked) {
                ended = true;
                complete = true;
            } else if (left == 0) {
                GatewayClient.line(in);
            }
            return next;
        } catch (SocketTimeoutException e) {
            throw new UncheckedIOException("the gateway has sent nothing for as long as the test waits", e);
        } catch (IOException e) {
            ended = true;
            return -1;
        }
    }

    private boolean nextChunk() throws IOException {
        String size = GatewayClient.line(in);
        if (size == null) {
            ended = true;
            return false;
        }
        left = Long.parseLong(size.split(";")[0].strip(), HEX);
        if (left > 0) {
            return true;
        }
        for (String trailer = GatewayClient.line(in); trailer != null && !trailer.isEmpty(); ) {
            trailer = GatewayClient.line(in);
        }
        ended = true;
        complete = true;
        return false;
    }
}
