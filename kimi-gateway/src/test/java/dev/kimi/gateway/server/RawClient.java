package dev.kimi.gateway.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Sends bytes as they are, and reads what comes. A read that nothing comes to fails after a while. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;

    private RawClient(Socket socket) {
        this.socket = socket;
    }

    static RawClient connect(int port) throws IOException {
        return connect(port, "127.0.0.1", 0);
    }

    /** @param receiveBuffer in bytes, or 0 for the system's own */
    static RawClient connect(int port, String from, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        return new RawClient(socket);
    }

    static RawClient over(Socket connected) throws IOException {
        connected.setSoTimeout(PATIENCE_MILLIS);
        return new RawClient(connected);
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Like {@link #send}, and false if the server has closed. */
    boolean offer(String text) {
        try {
            send(text);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Everything until the server closes. */
    String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SocketException e) {
            all.writeBytes("<reset>".getBytes(StandardCharsets.ISO_8859_1));
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Everything until the text has come. */
    String readTo(String end) throws IOException {
        StringBuilder all = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (all.indexOf(end) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended before '" + end + "' came, with: " + all);
            }
            all.append((char) next);
        }
        return all.toString();
    }

    /** Head and body of a response with a content-length. */
    String readResponse() throws IOException {
        String head = readTo("\r\n\r\n");
        String marker = "content-length: ";
        int at = head.toLowerCase(Locale.ROOT).indexOf(marker);
        int length = at < 0 ? 0 : Integer.parseInt(head.substring(at + marker.length(), head.indexOf('\r', at)));
        return head + new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    InputStream in() throws IOException {
        return socket.getInputStream();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
