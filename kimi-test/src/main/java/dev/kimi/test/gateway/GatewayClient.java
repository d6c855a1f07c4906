package dev.kimi.test.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client of HTTP/1.1 that hides nothing of what comes, and when. Each request has a connection of its own. */
final class GatewayClient {

    private final URI base;
    private final Duration patience;
    private final List<GatewayResponse> open = new ArrayList<>();

    GatewayClient(URI base, Duration patience) {
        this.base = base;
        this.patience = patience;
    }

    /** Sends the request and reads the head of the response. */
    GatewayResponse send(String method, String target, List<Map.Entry<String, String>> headers, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return announce(method, target, headers, bytes, bytes.length).awaitHead();
    }

    /** Sends a head that announces so many bytes, and what there is of them. */
    GatewayResponse announce(
            String method, String target, List<Map.Entry<String, String>> headers, byte[] body, long length) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: " + base.getAuthority());
        headers.forEach(header ->
                head.append("\r\n").append(header.getKey()).append(": ").append(header.getValue()));
        if (length > 0 || "POST".equals(method)) {
            head.append("\r\nContent-Type: application/json\r\nContent-Length: ")
                    .append(length);
        }
        try {
            int patienceMillis = Math.toIntExact(patience.toMillis());
            Socket socket = new Socket();
            socket.setSoTimeout(patienceMillis);
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), patienceMillis);
            GatewayResponse response =
                    new GatewayResponse(socket, new BufferedInputStream(socket.getInputStream()), method, patience);
            open.add(response);
            socket.getOutputStream().write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException("the gateway at " + base + " does not take the request", e);
        }
    }

    /** Closes every connection. */
    void close() {
        open.forEach(GatewayResponse::abort);
        open.clear();
    }

    /** The lines of a head, without the empty one. */
    static List<String> head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(in); line != null; line = line(in)) {
            if (line.isEmpty()) {
                return lines;
            }
            lines.add(line);
        }
        throw new IOException("no whole head came, only: " + lines);
    }

    /** A line without its end, or null if there is none. */
    static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            }
            line.write(next);
        }
        return null;
    }
}
