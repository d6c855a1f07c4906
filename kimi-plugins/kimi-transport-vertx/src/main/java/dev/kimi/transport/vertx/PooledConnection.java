package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A connection and all that is known about it. Belongs to its loop's thread. */
final class PooledConnection {

    private final HttpClientConnection connection;
    private final Channel socket;
    private final HeaderLimit headerLimit;
    private final TimeSource time;
    private final long retireAtNanos;
    private final boolean multiplexed;
    private final Liveness liveness = new Liveness();
    /** Null on HTTP/2. */
    private final @Nullable Http1Codec http1;
    /** Null on HTTP/1.1. */
    private @Nullable Http2Link http2;
    /** Exchanges that use it now. */
    private int streams;
    /** Exchanges that it has begun. */
    private long uses;

    private long idleSinceNanos;
    private long serverIdleNanos = Long.MAX_VALUE;
    private boolean retired;
    private boolean closed;

    /**
     * Takes over a connection on which there was no exchange yet.
     *
     * @param retireAtNanos when it takes no further exchange
     */
    PooledConnection(
            HttpClientConnection connection,
            Channel socket,
            HeaderLimit headerLimit,
            TimeSource time,
            long retireAtNanos) {
        this.connection = connection;
        this.socket = socket;
        this.headerLimit = headerLimit;
        this.time = time;
        this.retireAtNanos = retireAtNanos;
        this.idleSinceNanos = time.nanoTime();
        this.multiplexed = connection.protocolVersion() == HttpVersion.HTTP_2;
        this.http1 = multiplexed ? null : Http1Codec.on(socket, headerLimit);
    }

    /**
     * Lets the listener know what the server does with the connection.
     *
     * @param allowance of the loop for the windows of its streams, if it speaks HTTP/2
     */
    void start(Http2Windows.Allowance allowance, Listener listener) {
        connection.closeHandler(end -> listener.closedByPeer(this));
        connection.exceptionHandler(ignored -> {
            // reported to the exchanges on the connection, and followed by its close
        });
        if (multiplexed) {
            http2 = new Http2Link(socket, allowance, () -> listener.leaving(this));
            connection.remoteSettingsHandler(changed -> listener.capacityChanged(this));
        }
    }

    /** Is notified of what the server does with a connection. */
    interface Listener {

        void closedByPeer(PooledConnection connection);

        /** The server begins no further exchange; some end a connection after so many, and finish those. */
        void leaving(PooledConnection connection);

        void capacityChanged(PooledConnection connection);
    }

    /** What it is connected to; null if it was closed before that was known. */
    @Nullable InetAddress address() {
        return socket.remoteAddress() instanceof InetSocketAddress remote ? remote.getAddress() : null;
    }

    /** Whether it carries several exchanges at a time, as HTTP/2 does. */
    boolean isMultiplexed() {
        return multiplexed;
    }

    HeaderLimit headerLimit() {
        return headerLimit;
    }

    /** How many exchanges it carries at a time. */
    int capacity() {
        return multiplexed ? (int) Math.min(Integer.MAX_VALUE, connection.maxActiveStreams()) : 1;
    }

    /**
     * How many exchanges it carries before another connection is opened: on HTTP/2 four fifths of what the server
     * allows, so that those that come while another is being opened need not wait for it.
     */
    int usable() {
        int capacity = capacity();
        return Math.max(Math.min(1, capacity), (int) (capacity * 4L / 5));
    }

    /** Whether it takes exchanges at all, though it may be full at the moment. */
    boolean takesExchanges() {
        return !retired && !closed && !liveness.isSuspected();
    }

    boolean hasRoom() {
        return takesExchanges() && streams < capacity();
    }

    /** An exchange is begun. */
    void enter() {
        uses++;
        liveness.begin(streams++ == 0);
    }

    /** An exchange has left. */
    void leave() {
        if (--streams == 0) {
            idleSinceNanos = time.nanoTime();
        }
    }

    int streams() {
        return streams;
    }

    boolean isInUse() {
        return streams > 0;
    }

    /** Whether the exchange that was begun last is not the first. */
    boolean isReused() {
        return uses > 1;
    }

    /** How long it has been unused. */
    long idleNanos(long now) {
        return now - idleSinceNanos;
    }

    /** How long the server keeps it when unused, less a margin; {@link Long#MAX_VALUE} if it has not said. */
    long serverIdleNanos() {
        return serverIdleNanos;
    }

    boolean isOld(long now) {
        return now - retireAtNanos >= 0;
    }

    /** Lets it take no further exchange. */
    void retire() {
        retired = true;
    }

    /** Whether it takes no further exchange, and is to be closed when the last has ended. */
    boolean isRetired() {
        return retired;
    }

    /** It is closed, by whichever end, or about to be. */
    void markClosed() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes the socket at once, whatever there is to be written yet. */
    void close() {
        if (multiplexed) {
            // notifies the peer, and would then close when that is written and all streams are done
            connection.close();
        }
        Channels.hangUp(socket);
    }

    /**
     * Looks whether the peer has closed the unused connection, or sent what nobody asked for, which the loop may not
     * have come to yet: a request written now would be lost.
     */
    boolean isStillOpen() {
        if (!multiplexed && streams == 0) {
            Channels.look(socket);
        }
        return socket.isOpen();
    }

    Future<HttpClientRequest> request(RequestOptions options) {
        return connection.request(options);
    }

    /** Whether nothing of a response to the last request has come, as far as it is known, which is on HTTP/1.1. */
    boolean isUnanswered() {
        return http1 != null && http1.isUnanswered();
    }

    /** Whether the server has said that it does not process this HTTP/2 stream, which may not have been opened. */
    boolean rejects(long streamId) {
        return http2 != null && http2.rejects(streamId);
    }

    /** Whether the message is written, which a peer that still reads lets happen at once. */
    boolean hasWritten(Future<Void> message) {
        if (!message.isComplete()) {
            // within a read, Vert.x leaves it for later
            socket.flush();
        }
        return message.isComplete();
    }

    /** Something has come from the peer. */
    void hear() {
        liveness.hear();
    }

    /** The headers of a response have come; returns whether the connection can be used again after it. */
    boolean received(HttpClientResponse response) {
        liveness.hear();
        if (multiplexed) {
            return true;
        }
        if (!Http1KeepAlive.isPersistent(response.version(), response.headers())) {
            return false;
        }
        serverIdleNanos = Http1KeepAlive.idleNanos(response.headers(), serverIdleNanos);
        return true;
    }

    /** The consumer of an exchange has taken so much of its response. */
    void consumed(long streamId, int bytes) {
        if (http2 != null) {
            http2.consumed(streamId, bytes);
        }
    }

    /** Whether nothing has come since an exchange was begun, which may have been cancelled meanwhile. */
    boolean isOwing() {
        return liveness.isOwing();
    }

    /** Whether it was found dead, which only HTTP/2 can say. */
    boolean isDead() {
        return liveness.isDead();
    }

    /** What is to be done to know whether the peer lives: nothing, where that cannot be known. */
    Liveness.Step checkLife(long now) {
        return multiplexed ? liveness.check(now) : Liveness.Step.NOTHING;
    }

    /** Sends a PING; the task runs when the peer has acknowledged it. */
    void ping(long now, Runnable onAcknowledged) {
        connection.ping(Buffer.buffer(8).appendLong(now)).onSuccess(acknowledged -> {
            liveness.acknowledged();
            onAcknowledged.run();
        });
    }
}
