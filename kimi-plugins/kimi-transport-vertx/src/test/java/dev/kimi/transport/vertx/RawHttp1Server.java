package dev.kimi.transport.vertx;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Responds to the requests of each connection with the given texts in turn, or as a test has it, then closes it. */
final class RawHttp1Server implements AutoCloseable {
    private final ServerSocket listener;
    private final AtomicInteger accepted = new AtomicInteger();

    RawHttp1Server(String... responses) throws IOException {
        this(socket -> {
            for (String response : responses) {
                readRequest(socket.getInputStream());
                socket.getOutputStream().write(response.getBytes(StandardCharsets.ISO_8859_1));
            }
        });
    }

    RawHttp1Server(Talk talk) throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        start(() -> serve(talk));
    }

    /** Takes the beginning of the request, and resets. */
    static RawHttp1Server readingNothing() throws IOException {
        return new RawHttp1Server(socket -> {
            socket.getInputStream().read(new byte[100]);
            socket.setSoLinger(true, 0);
        });
    }

    /** Responds before it has read the request. */
    static RawHttp1Server early(String response) throws IOException {
        return new RawHttp1Server(socket -> {
            socket.getInputStream().read(new byte[100]);
            socket.getOutputStream().write(response.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            socket.getInputStream().skip(Long.MAX_VALUE);
        });
    }

    private void serve(Talk talk) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                accepted.incrementAndGet();
                start(() -> serve(talk, socket));
            } catch (IOException closed) {
                // the test is over
            }
        }
    }

    private static void serve(Talk talk, Socket socket) {
        try (socket) {
            talk.with(socket);
        } catch (IOException closed) {
            // the client has what it needs, or the test is over
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }

    /** Connections that it has taken. */
    int accepted() {
        return accepted.get();
    }

    static String readRequest(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no further request");
            }
            head.append((char) next);
        }
        String lower = head.toString().toLowerCase(Locale.ROOT);
        int at = lower.indexOf("content-length: ") + "content-length: ".length();
        in.readNBytes(Integer.parseInt(lower.substring(at, lower.indexOf('\r', at))));
        return head.toString();
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    interface Talk {
        void with(Socket socket) throws IOException;
    }
}
