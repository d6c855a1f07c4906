package dev.kimi.transport.vertx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A proxy on the loopback interface, to whom every name is this machine. */
final class ProxyServer implements AutoCloseable {

    private final ServerSocket listener;
    private final Talk talk;
    private final List<String> targets = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private ProxyServer(Talk talk) throws IOException {
        this.talk = talk;
        this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        start(() -> {
            while (!listener.isClosed()) {
                Socket socket = listener.accept();
                start(() -> serve(socket));
            }
        });
    }

    /** What is said on a connection, up to the target's host and port, or null to close. */
    interface Talk {
        @Nullable String with(Socket socket) throws IOException;
    }

    /** @param login user and password with a colon between them, which it requires; null for none */
    static ProxyServer http(@Nullable String login) throws IOException {
        return new ProxyServer(socket -> {
            String head = head(socket);
            String expected = login == null
                    ? ""
                    : "proxy-authorization: Basic "
                            + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
            boolean known = login == null || head.contains(expected);
            say(
                    socket,
                    known
                            ? "HTTP/1.1 200 Connection established\r\n\r\n"
                            : "HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm=\"x\", Basic realm=\"x\"\r\n\r\n");
            return known && head.startsWith("CONNECT ") ? head.split(" ")[1] : null;
        });
    }

    /** Responds to everything with that, and closes. */
    static ProxyServer saying(String response) throws IOException {
        return new ProxyServer(socket -> {
            socket.getInputStream().read(new byte[1000]);
            say(socket, response);
            return null;
        });
    }

    static ProxyServer of(Talk talk) throws IOException {
        return new ProxyServer(talk);
    }

    /** @param login see {@link #http} */
    static ProxyServer socks(@Nullable String login) throws IOException {
        return new ProxyServer(socket -> {
            InputStream in = socket.getInputStream();
            in.read();
            byte[] methods = in.readNBytes(in.read());
            int method = login == null ? 0 : 2;
            boolean offered = new String(methods, StandardCharsets.ISO_8859_1).indexOf(method) >= 0;
            socket.getOutputStream().write(new byte[] {5, (byte) (offered ? method : 0xFF)});
            if (!offered) {
                return null;
            }
            if (login != null) {
                in.read();
                String user = text(in, in.read());
                String password = text(in, in.read());
                boolean known = login.equals(user + ":" + password);
                socket.getOutputStream().write(new byte[] {1, (byte) (known ? 0 : 1)});
                if (!known) {
                    return null;
                }
            }
            byte[] request = in.readNBytes(4);
            String host = request[3] == 3
                    ? text(in, in.read())
                    : InetAddress.getByAddress(in.readNBytes(request[3] == 1 ? 4 : 16))
                            .getHostAddress();
            int port = in.read() << 8 | in.read();
            socket.getOutputStream().write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 1});
            return host + ":" + port;
        });
    }

    static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static String head(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static String text(InputStream in, int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private void serve(Socket socket) throws IOException {
        sockets.add(socket);
        try (socket) {
            String target = talk.with(socket);
            if (target == null) {
                return;
            }
            targets.add(target);
            int port = Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
            try (Socket there = new Socket("127.0.0.1", port)) {
                sockets.add(there);
                start(() -> pump(there, socket));
                pump(socket, there);
            }
        }
    }

    private static void pump(Socket from, Socket to) throws IOException {
        OutputStream out = to.getOutputStream();
        byte[] buffer = new byte[8192];
        int read = from.getInputStream().read(buffer);
        while (read >= 0) {
            out.write(buffer, 0, read);
            read = from.getInputStream().read(buffer);
        }
        to.shutdownOutput();
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException over) {
                // one of both sides has closed, or the test is over
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Hosts and ports that it has connected to. */
    List<String> targets() {
        return targets;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
