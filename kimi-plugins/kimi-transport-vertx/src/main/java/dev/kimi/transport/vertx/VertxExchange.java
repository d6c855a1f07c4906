package dev.kimi.transport.vertx;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, from queue to end. Everything but {@link #request}, {@link #abort}, {@link #phase} and
 * {@link #submit} runs on the loop's thread; an abort from elsewhere raises a flag that silences the handler at once,
 * and then does its work there.
 */
final class VertxExchange
        implements Exchange,
                Handler<Void>,
                WaitQueue.Waiter,
                SentRequest.Listener,
                VertxResponse.Listener,
                TransportLoop.CloseListener {

    /** How often a connection that closed before anything was written is replaced by another. */
    private static final int MAX_REPLACEMENTS = 3;

    private final TransportRequest message;
    private final ExchangeHandler handler;
    private final TransportLoop loop;
    private final LoopExecutor executor;
    private final TimeSource time;
    private final BodyFlow flow = new BodyFlow();
    private volatile boolean cancelled;
    /** Where the exchange waits for a connection, as whoever cancels it wants to know; null when it has one. */
    private volatile @Nullable OriginPool waitsIn;

    private State state = State.NEW;
    private @Nullable OriginPool pool;
    private @Nullable SentRequest request;
    private @Nullable VertxResponse response;
    private int replacements;

    VertxExchange(TransportRequest message, ExchangeHandler handler, TransportLoop loop, TimeSource time) {
        this.message = message;
        this.handler = handler;
        this.loop = loop;
        this.executor = loop.executor();
        this.time = time;
    }

    /** Passes the exchange to its loop; on a closed transport it fails, on the timer's thread if there is one. */
    void submit(Timer timer) {
        loop.counters().assigned.incrementAndGet();
        if (executor.execute(this)) {
            return;
        }
        over();
        Runnable reject = () -> report(TransportFailures.closed());
        try {
            timer.schedule(0, reject);
        } catch (IllegalStateException timerClosed) {
            reject.run();
        }
    }

    /** Begins, on the loop's thread. */
    @Override
    public void handle(Void begin) {
        if (cancelled) {
            over();
            return;
        }
        if (executor.isClosed()) {
            fail(TransportFailures.closed());
            return;
        }
        if (message.remainingNanos() <= 0) {
            fail(TransportFailures.late());
            return;
        }
        OriginPool found;
        try {
            found = loop.pool(message.origin());
        } catch (IllegalArgumentException noOrigin) {
            fail(TransportFailure.of(TransportFailure.Kind.CONNECT, true, noOrigin));
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
        if (executor.inThread()) {
            deliver();
        } else {
            executor.execute(later -> deliver());
        }
    }

    private void deliver() {
        if (response != null) {
            response.deliver();
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

    @Override
    public void abort() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        if (executor.inThread()) {
            cancel();
        } else {
            executor.execute(later -> cancel());
        }
    }

    private void cancel() {
        State was = state;
        over();
        if (was == State.WAITING && pool != null) {
            pool.cancel(this);
        } else if ((was == State.SENT || was == State.RESPONDING) && request != null) {
            request.cancel();
        }
    }

    @Override
    public void onQueued() {
        waitsIn = pool;
    }

    @Override
    public void onConnection(PooledConnection connection) {
        if (pool == null) {
            return;
        }
        if (waitsIn != null) {
            waitsIn = null;
            if (message.remainingNanos() <= 0) {
                pool.release(connection);
                fail(TransportFailures.late());
                return;
            }
        }
        state = State.SENT;
        request = new SentRequest(message, connection, pool, time, this);
        request.send();
    }

    @Override
    public void onNoConnection(TransportFailure failure) {
        fail(failure);
    }

    /** That is between the pool and the connection, so another connection carries the request. */
    @Override
    public void onNotBegun(TransportFailure failure) {
        if (pool == null || ++replacements > MAX_REPLACEMENTS || executor.isClosed()) {
            fail(failure);
        } else {
            state = State.WAITING;
            pool.acquire(this);
        }
    }

    @Override
    public void onResponse(HttpClientResponse arrived, Headers headers) {
        if (!cancelled && request != null) {
            state = State.RESPONDING;
            response = new VertxResponse(arrived, request, flow, handler, this);
            response.begin(headers);
        }
    }

    /** Ignored when the exchange is over or its response has come to its end. */
    @Override
    public void onBroken(Throwable cause) {
        boolean runs = state == State.SENT || (state == State.RESPONDING && response != null && !response.isOver());
        if (!runs || request == null) {
            return;
        }
        if (executor.isClosed()) {
            TransportFailure closed = request.closed(cause);
            over();
            request.cancel();
            report(closed);
            return;
        }
        TransportFailure failure = request.failure(cause);
        if (failure.kind() == TransportFailure.Kind.IDLE_CLOSE && pool != null) {
            pool.distrust();
        }
        if (response != null) {
            response.breakOff(failure, executor);
        } else {
            over();
            request.cancel();
            report(failure);
        }
    }

    @Override
    public void onBodyFailed(TransportFailure failure) {
        if (request != null && (state == State.SENT || state == State.RESPONDING)) {
            over();
            request.cancel();
            report(failure);
        }
    }

    @Override
    public boolean isWanted() {
        return state == State.RESPONDING && !cancelled;
    }

    /** It is on no connection any more that would notify it of its end, when the transport closes. */
    @Override
    public void onUnread() {
        loop.add(this);
    }

    @Override
    public void onComplete(Headers trailers) {
        over();
        Callbacks.complete(handler, trailers);
    }

    @Override
    public void onIncomplete(TransportFailure failure) {
        fail(failure);
    }

    @Override
    public void onThrown() {
        abort();
    }

    /** Ends an exchange that is on no connection, and has nothing left for its handler. */
    private void fail(TransportFailure failure) {
        over();
        report(failure);
    }

    /** Nothing more can be asked for. */
    @Override
    public void onClose() {
        if (state != State.OVER) {
            fail(TransportFailure.of(TransportFailure.Kind.CLOSED, false, null));
        }
    }

    private void over() {
        if (state != State.OVER) {
            state = State.OVER;
            flow.drop();
            loop.counters().assigned.decrementAndGet();
            loop.remove(this);
        }
    }

    private void report(TransportFailure failure) {
        if (!cancelled) {
            Callbacks.failure(handler, response == null ? failure : response.complete(failure));
        }
    }

    private enum State {
        NEW,
        WAITING,
        SENT,
        RESPONDING,
        OVER
    }
}
