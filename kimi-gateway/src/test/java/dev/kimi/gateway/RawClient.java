package dev.kimi.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A client that does with its socket what no library would. */
public final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    public RawClient(int port) {
        this(port, 0);
    }

    /** @param receiveBuffer bytes that the machine takes for a client that does not read; 0 for its default */
    public RawClient(int port, int receiveBuffer) {
        try {
            socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new java.net.InetSocketAddress("127.0.0.1", port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a POST of JSON. */
    public RawClient post(String path, String json) {
        return send("POST " + path + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                + "content-length: " + json.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + json);
    }

    public RawClient send(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Reads until all that was received holds the text; gives all of it. */
    public String readUntil(String text) {
        return readUntil(text, 1);
    }

    /** Reads until all that was received holds the text so many times; gives all of it. */
    public String readUntil(String text, int times) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = socket.getInputStream();
            String tail = received();
            for (int found = count(text, tail); found < times; ) {
                int count = in.read(buffer);
                if (count < 0) {
                    throw new IllegalStateException("the connection ended before '" + text + "': " + received());
                }
                received.write(buffer, 0, count);
                tail = tail.substring(Math.max(0, tail.length() - text.length() + 1))
                        + new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
                found += count(text, tail);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("while waiting for '" + text + "' after: " + received(), e);
        }
        return received();
    }

    private static int count(String text, String in) {
        return in.split(Pattern.quote(text), -1).length - 1;
    }

    /** Reads until the server closes the connection; gives all that was received. */
    public String readToEnd() {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = socket.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                received.write(buffer, 0, count);
            }
        } catch (java.net.SocketException reset) {
            return received();
        } catch (IOException e) {
            throw new UncheckedIOException("while waiting for the end after: " + received(), e);
        }
        return received();
    }

    public String received() {
        return received.toString(StandardCharsets.UTF_8);
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
