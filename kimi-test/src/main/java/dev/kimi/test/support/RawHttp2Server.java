package dev.kimi.test.support;

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

/**
 * An HTTP/2 server on the loopback interface that sends frames as a script says, also those that no server library lets
 * one send. Each connection has a thread of its own, on which the script runs. Safe for many threads.
 */
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

    /** Starts one whose first SETTINGS frame is empty. */
    public RawHttp2Server(Script script) throws IOException {
        this(script, new byte[0]);
    }

    /**
     * Starts one.
     *
     * @param script called for every frame that arrives
     * @param settings the payload of its first SETTINGS frame
     */
    public RawHttp2Server(Script script, byte[] settings) throws IOException {
        this.script = script;
        this.settings = settings;
        Thread thread = new Thread(this::serve);
        thread.setDaemon(true);
        thread.start();
    }

    /** The address, in clear text and without a path. */
    public String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections it has accepted. */
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

    /** Reacts to each frame that arrives; an exception closes the connection. */
    public interface Script {
        void got(Frame frame, Connection connection) throws IOException;
    }

    /**
     * A frame as it arrived.
     *
     * @param type one of the constants above, or any other number
     * @param flags its flags
     * @param stream the number of its stream; 0 for the connection
     * @param payload what it holds
     */
    public record Frame(int type, int flags, int stream, byte[] payload) {

        /** Whether it is the last one of its stream. */
        public boolean ends() {
            return (flags & 1) != 0;
        }
    }

    /**
     * An accepted connection.
     *
     * @param in what the client sends
     * @param out what it receives
     */
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

        /** Ends a stream with an error code. */
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

        /** A whole response without a body. */
        public void ok(int stream) throws IOException {
            send(HEADERS, END_OF_STREAM_AND_HEADERS, stream, STATUS_200);
        }
    }
}
