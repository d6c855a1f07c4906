package dev.kimi.transport.vertx;

import dev.kimi.transport.Headers;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpVersion;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A connection and what its pool knows about it. Belongs to its loop's thread. */
final class PooledConnection {

    private static final Pattern TIMEOUT = Pattern.compile("timeout\\s*=\\s*\"?(\\d{1,7})", Pattern.CASE_INSENSITIVE);

    final HttpClientConnection connection;
    final boolean multiplexed;
    final long retireAtNanos;
    final OriginPool pool;
    private final Channel socket;
    /** Null on HTTP/2. */
    private final @Nullable Http1Codec http1;
    /** Exchanges that use it now. */
    int streams;
    /** Exchanges that it has begun. */
    long uses;

    long idleSinceNanos;
    /** How long the server keeps it when unused, less a margin, in nanoseconds. */
    long serverIdleNanos = Long.MAX_VALUE;
    /** Something has come since the pool last looked. */
    boolean heard;
    /** Nothing has come since an exchange was begun, which may have been given up meanwhile. */
    boolean owing;
    /** Since when nothing has come, as far as the pool has noticed. */
    long silentSinceNanos;
    /** When the PING that has not been answered was sent. */
    long pingedAtNanos;

    boolean pinging;
    /** Takes no further exchange, and is closed when the last has ended. */
    boolean retired;

    /** Is being closed because the peer did not acknowledge a PING. */
    boolean unresponsive;

    private @Nullable Http2Link http2;

    boolean closed;
    /** Stands in the pool's queue of connections with room. */
    boolean listed;

    PooledConnection(
            OriginPool pool,
            HttpClientConnection connection,
            Channel socket,
            VertxSettings settings,
            long retireAtNanos) {
        this.pool = pool;
        this.socket = socket;
        this.connection = connection;
        this.multiplexed = connection.protocolVersion() == HttpVersion.HTTP_2;
        this.http1 = multiplexed ? null : Http1Codec.on(socket, settings);
        this.retireAtNanos = retireAtNanos;
    }

    /**
     * Looks whether the peer has closed the unused connection, or sent what nobody asked for, which the loop may not
     * have come to yet: a request written now would be lost.
     */
    boolean isStillOpen() {
        if (!multiplexed && streams == 0) {
            Sockets.look(socket);
        }
        return socket.isOpen();
    }

    /** Whether nothing of a response to the last request has come, as far as it is known, which is on HTTP/1.1. */
    boolean isUnanswered() {
        return http1 != null && http1.isUnanswered();
    }

    /** Takes over a connection of HTTP/2, which takes no further exchange once the server is leaving. */
    void startHttp2(TransportLoop loop) {
        http2 = new Http2Link(socket, loop, () -> pool.retire(this));
    }

    /** The consumer of an exchange has taken so much of its response. */
    void consumed(long streamId, int bytes) {
        if (http2 != null) {
            http2.consumed(streamId, bytes);
        }
    }

    /** Closes the socket at once, whatever there is to be written yet. */
    void close() {
        if (multiplexed) {
            // tells the peer, and would then close when that is written and all streams are done
            connection.close();
        }
        Sockets.hangUp(socket);
    }

    /** Something has come from the peer. */
    void hear() {
        heard = true;
        owing = false;
    }

    /** An exchange is begun. */
    void use() {
        uses++;
        if (streams++ == 0 && !owing) {
            // its silence counts from now on
            heard = true;
        }
        owing = true;
    }

    /** Whether the message is written, which a peer that still reads lets happen at once. */
    boolean hasWritten(Future<Void> message) {
        if (!message.isComplete()) {
            // within a read, Vert.x leaves it for later
            socket.flush();
        }
        return message.isComplete();
    }

    int capacity() {
        return multiplexed ? (int) Math.min(Integer.MAX_VALUE, connection.maxActiveStreams()) : 1;
    }

    /** Whether the connection stays open after this answer, of HTTP/1.x; remembers for how long. */
    boolean keptAlive(HttpVersion version, Headers headers) {
        if (hasOption(headers, "close") || (version == HttpVersion.HTTP_1_0 && !hasOption(headers, "keep-alive"))) {
            return false;
        }
        if (headers.first("keep-alive") != null) {
            headers.forEach((name, value) -> {
                if (name.equals("keep-alive")) {
                    rememberTimeout(value);
                }
            });
        }
        return true;
    }

    private void rememberTimeout(String keepAlive) {
        Matcher timeout = TIMEOUT.matcher(keepAlive);
        if (timeout.find()) {
            // a tenth and a quarter of a second off, for what is on its way when the server closes
            long millis = Long.parseLong(timeout.group(1)) * 900 - 250;
            serverIdleNanos = Math.max(0, millis) * 1_000_000;
        }
    }

    /** Whether the header Connection has the option, in one of its lines, each of which is a list. */
    private static boolean hasOption(Headers headers, String option) {
        if (headers.first("connection") == null) {
            return false;
        }
        boolean[] found = new boolean[1];
        headers.forEach((name, value) -> {
            if (name.equals("connection")) {
                for (String each : value.split(",")) {
                    found[0] |= each.strip().equalsIgnoreCase(option);
                }
            }
        });
        return found[0];
    }

    /** Whether the server has said that it does not process this HTTP/2 stream, which may not have been opened. */
    boolean refuses(long streamId) {
        return http2 != null && http2.refuses(streamId);
    }

    boolean hasRoom() {
        return !retired && !closed && !pinging && streams < capacity();
    }
}
