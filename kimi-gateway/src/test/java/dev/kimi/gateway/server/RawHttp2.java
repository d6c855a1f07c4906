package dev.kimi.gateway.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Frames of HTTP/2 by hand, for what a good client would never send. */
final class RawHttp2 implements AutoCloseable {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final RawClient client;
    private final DataInputStream in;

    /** A frame that the server has sent. */
    record Frame(int type, int flags, int stream, byte[] payload) {

        /** Of RST_STREAM and GOAWAY. */
        long error() {
            return ByteBuffer.wrap(payload, type == GOAWAY ? 4 : 0, 4).getInt();
        }

        /** Of HEADERS: whether it begins with this entry of HPACK's static table. */
        boolean startsWithStatic(int index) {
            return (payload[0] & 0xff) == (0x80 | index);
        }
    }

    private RawHttp2(RawClient client) throws IOException {
        this.client = client;
        this.in = new DataInputStream(client.in());
    }

    /** @param window how much the server may send of a stream without being allowed more */
    static RawHttp2 connect(int port, int window) throws IOException {
        RawHttp2 http2 = new RawHttp2(RawClient.connect(port));
        http2.client.send(PREFACE);
        ByteBuffer initialWindow = ByteBuffer.allocate(6).putShort((short) 4).putInt(window);
        http2.send(SETTINGS, 0, 0, initialWindow.array());
        return http2;
    }

    void send(int type, int flags, int stream, byte[] payload) throws IOException {
        client.send(frame(type, flags, stream, payload));
    }

    boolean offer(int type, int flags, int stream, byte[] payload) {
        return client.offer(new String(frame(type, flags, stream, payload), StandardCharsets.ISO_8859_1));
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** A block of headers for a GET. */
    static byte[] get(String path, String... headers) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x82); // :method: GET
        block.write(0x86); // :scheme: http
        block.write(0x04); // :path, as a literal
        text(block, path);
        block.write(0x01); // :authority, as a literal
        text(block, "a");
        for (int i = 0; i < headers.length; i += 2) {
            block.write(0x00);
            text(block, headers[i]);
            text(block, headers[i + 1]);
        }
        return block.toByteArray();
    }

    private static void text(ByteArrayOutputStream block, String text) {
        if (text.length() < 127) {
            block.write(text.length());
        } else {
            block.write(127);
            int rest = text.length() - 127;
            for (; rest >= 128; rest >>= 7) {
                block.write(rest & 127 | 128);
            }
            block.write(rest);
        }
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The next frame, or null at the end of the connection. */
    @Nullable Frame next() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(type, flags, stream, payload);
        } catch (EOFException | SocketException e) {
            return null;
        }
    }

    /** The next frame of a type; fails at the end of the connection. */
    Frame next(int type) throws IOException {
        for (Frame frame = next(); frame != null; frame = next()) {
            if (frame.type() == type) {
                return frame;
            }
        }
        throw new EOFException("no frame of type " + type + " came before the end");
    }

    @Override
    public void close() {
        client.close();
    }
}
