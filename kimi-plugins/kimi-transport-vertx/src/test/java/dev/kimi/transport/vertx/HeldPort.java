package dev.kimi.transport.vertx;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Stands before a server and takes connections, but passes nothing on before the test lets it: a handshake of TLS or
 * HTTP/2 does not end until then. Safe for many threads.
 */
final class HeldPort implements Closeable {

    private final int server;
    private final ServerSocket listener;
    private final Deque<Socket> held = new ArrayDeque<>();
    private int mayPass;
    private int accepted;
    private int mostHeld;
    private boolean cut;

    /** @param mayPass how many connections it passes on before it holds any */
    HeldPort(int server, int mayPass) throws IOException {
        this.server = server;
        this.mayPass = mayPass;
        this.listener = new ServerSocket(0, 1000, InetAddress.getByName("127.0.0.1"));
        start(this::serve);
    }

    private void serve() {
        while (!listener.isClosed()) {
            try {
                add(listener.accept());
            } catch (IOException closed) {
                // the test is over
            }
        }
    }

    private synchronized void add(Socket client) {
        accepted++;
        held.add(client);
        passOn();
        mostHeld = Math.max(mostHeld, held.size());
        if (cut) {
            cutHeld();
        }
    }

    /** Closes those that it holds, and those that come. */
    synchronized void cut() {
        cut = true;
        cutHeld();
    }

    private void cutHeld() {
        while (!held.isEmpty()) {
            try {
                held.remove().close();
            } catch (IOException gone) {
                // by the other side
            }
        }
    }

    /** Lets so many more pass, of those that it holds or that come. */
    synchronized void release(int count) {
        mayPass += count;
        passOn();
    }

    private void passOn() {
        while (mayPass > 0 && !held.isEmpty()) {
            mayPass--;
            Socket client = held.remove();
            start(() -> connect(client));
        }
    }

    private void connect(Socket client) {
        try {
            Socket behind = new Socket("127.0.0.1", server);
            start(() -> copy(behind, client));
            copy(client, behind);
        } catch (IOException gone) {
            // the test is over
        }
    }

    private static void copy(Socket from, Socket to) {
        byte[] buffer = new byte[16 << 10];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            int read = in.read(buffer);
            while (read >= 0) {
                to.getOutputStream().write(buffer, 0, read);
                read = in.read(buffer);
            }
        } catch (IOException closed) {
            // by either side
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many connections have come. */
    synchronized int accepted() {
        return accepted;
    }

    /** How many it holds. */
    synchronized int held() {
        return held.size();
    }

    /** How many it held at most at a time. */
    synchronized int mostHeld() {
        return mostHeld;
    }

    @Override
    public synchronized void close() throws IOException {
        listener.close();
        cutHeld();
    }
}
