package dev.kimi.transport.vertx;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/** Takes connections and says nothing on them. */
final class SilentServer implements Closeable {

    private static final int SAFETY_NET_MILLIS = 30_000;

    private final ServerSocket listener;

    SilentServer() throws IOException {
        this("127.0.0.1", 0);
    }

    SilentServer(String address, int port) throws IOException {
        listener = new ServerSocket(port, 10, InetAddress.getByName(address));
        listener.setSoTimeout(SAFETY_NET_MILLIS);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The next connection, once something has come on it. */
    Socket accept() throws IOException {
        Socket socket = listener.accept();
        socket.setSoTimeout(SAFETY_NET_MILLIS);
        if (socket.getInputStream().read() < 0) {
            throw new SocketException("closed before anything came");
        }
        return socket;
    }

    /** Takes what has connected by now, all of which must be closed. */
    void expectNoneOpen() throws IOException {
        listener.setSoTimeout(1);
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setSoTimeout(SAFETY_NET_MILLIS);
                awaitEnd(socket);
            }
        } catch (SocketTimeoutException none) {
            listener.setSoTimeout(SAFETY_NET_MILLIS);
        }
    }

    /** Reads until the other side has closed the connection. */
    static void awaitEnd(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[64 << 10];
        try {
            int read = in.read(buffer);
            while (read >= 0) {
                read = in.read(buffer);
            }
        } catch (SocketTimeoutException open) {
            throw new AssertionError("the connection is still open", open);
        } catch (SocketException reset) {
            // as good an end as a close
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
