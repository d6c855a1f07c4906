package dev.kimi.test.internal;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Speaks HTTP/2 frame by frame, to say what no server library lets one say. Each connection has its thread. */
public final class RawHttp2Server implements Closeable {

    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    private static final int PREFACE = 24;
    private static final int ACK = 1;
    private static final int END_OF_HEADERS = 4;
    private static final int END_OF_STREAM_AND_HEADERS = 5;
    /** What HPACK makes of ":status: 200". */
    private static final byte[] STATUS_200 = {(byte) 0x88};

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    private final Script script;
    private final byte[] settings;
    private final List<Frame> frames = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    public RawHttp2Server(Script script) throws IOException {
        this(script, new byte[0]);
    }

    /** @param settings what its first SETTINGS frame holds */
    public RawHttp2Server(Script script, byte[] settings) throws IOException {
        this.script = script;
        this.settings = settings;
        Thread thread = new Thread(this::serve);
        thread.setDaemon(true);
        thread.start();
    }

    public String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many it has taken. */
    public int connections() {
        return connections.get();
    }

    /** How many of them have ended. */
    public int ended() {
        return ended.get();
    }

    /** The frames of this type that have come, of all connections. */
    public List<Frame> received(int type) {
        return frames.stream().filter(frame -> frame.type() == type).toList();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void serve() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                Thread thread = new Thread(() -> serve(socket));
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closed) {
                // the test is over
            }
        }
    }

    private void serve(Socket accepted) {
        try (Socket socket = accepted) {
            Connection connection = new Connection(
                    new DataInputStream(socket.getInputStream()), new DataOutputStream(socket.getOutputStream()));
            connection.in.readFully(new byte[PREFACE]);
            connection.send(SETTINGS, 0, 0, settings);
            while (true) {
                Frame frame = connection.read();
                if (frame == null) {
                    break;
                }
                frames.add(frame);
                script.got(frame, connection);
            }
        } catch (IOException closed) {
            // the client has what it needs, or the test is over
        }
        ended.incrementAndGet();
    }

    /** What to do when a frame has come; an exception closes the connection. */
    public interface Script {
        void got(Frame frame, Connection connection) throws IOException;
    }

    public record Frame(int type, int flags, int stream, byte[] payload) {

        public boolean ends() {
            return (flags & 1) != 0;
        }
    }

    public record Connection(DataInputStream in, DataOutputStream out) {

        private @Nullable Frame read() throws IOException {
            int length = in.read();
            if (length < 0) {
                return null;
            }
            length = length << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            Frame frame = new Frame(type, flags, in.readInt(), in.readNBytes(length));
            if (type == SETTINGS && flags == 0) {
                send(SETTINGS, ACK, 0, new byte[0]);
            }
            return frame;
        }

        /** A frame of a test's own making; the frames of one connection must be sent one after the other. */
        public void send(int type, int flags, int stream, byte[] payload) throws IOException {
            out.writeByte(payload.length >> 16);
            out.writeShort(payload.length);
            out.writeByte(type);
            out.writeByte(flags);
            out.writeInt(stream);
            out.write(payload);
            out.flush();
        }

        /** Sends a GOAWAY with the last stream that is read; with a word of explanation, as servers give it. */
        public void goAway(int lastStream) throws IOException {
            byte[] payload = ByteBuffer.allocate(11)
                    .putInt(lastStream)
                    .putInt(0)
                    .put(new byte[] {'b', 'y', 'e'})
                    .array();
            send(GOAWAY, 0, 0, payload);
        }

        public void reset(int stream, int code) throws IOException {
            send(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(code).array());
        }

        /** Asks for a sign of life, which a client gives once it has handled what was sent before. */
        public void ping() throws IOException {
            send(PING, 0, 0, new byte[8]);
        }

        /** Lets the client send that much more on a stream, or on the connection. */
        public void allow(int stream, int bytes) throws IOException {
            send(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
        }

        /** The head of a response that goes on. */
        public void headers(int stream) throws IOException {
            send(HEADERS, END_OF_HEADERS, stream, STATUS_200);
        }

        public void ok(int stream) throws IOException {
            send(HEADERS, END_OF_STREAM_AND_HEADERS, stream, STATUS_200);
        }
    }
}
