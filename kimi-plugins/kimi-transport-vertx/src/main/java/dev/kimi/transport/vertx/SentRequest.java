package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request on the connection that its pool has given it, until it leaves that, in good order or not. Belongs to its
 * loop's thread.
 */
final class SentRequest implements RequestWriter.Listener {

    /** Longest time after a request within which the end of its connection has crossed it. */
    private static final long CROSSING_NANOS = 1_000_000_000;
    /** HTTP/2's code for "no longer wanted". */
    private static final long CANCEL = 8;

    private final TransportRequest message;
    private final OriginPool pool;
    private final RequestWriter writer;
    private final Listener listener;
    private final boolean reused;
    /** Null once it has left. */
    private @Nullable PooledConnection connection;

    private @Nullable HttpClientRequest request;
    private boolean responded;
    private boolean reusable;

    /** @param connection of the pool, on which this is counted in */
    SentRequest(
            TransportRequest message,
            PooledConnection connection,
            OriginPool pool,
            TimeSource time,
            Listener listener) {
        this.message = message;
        this.connection = connection;
        this.pool = pool;
        this.writer = new RequestWriter(message, pool.loop(), time, this);
        this.listener = listener;
        this.reused = connection.isReused();
    }

    /** Is notified of what becomes of the request. */
    interface Listener {

        /** The connection was closed, and nothing was written to it; the request has left it. */
        void onNotBegun(TransportFailure failure);

        /** Status and headers have come. */
        void onResponse(HttpClientResponse response, Headers headers);

        /** The request, or the response to it, cannot go on; it has not left the connection. May come repeatedly. */
        void onBroken(Throwable cause);

        /** The source of the body failed; the request has not left the connection. */
        void onBodyFailed(TransportFailure failure);
    }

    void send() {
        PooledConnection used = Objects.requireNonNull(connection);
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.valueOf(message.method()))
                .setURI(message.target());
        Future<HttpClientRequest> created = used.request(options);
        if (created.succeeded()) {
            write(created.result());
        } else {
            created.onComplete((late, failure) -> {
                if (failure == null) {
                    write(late);
                } else {
                    notBegun(failure);
                }
            });
        }
    }

    private void notBegun(Throwable cause) {
        PooledConnection dead = connection;
        if (dead != null) {
            connection = null;
            pool.retire(dead);
            pool.abandon(dead);
            listener.onNotBegun(
                    TransportFailures.exchange(cause, TransportFailures.Progress.notBegun(reused), dead.headerLimit()));
        }
    }

    private void write(HttpClientRequest created) {
        request = created;
        if (connection == null) {
            created.reset(CANCEL);
            return;
        }
        try {
            // without one, Vert.x logs as an error what the response's future says as well
            created.exceptionHandler(known -> {});
            created.response().onComplete(this::received);
            writer.write(created);
        } catch (IllegalArgumentException badHeader) {
            listener.onBroken(badHeader);
        }
    }

    @Override
    public void onWriteFailed(Throwable cause) {
        // a response that came before the whole request was read may still be whole
        if (!responded) {
            listener.onBroken(cause);
        }
    }

    @Override
    public void onBodyFailed(@Nullable Throwable cause, @Nullable String detail) {
        listener.onBodyFailed(TransportFailure.builder(TransportFailure.Kind.REQUEST_BODY)
                .unprocessed(!mayBeProcessed())
                .cause(cause)
                .detail(detail)
                .build());
    }

    private void received(@Nullable HttpClientResponse response, @Nullable Throwable failure) {
        if (response != null) {
            // without one, Vert.x logs as an error that a response was cancelled, which its caller wanted
            response.exceptionHandler(listener::onBroken);
        }
        PooledConnection used = connection;
        if (used == null) {
            return;
        }
        if (response == null) {
            listener.onBroken(Objects.requireNonNull(failure));
            return;
        }
        Headers headers;
        try {
            headers = headers(response.headers());
        } catch (IllegalArgumentException badHeader) {
            listener.onBroken(badHeader);
            return;
        }
        reusable = used.received(response);
        responded = true;
        listener.onResponse(response, headers);
    }

    /** @throws IllegalArgumentException if one of them could split a message */
    static Headers headers(MultiMap received) {
        if (received.isEmpty()) {
            return Headers.empty();
        }
        Headers.Builder builder = Headers.builder();
        for (Map.Entry<String, String> entry : received) {
            builder.add(entry.getKey(), entry.getValue());
        }
        return builder.build();
    }

    /** Something of the response's body has come. */
    void hear() {
        if (connection != null) {
            connection.hear();
        }
    }

    /** The response ends in trailers that no response may have. */
    void broken(IllegalArgumentException badTrailer) {
        listener.onBroken(badTrailer);
    }

    /** The handler is given so much of the response's body. */
    void consumed(int bytes) {
        if (connection != null && request != null) {
            connection.consumed(request.streamId(), bytes);
        }
    }

    /** The response has come to its end, and the connection is free for others. */
    void leave() {
        PooledConnection used = connection;
        connection = null;
        if (used == null) {
            return;
        }
        writer.stop();
        if (writer.isWritten() && reusable) {
            pool.release(used);
        } else {
            pool.abandon(used);
            if (used.isMultiplexed() && !writer.isWritten() && request != null) {
                reset(request, used);
            }
        }
    }

    /** Resets the stream, which on HTTP/1.1 closes the connection. */
    void cancel() {
        // counted before it is done, so that whoever sees the reset at the other end finds the pool right
        PooledConnection used = connection;
        leaveBroken();
        // a reset of a stream that the server never began is to some servers an error of the whole connection
        if (request != null && (used == null || !used.rejects(request.streamId()))) {
            reset(request, used);
        }
    }

    /** Gives the connection back to its pool, which on HTTP/1.1 closes it. */
    void leaveBroken() {
        PooledConnection used = connection;
        connection = null;
        writer.stop();
        if (used != null) {
            if (request == null || (used.isMultiplexed() && request.streamId() < 0)) {
                // Vert.x never stops to count a stream that was not opened
                pool.retire(used);
            }
            pool.abandon(used);
        }
    }

    private void reset(HttpClientRequest sent, @Nullable PooledConnection used) {
        Future<Void> reset = sent.reset(CANCEL);
        if (used != null && used.isMultiplexed() && !used.hasWritten(reset)) {
            // the peer does not read: another request would wait, or fail by what HTTP/2 still counts as under way
            pool.retire(used);
        }
    }

    /** Breaks the stream off at this end too, when nothing is to be expected of it any more. */
    void resetBroken() {
        if (request != null) {
            request.reset(CANCEL);
        }
    }

    private boolean mayBeProcessed() {
        return responded || writer.mayBeProcessed();
    }

    /** Why the transport's closing has ended it. */
    TransportFailure closed(Throwable cause) {
        return TransportFailure.of(TransportFailure.Kind.CLOSED, !mayBeProcessed(), cause);
    }

    /** What the cause says that has broken it; to be asked before it leaves the connection. */
    TransportFailure failure(Throwable cause) {
        PooledConnection used = Objects.requireNonNull(connection);
        if (used.isMultiplexed() && !responded && request != null) {
            long stream = request.streamId();
            if (used.rejects(stream) || TransportFailures.isRejected(cause, stream)) {
                return TransportFailure.of(TransportFailure.Kind.REFUSED, true, cause);
            }
        }
        if (used.isDead()) {
            return TransportFailure.of(TransportFailure.Kind.PING_TIMEOUT, !mayBeProcessed(), cause);
        }
        // ending now, it was ending when the request was written, as far as one can tell
        boolean crossed = used.isUnanswered() && writer.isWrittenWithin(CROSSING_NANOS);
        return TransportFailures.exchange(
                cause,
                new TransportFailures.Progress(mayBeProcessed(), responded, reused, crossed),
                used.headerLimit());
    }
}
