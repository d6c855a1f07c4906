package dev.kimi.transport.vertx;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.time.Timer;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Everything but {@link #request}, {@link #abort} and {@link #submit} runs on the loop's
 * thread; an abort from elsewhere raises a flag that silences the handler at once, and then does its work there.
 */
final class VertxExchange implements Exchange, Handler<Void> {

    /** How often a connection that closed before anything was written is replaced by another. */
    private static final int MAX_REPLACEMENTS = 3;
    /** Longest time after a request within which the end of its connection has crossed it. */
    private static final long CROSSING_NANOS = 1_000_000_000;
    /** HTTP/2's word for "no longer wanted". */
    private static final long CANCEL = 8;

    private final TransportRequest message;
    private final ExchangeHandler handler;
    private final TransportLoop loop;
    private final BodyFlow flow = new BodyFlow();
    private volatile boolean aborted;
    /** Where the exchange waits for a connection, as whoever gives up wants to know; null when it has one. */
    private volatile @Nullable OriginPool waitsIn;

    private State state = State.NEW;
    private @Nullable OriginPool pool;
    private @Nullable PooledConnection connection;
    private @Nullable HttpClientRequest request;
    private @Nullable Answer answer;
    private long waitUntilNanos;
    private int replacements;
    private boolean reused;
    private boolean written;
    private long writtenAtNanos;
    private boolean reusable = true;

    VertxExchange(TransportRequest message, ExchangeHandler handler, TransportLoop loop) {
        this.message = message;
        this.handler = handler;
        this.loop = loop;
    }

    /** Passes the exchange to its loop; on a closed transport it fails, on the timer's thread if there is one. */
    void submit(Timer timer) {
        loop.assigned.incrementAndGet();
        if (loop.execute(this)) {
            return;
        }
        over();
        Runnable refuse = () -> tell(TransportLoop.closedFailure());
        try {
            timer.schedule(0, refuse);
        } catch (IllegalStateException timerClosed) {
            refuse.run();
        }
    }

    /** Begins, on the loop's thread. */
    @Override
    public void handle(Void begin) {
        if (aborted) {
            over();
            return;
        }
        if (loop.isClosed()) {
            fail(TransportLoop.closedFailure());
            return;
        }
        OriginPool found;
        try {
            found = loop.pool(message.origin());
        } catch (IllegalArgumentException noOrigin) {
            fail(new TransportFailure(TransportFailure.Kind.CONNECT, true, noOrigin));
            return;
        }
        pool = found;
        state = State.WAITING;
        found.acquire(this);
    }

    @Override
    public void request(long chunks) {
        if (chunks < 1) {
            throw new IllegalArgumentException("at least 1 chunk must be asked for, but " + chunks + " was");
        }
        flow.ask(chunks);
        if (loop.inThread()) {
            deliver();
        } else {
            loop.execute(later -> deliver());
        }
    }

    @Override
    public Phase phase() {
        OriginPool waiting = waitsIn;
        if (waiting == null) {
            return Phase.HEADERS;
        }
        return waiting.isConnecting() ? Phase.CONNECT : Phase.POOL_WAIT;
    }

    private void deliver() {
        if (answer != null) {
            answer.deliver();
        }
    }

    @Override
    public void abort() {
        if (aborted) {
            return;
        }
        aborted = true;
        if (loop.inThread()) {
            giveUp();
        } else {
            loop.execute(later -> giveUp());
        }
    }

    private void giveUp() {
        State was = state;
        over();
        if (was == State.WAITING && pool != null) {
            pool.stopWaiting(this);
        } else if (was == State.SENT || was == State.ANSWERED) {
            breakOff();
        }
    }

    /** Resets the stream, which on HTTP/1.1 closes the connection. */
    private void breakOff() {
        // counted before it is done, so that whoever sees the reset at the other end finds the pool right
        PooledConnection used = connection;
        letGo();
        // a reset of a stream that the server never began is to some servers an error of the whole connection
        if (request != null && (used == null || !used.refuses(request.streamId()))) {
            reset(request, used);
        }
    }

    /** Gives the connection back to its pool, which on HTTP/1.1 closes it. */
    private void letGo() {
        PooledConnection used = connection;
        connection = null;
        if (used != null) {
            if (request == null || (used.multiplexed && request.streamId() < 0)) {
                // Vert.x counts a stream that was never opened for ever
                used.pool.retire(used);
            }
            used.pool.abandon(used);
        }
    }

    private static void reset(HttpClientRequest sent, @Nullable PooledConnection used) {
        Future<Void> written = sent.reset(CANCEL);
        if (used != null && used.multiplexed && !used.hasWritten(written)) {
            // the peer does not read: another request would wait, or fail by what HTTP/2 still counts as under way
            used.pool.retire(used);
        }
    }

    void waitIn(OriginPool waiting, long untilNanos) {
        waitsIn = waiting;
        waitUntilNanos = untilNanos;
    }

    long waitUntil() {
        return waitUntilNanos;
    }

    /** Sends the request on the connection, which the pool has counted it in. */
    void begin(PooledConnection taken) {
        connection = taken;
        if (waitsIn != null) {
            waitsIn = null;
        }
        reused = taken.uses > 1;
        state = State.SENT;
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.valueOf(message.method()))
                .setURI(message.target());
        Future<HttpClientRequest> created = taken.connection.request(options);
        if (created.succeeded()) {
            write(created.result());
        } else {
            created.onComplete((late, failure) -> {
                if (failure == null) {
                    write(late);
                } else {
                    replace(failure);
                }
            });
        }
    }

    /** The connection was closed and nothing was written to it: that is between the pool and the connection. */
    private void replace(Throwable cause) {
        if (state != State.SENT) {
            return;
        }
        PooledConnection dead = connection;
        connection = null;
        if (dead != null) {
            dead.pool.retire(dead);
            dead.pool.abandon(dead);
        }
        if (pool == null || ++replacements > MAX_REPLACEMENTS || loop.isClosed()) {
            fail(Failures.exchange(cause, Failures.Progress.notBegun(reused)));
        } else {
            state = State.WAITING;
            pool.acquire(this);
        }
    }

    private void write(HttpClientRequest created) {
        request = created;
        if (state != State.SENT) {
            created.reset(CANCEL);
            return;
        }
        Future<Void> sent;
        try {
            MultiMap headers = created.headers();
            message.headers().forEach((name, value) -> headers.add((CharSequence) name, value));
            // without one, Vert.x logs as an error what the response's future tells as well
            created.exceptionHandler(told -> {});
            created.response().onComplete(this::answered);
            byte[] body = message.body();
            if (body.length > 0) {
                sent = created.end(BufferInternal.buffer(Unpooled.wrappedBuffer(body)));
            } else {
                if (!"GET".equals(message.method()) && !"HEAD".equals(message.method())) {
                    headers.set("content-length", "0");
                }
                sent = created.end();
            }
        } catch (IllegalArgumentException badHeader) {
            broken(badHeader);
            return;
        }
        if (sent.succeeded()) {
            isWritten();
        } else {
            sent.onComplete((done, failure) -> {
                if (failure == null) {
                    isWritten();
                }
                // an answer that came before the whole request was read may still be whole
                if (failure != null && state == State.SENT) {
                    broken(failure);
                }
            });
        }
    }

    private void isWritten() {
        written = true;
        writtenAtNanos = loop.settings.time.nanoTime();
    }

    private void answered(@Nullable HttpClientResponse arrived, @Nullable Throwable failure) {
        if (arrived != null) {
            // without one, Vert.x logs as an error that an answer was given up, which its caller wanted
            arrived.exceptionHandler(this::broken);
        }
        if (state != State.SENT) {
            return;
        }
        if (arrived == null) {
            broken(Objects.requireNonNull(failure));
            return;
        }
        PooledConnection used = connection;
        Headers headers;
        try {
            headers = Answer.headers(arrived);
        } catch (IllegalArgumentException badHeader) {
            broken(badHeader);
            return;
        }
        if (aborted || used == null) {
            return;
        }
        used.hear();
        reusable = used.multiplexed || used.keptAlive(arrived.version(), headers);
        state = State.ANSWERED;
        answer = new Answer(this, handler, arrived, flow, used);
        answer.begin(headers);
    }

    /** Whether the handler is still to be told of the answer. */
    boolean isBeingAnswered() {
        return state == State.ANSWERED && !aborted;
    }

    /** The handler is given so much of the answer's body. */
    void consumed(int bytes) {
        if (connection != null && request != null) {
            connection.consumed(request.streamId(), bytes);
        }
    }

    /** The answer has come to its end, and the connection is free for others. */
    void leave() {
        PooledConnection used = connection;
        connection = null;
        if (used == null) {
            return;
        }
        if (written && reusable) {
            used.pool.release(used);
        } else {
            used.pool.abandon(used);
            if (used.multiplexed && !written && request != null) {
                reset(request, used);
            }
        }
    }

    /** The handler has been given all of the answer. */
    void complete() {
        over();
        Callbacks.complete(handler);
    }

    /** The exchange cannot go on; ignored when it is over or its answer has come to its end. */
    void broken(Throwable cause) {
        if (state != State.SENT && (state != State.ANSWERED || (answer != null && answer.isOver()))) {
            return;
        }
        TransportFailure failure = failure(cause);
        if (failure.kind() == TransportFailure.Kind.IDLE_CLOSE && pool != null) {
            pool.distrust();
        }
        if (answer != null && !loop.isClosed()) {
            hold();
            answer.broken(failure);
            letGo();
            return;
        }
        over();
        breakOff();
        tell(failure);
    }

    private TransportFailure failure(Throwable cause) {
        boolean answered = state == State.ANSWERED;
        if (loop.isClosed()) {
            return new TransportFailure(TransportFailure.Kind.CLOSED, !answered && !written, cause);
        }
        PooledConnection used = connection;
        if (used != null && used.multiplexed && !answered && request != null) {
            long stream = request.streamId();
            if (used.refuses(stream) || Failures.refused(cause, stream)) {
                return new TransportFailure(TransportFailure.Kind.REFUSED, true, cause);
            }
        }
        if (used != null && used.unresponsive) {
            return new TransportFailure(TransportFailure.Kind.PING_TIMEOUT, !answered && !written, cause);
        }
        return Failures.exchange(cause, new Failures.Progress(written, answered, reused, crossed()));
    }

    /** Whether the connection, which ends now, was ending when the request was written, as far as one can tell. */
    private boolean crossed() {
        return written
                && connection != null
                && connection.isUnanswered()
                && loop.settings.time.nanoTime() - writtenAtNanos <= CROSSING_NANOS;
    }

    /** Has more for the handler than it asked for, and no connection any more. */
    void hold() {
        loop.holding.add(this);
    }

    /** Goes on once the loop has done what it was given until now, unless the transport is closed by then. */
    void later(Runnable task) {
        loop.execute(turn -> task.run());
    }

    /** Breaks the stream off at this end too, when nothing is to be had from it any more. */
    void resetBroken() {
        if (request != null) {
            request.reset(CANCEL);
        }
    }

    /** Ends an exchange that is on no connection, and has nothing left for its handler. */
    void fail(TransportFailure failure) {
        over();
        tell(failure);
    }

    /** The transport closes, and nothing more can be asked for. */
    void closed() {
        if (state != State.OVER) {
            over();
            tell(new TransportFailure(TransportFailure.Kind.CLOSED, false, null));
        }
    }

    private void over() {
        if (state != State.OVER) {
            state = State.OVER;
            flow.drop();
            loop.assigned.decrementAndGet();
            loop.holding.remove(this);
        }
    }

    private void tell(TransportFailure failure) {
        if (!aborted) {
            Callbacks.failure(handler, failure);
        }
    }

    private enum State {
        NEW,
        WAITING,
        SENT,
        ANSWERED,
        OVER
    }
}
