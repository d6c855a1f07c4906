package dev.kimi.faults;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends the same bytes in response to every request, whatever they are, and counts requests and connections. It knows
 * of HTTP only how long a request is, so that it sends what no library would; and it leaves every connection open.
 */
final class ByteServer implements Closeable {

    private final ServerSocket listener;
    private final byte[] response;
    private final int piece;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** @param piece how many bytes to write at a time */
    ByteServer(byte[] response, int piece) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        this.response = response.clone();
        this.piece = piece;
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "byte-server");
        thread.setDaemon(true);
        thread.start();
    }

    String baseUrl() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    int requests() {
        return requests.get();
    }

    int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                connections.incrementAndGet();
                start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            while (readRequest(in)) {
                requests.incrementAndGet();
                for (int at = 0; at < response.length; at += piece) {
                    out.write(response, at, Math.min(piece, response.length - at));
                }
            }
        } catch (IOException gone) {
            // the client has closed the connection, as it may
        } finally {
            open.remove(socket);
        }
    }

    private static boolean readRequest(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return false;
            }
            head.append((char) next);
        }
        String length =
                head.toString().toLowerCase(Locale.ROOT).replaceFirst("(?s).*\r\ncontent-length: *([0-9]+).*", "$1");
        int body = length.matches("[0-9]+") ? Integer.parseInt(length) : 0;
        return in.readNBytes(body).length == body;
    }

    static ByteServer sending(String response) throws IOException {
        return new ByteServer(response.getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE / 2);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
