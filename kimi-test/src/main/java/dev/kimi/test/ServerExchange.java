package dev.kimi.test;

import dev.kimi.test.ReceivedRequest.Ending;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response, from the head to the one ending. Lives on the event loop. Whatever happens, {@link #end}
 * takes effect once: it takes the timer back and runs what was left for the end.
 */
final class ServerExchange {

    private static final long INTERNAL_ERROR = 2;
    private static final long REFUSED_STREAM = 7;

    private final HttpServerRequest request;
    private final ReceivedRequest received;
    private final Ticker ticker;
    private final RequestLog log;
    private final LongAdder bytesSent;
    private @Nullable Runnable timer;
    private @Nullable Runnable atEnd;
    private @Nullable Future<Void> lastWrite;
    private boolean over;
    private boolean blocked;

    ServerExchange(
            HttpServerRequest request, ReceivedRequest received, Ticker ticker, RequestLog log, LongAdder bytesSent) {
        this.request = request;
        this.received = received;
        this.ticker = ticker;
        this.log = log;
        this.bytesSent = bytesSent;
        HttpServerResponse response = request.response();
        response.exceptionHandler(this::failed);
        response.closeHandler(ignored -> end(http2() ? Ending.RESET_BY_CLIENT : Ending.CLOSED_BY_CLIENT));
        log.opened();
    }

    HttpServerRequest request() {
        return request;
    }

    HttpServerResponse response() {
        return request.response();
    }

    ReceivedRequest received() {
        return received;
    }

    boolean over() {
        return over;
    }

    boolean http2() {
        return request.version() == HttpVersion.HTTP_2;
    }

    long nanoTime() {
        return ticker.nanoTime();
    }

    /** Runs the task after the delay unless the exchange is over by then. */
    void later(long nanos, Runnable task) {
        if (nanos <= 0) {
            task.run();
            return;
        }
        timer = ticker.after(nanos, () -> {
            timer = null;
            if (!over) {
                task.run();
            }
        });
    }

    /** Runs the task when the client has read enough for more to be sent. */
    void whenDrained(Runnable task) {
        setBlocked(true);
        response().drainHandler(ignored -> {
            setBlocked(false);
            task.run();
        });
    }

    private void setBlocked(boolean now) {
        if (blocked != now) {
            blocked = now;
            log.blocked(now ? 1 : -1);
        }
    }

    /** Runs the task after whatever else the event loop has to do. */
    void nextTurn(Runnable task) {
        Objects.requireNonNull(Vertx.currentContext(), "not on an event loop").runOnContext(ignored -> task.run());
    }

    /** Runs the task when the stage has completed, in whatever way, unless the exchange is over by then. */
    void when(CompletionStage<?> stage, Runnable task) {
        Context loop = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
        stage.whenComplete((result, failure) -> loop.runOnContext(ignored -> {
            if (!over) {
                task.run();
            }
        }));
    }

    /** Runs the task when the exchange ends. */
    void atEnd(Runnable task) {
        Runnable before = atEnd;
        atEnd = before == null
                ? task
                : () -> {
                    before.run();
                    task.run();
                };
    }

    void write(Buffer bytes) {
        bytesSent.add(bytes.length());
        lastWrite = response().write(bytes);
    }

    /** Sends what is left and completes. */
    void finish(@Nullable Buffer last) {
        received.statusSent(response().getStatusCode());
        if (last == null) {
            response().end().onComplete(sent -> end(sent.succeeded() ? Ending.COMPLETED : Ending.CLOSED_BY_CLIENT));
        } else {
            bytesSent.add(last.length());
            response().end(last).onComplete(sent -> end(sent.succeeded() ? Ending.COMPLETED : Ending.CLOSED_BY_CLIENT));
        }
    }

    /** Breaks off once everything written is out. */
    void cutAfterWrites(boolean reset) {
        Future<Void> written = lastWrite;
        if (written == null) {
            cut(reset);
        } else {
            written.onComplete(ignored -> cut(reset));
        }
    }

    /** Breaks off at once: closes the connection, or resets the stream on HTTP/2. */
    void cut(boolean reset) {
        if (over) {
            return;
        }
        end(Ending.CUT);
        if (http2()) {
            response().reset(INTERNAL_ERROR);
        } else {
            Sockets.close(request.connection(), reset);
        }
    }

    /** Breaks off in the middle of a chunk that was promised to be longer. */
    void tear(byte[] beginning, int promised, boolean reset) {
        bytesSent.add(beginning.length);
        if (http2() || !response().isChunked()) {
            lastWrite = response().write(Buffer.buffer(beginning));
            cutAfterWrites(reset);
        } else {
            Sockets.writeTornChunk(request.connection(), beginning, promised, () -> cut(reset));
        }
    }

    /** Says that nothing was processed. */
    void refuseStream() {
        end(Ending.CUT);
        if (http2()) {
            response().reset(REFUSED_STREAM);
        } else {
            Sockets.close(request.connection(), false);
        }
    }

    /** The request broke off, in either direction. */
    void failed(Throwable cause) {
        boolean reset = cause instanceof StreamResetException;
        end(reset ? Ending.RESET_BY_CLIENT : Ending.CLOSED_BY_CLIENT);
    }

    private void end(Ending ending) {
        if (over) {
            return;
        }
        over = true;
        setBlocked(false);
        if (timer != null) {
            timer.run();
            timer = null;
        }
        if (atEnd != null) {
            atEnd.run();
        }
        log.ended(received, ending);
    }
}
