package dev.kimi.transport.vertx;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Speaks HTTP/2 frame by frame with one client after the other, to say what no server library lets one say. */
public final class RawHttp2Server implements Closeable {

    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    private static final int PREFACE = 24;
    private static final int ACK = 1;
    private static final int END_OF_STREAM_AND_HEADERS = 5;
    /** What HPACK makes of ":status: 200". */
    private static final byte[] STATUS_200 = {(byte) 0x88};

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    private final Script script;
    private final List<Frame> frames = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    public RawHttp2Server(Script script) throws IOException {
        this.script = script;
        Thread thread = new Thread(this::serve);
        thread.setDaemon(true);
        thread.start();
    }

    public String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many it has taken. */
    int connections() {
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
            try (Socket socket = listener.accept()) {
                Connection connection = new Connection(
                        new DataInputStream(socket.getInputStream()), new DataOutputStream(socket.getOutputStream()));
                connections.incrementAndGet();
                connection.in.readFully(new byte[PREFACE]);
                connection.send(SETTINGS, 0, 0, new byte[0]);
                while (connection.read(frames)) {
                    script.got(frames.get(frames.size() - 1), connection);
                }
            } catch (IOException closed) {
                // the client has what it needs, or the test is over
            }
            ended.set(connections.get());
        }
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

        private boolean read(List<Frame> frames) throws IOException {
            int length = in.read();
            if (length < 0) {
                return false;
            }
            length = length << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            Frame frame = new Frame(type, flags, in.readInt(), in.readNBytes(length));
            frames.add(frame);
            if (type == SETTINGS && flags == 0) {
                send(SETTINGS, ACK, 0, new byte[0]);
            }
            return true;
        }

        public void send(int type, int flags, int stream, byte[] payload) throws IOException {
            out.writeByte(payload.length >> 16);
            out.writeShort(payload.length);
            out.writeByte(type);
            out.writeByte(flags);
            out.writeInt(stream);
            out.write(payload);
            out.flush();
        }

        /** Tells the last stream that is read; with a word of explanation, as servers give it. */
        public void goAway(int lastStream) throws IOException {
            send(GOAWAY, 0, 0, new byte[] {0, 0, 0, (byte) lastStream, 0, 0, 0, 0, 'b', 'y', 'e'});
        }

        /** Asks for a sign of life, which a client gives once it has handled what was sent before. */
        public void ping() throws IOException {
            send(PING, 0, 0, new byte[8]);
        }

        public void ok(int stream) throws IOException {
            send(HEADERS, END_OF_STREAM_AND_HEADERS, stream, STATUS_200);
        }
    }
}
