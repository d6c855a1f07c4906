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
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sends bytes in response to every request, whatever they are, and counts requests, connections and what was taken. It
 * knows of HTTP only how long a request is, so that it sends what no library would.
 */
final class ByteServer implements Closeable {

    /** A GET of it gets a body of nothing from a server that sends bodies. */
    static final String SMALL = "/v1/small";

    private static final int PIECE = 16 << 10;

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    private final Responder responder;
    private final AtomicLong written = new AtomicLong();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    /** The peer of a connection has gone before it got everything. */
    final CompletableFuture<Void> gone = new CompletableFuture<>();

    private ByteServer(Responder responder) throws IOException {
        this.responder = responder;
        start(this::accept);
    }

    /** What becomes of a connection. */
    @FunctionalInterface
    private interface Responder {
        /** Serves one request, or says that the connection ends. */
        boolean respond(Peer peer) throws IOException;
    }

    /**
     * Sends these bytes in response to every request, and leaves the connection open.
     *
     * @param piece how many bytes to write at a time
     */
    static ByteServer sending(byte[] response, int piece) throws IOException {
        return new ByteServer(peer -> {
            if (peer.readRequest() == null) {
                return false;
            }
            for (int at = 0; at < response.length; at += piece) {
                peer.out.write(response, at, Math.min(piece, response.length - at));
            }
            return true;
        });
    }

    /** Sends these bytes in response to one request of a connection, and nothing more. */
    static ByteServer sendingOnce(byte[] response) throws IOException {
        return new ByteServer(peer -> peer.readRequest() != null && peer.sendLast(response));
    }

    /** Sends these bytes to everybody who connects, without having been asked, and nothing more. */
    static ByteServer greeting(byte[] bytes) throws IOException {
        return new ByteServer(peer -> peer.sendLast(bytes));
    }

    /** Sends all of a body of so many bytes. */
    static ByteServer whole(long bytes) throws IOException {
        return new ByteServer(new Body(bytes, bytes, false));
    }

    /** Closes the connection in the middle of a body. */
    static ByteServer cut(long announced, long sent) throws IOException {
        return new ByteServer(new Body(announced, sent, true));
    }

    /** Sends so many bytes of a body that never ends: none of them, and the head alone; -1, and not even that. */
    static ByteServer holding(long sent) throws IOException {
        return new ByteServer(new Body(Long.MAX_VALUE / 2, sent, false));
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "byte-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    String baseUrl() {
        return "http://127.0.0.1:" + port();
    }

    /** Bytes of bodies that the connections have taken. */
    long written() {
        return written.get();
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
            Peer peer = new Peer(socket);
            boolean goesOn = true;
            while (goesOn) {
                goesOn = responder.respond(peer);
            }
        } catch (IOException broken) {
            gone.complete(null);
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    /** The other end of a connection. */
    private final class Peer {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        }

        /** The head of the next request, whose body is read too, or null when there is none. */
        @Nullable String readRequest() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return null;
                }
                head.append((char) next);
            }
            String text = head.toString();
            String length = text.toLowerCase(Locale.ROOT).replaceFirst("(?s).*\r\ncontent-length: *([0-9]+).*", "$1");
            int body = length.matches("[0-9]+") ? Integer.parseInt(length) : 0;
            if (in.readNBytes(body).length < body) {
                return null;
            }
            requests.incrementAndGet();
            return text;
        }

        /** Sends what is the last of the connection, and lets its peer close it. */
        boolean sendLast(byte[] bytes) throws IOException {
            out.write(bytes);
            socket.shutdownOutput();
            in.transferTo(OutputStream.nullOutputStream());
            return false;
        }

        void sendBody(long size) throws IOException {
            byte[] piece = new byte[PIECE];
            Arrays.fill(piece, (byte) 'x');
            for (long left = size; left > 0; ) {
                int now = (int) Math.min(piece.length, left);
                out.write(piece, 0, now);
                written.addAndGet(now);
                left -= now;
            }
        }

        /** Comes back when the peer has closed the connection. */
        void awaitClose() throws IOException {
            if (in.read() < 0) {
                gone.complete(null);
            }
        }
    }

    /** Sends a body, whole or not, as fast as it is taken. */
    private record Body(long announced, long sent, boolean cut) implements Responder {

        @Override
        public boolean respond(Peer peer) throws IOException {
            String request = peer.readRequest();
            if (request == null) {
                return false;
            }
            if (request.startsWith("GET " + SMALL)) {
                peer.out.write(head(0));
                return true;
            }
            if (sent >= 0) {
                peer.out.write(head(announced));
                peer.sendBody(sent);
            }
            if (sent == announced) {
                return true;
            }
            if (!cut) {
                peer.awaitClose();
            }
            return false;
        }

        private static byte[] head(long length) {
            String head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: " + length;
            return (head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        }
    }
}
