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
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sends a body in response to every GET, as fast as it is taken, and counts what was taken. It can stop half way, and
 * then closes the connection or holds it until its peer has gone. A GET of {@value #SMALL} gets a body of nothing.
 */
final class BodyServer implements Closeable {

    static final String SMALL = "/v1/small";

    private static final int PIECE = 16 << 10;

    private final ServerSocket listener;
    private final long announced;
    private final long sent;
    private final boolean cut;
    private final AtomicLong written = new AtomicLong();
    private final AtomicInteger requests = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    /** The peer of a connection has gone before it got everything. */
    final CompletableFuture<Void> gone = new CompletableFuture<>();

    private BodyServer(long announced, long sent, boolean cut) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        this.announced = announced;
        this.sent = sent;
        this.cut = cut;
        start(this::accept);
    }

    /** Sends all of a body of so many bytes. */
    static BodyServer whole(long bytes) throws IOException {
        return new BodyServer(bytes, bytes, false);
    }

    /** Closes the connection in the middle of a body. */
    static BodyServer cut(long announced, long sent) throws IOException {
        return new BodyServer(announced, sent, true);
    }

    /** Sends so many bytes of a body that never ends: none of them, and the head alone; -1, and not even that. */
    static BodyServer holding(long sent) throws IOException {
        return new BodyServer(Long.MAX_VALUE / 2, sent, false);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "body-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Bytes of bodies that the connections have taken. */
    long written() {
        return written.get();
    }

    int requests() {
        return requests.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
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
            for (String request = readRequest(in); request != null; request = readRequest(in)) {
                requests.incrementAndGet();
                OutputStream out = socket.getOutputStream();
                if (request.startsWith("GET " + SMALL)) {
                    out.write(head(0));
                    continue;
                }
                if (sent >= 0) {
                    send(out);
                }
                if (sent < announced) {
                    if (!cut && in.read() < 0) {
                        gone.complete(null);
                    }
                    return;
                }
            }
        } catch (IOException broken) {
            gone.complete(null);
        } finally {
            open.remove(socket);
        }
    }

    private static byte[] head(long length) {
        String head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: " + length;
        return (head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private void send(OutputStream out) throws IOException {
        out.write(head(announced));
        byte[] piece = new byte[PIECE];
        Arrays.fill(piece, (byte) 'x');
        for (long left = sent; left > 0; ) {
            int now = (int) Math.min(piece.length, left);
            out.write(piece, 0, now);
            written.addAndGet(now);
            left -= now;
        }
    }

    private static @Nullable String readRequest(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
