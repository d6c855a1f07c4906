package dev.kimi.transport.vertx;

import dev.kimi.test.support.RawHttp2Server;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Sends on every stream of one connection as much as the client's windows allow, and counts it. */
final class Flooding implements RawHttp2Server.Script {

    private static final byte[] CHUNK = new byte[1024];

    final AtomicLong sent = new AtomicLong();
    /** What the client has allowed since the start on all streams. */
    final AtomicLong allowed = new AtomicLong();

    private final Map<Integer, Integer> windows = new LinkedHashMap<>();
    private int connectionWindow = 65_535;

    @Override
    public void got(RawHttp2Server.Frame frame, RawHttp2Server.Connection connection) throws IOException {
        if (frame.type() == RawHttp2Server.DATA && frame.ends()) {
            connection.headers(frame.stream());
            open(frame.stream(), Http2Windows.FIRST_WINDOW);
            flood(frame.stream(), connection);
        } else if (frame.type() == RawHttp2Server.WINDOW_UPDATE) {
            int more = ByteBuffer.wrap(frame.payload()).getInt();
            if (frame.stream() == 0) {
                connectionWindow += more;
                for (int stream : windows.keySet()) {
                    flood(stream, connection);
                }
            } else {
                open(frame.stream(), more);
                flood(frame.stream(), connection);
            }
        }
    }

    private void open(int stream, int more) {
        windows.merge(stream, more, Integer::sum);
        allowed.addAndGet(more);
    }

    private void flood(int stream, RawHttp2Server.Connection connection) throws IOException {
        int window = windows.getOrDefault(stream, 0);
        while (window >= CHUNK.length && connectionWindow >= CHUNK.length) {
            connection.send(RawHttp2Server.DATA, 0, stream, CHUNK);
            window -= CHUNK.length;
            connectionWindow -= CHUNK.length;
            sent.addAndGet(CHUNK.length);
        }
        windows.put(stream, window);
    }
}
