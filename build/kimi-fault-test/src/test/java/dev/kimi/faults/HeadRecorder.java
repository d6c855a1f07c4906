package dev.kimi.faults;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps the heads of requests as they came, byte for byte, and has one response for all. Knows no library for HTTP. */
final class HeadRecorder implements Closeable {

    private static final String OK = """
            HTTP/1.1 200 OK\r
            content-type: application/json\r
            content-length: 2\r
            \r
            {}""";

    private final ServerSocket listener;
    private final List<List<String>> heads = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile String response = OK;

    HeadRecorder(String address) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getByName(address));
        start(this::accept);
    }

    String authority() {
        return listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Responds like this from now on, and forgets what came. */
    void reset(String head) {
        heads.clear();
        response = head;
    }

    void reset() {
        reset(OK);
    }

    /** The lines of each request's head, the first of them the request line. */
    List<List<String>> heads() {
        return heads;
    }

    int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                open.add(socket);
                start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            for (List<String> head = head(in); !head.isEmpty(); head = head(in)) {
                heads.add(head);
                socket.getOutputStream().write(response.getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException closed) {
            // by the client, or with the test
        } finally {
            open.remove(socket);
        }
    }

    /** Lines end where any server lets them end: at LF, be there a CR before it or not, and at a CR alone. */
    private static List<String> head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int length = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\r') {
                in.mark(1);
                if (in.read() != '\n') {
                    in.reset();
                }
                next = '\n';
            }
            if (next != '\n') {
                line.append((char) next);
            } else if (line.isEmpty()) {
                in.readNBytes(length);
                return lines;
            } else {
                String text = line.toString();
                if (text.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(
                            text.substring(text.indexOf(':') + 1).trim());
                }
                lines.add(text);
                line.setLength(0);
            }
        }
        return List.of();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "head-recorder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
