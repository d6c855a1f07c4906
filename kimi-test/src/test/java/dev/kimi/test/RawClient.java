package dev.kimi.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** An HTTP/1.1 client that sees the very bytes. */
final class RawClient implements AutoCloseable {

    private static final int SAFETY_NET_MILLIS = 20_000;

    private final Socket socket = new Socket();

    RawClient(KimiSimulator kimi) throws IOException {
        socket.setReceiveBufferSize(16 * 1024);
        socket.setSoTimeout(SAFETY_NET_MILLIS);
        socket.connect(new InetSocketAddress("127.0.0.1", kimi.port()));
    }

    RawClient chat(boolean stream) throws IOException {
        String body = Client.question("kimi-k3", stream, "hi");
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: kimi\r\nAuthorization: Bearer sk-raw\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n";
        socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Everything until the server closes. */
    String readAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Everything up to and including the text. */
    String readUntil(String end) throws IOException {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        while (!seen.toString(StandardCharsets.UTF_8).endsWith(end)) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the server closed after: " + seen.toString(StandardCharsets.UTF_8));
            }
            seen.write(next);
        }
        return seen.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
