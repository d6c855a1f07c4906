package dev.kimi.starter.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy that takes CONNECT to this machine from whoever knows user and password. */
final class TunnelServer implements AutoCloseable {

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<String> targets = new CopyOnWriteArrayList<>();
    private final String credentials;

    /** @param login user and password with a colon between them */
    TunnelServer(String login) throws IOException {
        credentials = "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
        start(() -> {
            while (!listener.isClosed()) {
                Socket socket = listener.accept();
                start(() -> serve(socket));
            }
        });
    }

    private void serve(Socket socket) throws IOException {
        try (socket;
                Scanner head = new Scanner(socket.getInputStream(), StandardCharsets.ISO_8859_1)) {
            head.useDelimiter("\r\n\r\n");
            String request = head.next();
            if (!request.contains(credentials)) {
                socket.getOutputStream().write("HTTP/1.1 407 No\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            String target = request.split(" ")[1];
            targets.add(target);
            try (Socket there = new Socket(
                    InetAddress.getLoopbackAddress(), Integer.parseInt(target.substring(target.indexOf(':') + 1)))) {
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                start(() -> there.getInputStream().transferTo(socket.getOutputStream()));
                socket.getInputStream().transferTo(there.getOutputStream());
            }
        }
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
    }
}
