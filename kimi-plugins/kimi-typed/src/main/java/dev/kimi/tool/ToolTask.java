package dev.kimi.tool;

import dev.kimi.chat.ToolCall;
import dev.kimi.schema.internal.UnfitJsonException;
import dev.kimi.schema.internal.Values;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One run of a tool. It ends once, with what the model gets or by being cancelled, and whatever still runs then is
 * interrupted.
 */
final class ToolTask implements Runnable {

    private final ToolFunction function;
    private final ToolCall call;
    private final LoopSettings settings;
    private final Duration limit;
    private final CompletableFuture<ToolOutcome> outcome = new CompletableFuture<>();
    private volatile long startNanos;
    private @Nullable Thread runner;
    private boolean interrupted;

    ToolTask(ToolFunction function, ToolCall call, LoopSettings settings) {
        this.function = function;
        this.call = call;
        this.settings = settings;
        this.limit = Objects.requireNonNullElse(function.timeout(), settings.toolTimeout());
    }

    CompletableFuture<ToolOutcome> outcome() {
        return outcome;
    }

    void start() {
        startNanos = settings.time().nanoTime();
        // Not on the timer's thread: what depends on the outcome begins the next call of the service.
        Timer.Timeout timeout = settings.timer()
                .schedule(limit.toNanos(), () -> ForkJoinPool.commonPool().execute(this::timedOut));
        outcome.whenComplete((done, cancelled) -> {
            timeout.cancel();
            interruptRunner();
        });
        try {
            settings.executor().execute(this);
        } catch (RejectedExecutionException e) {
            end("The tool could not be started.", true);
        }
    }

    /** Ends it without an outcome. */
    void cancel() {
        outcome.cancel(true);
    }

    private void timedOut() {
        end("The tool took longer than " + limit.toMillis() + " ms and was stopped.", true);
    }

    @Override
    public void run() {
        if (!enter()) {
            return;
        }
        Object value = null;
        Throwable failure = null;
        try {
            value = function.body().run(call.arguments());
        } catch (Throwable e) {
            failure = e;
        } finally {
            leave();
        }
        if (failure == null && value instanceof CompletionStage<?> stage) {
            await(stage);
        } else {
            end(value, failure);
        }
    }

    private synchronized boolean enter() {
        if (outcome.isDone()) {
            return false;
        }
        runner = Thread.currentThread();
        return true;
    }

    /** The thread goes back to its pool without the interrupt that was meant for the tool. */
    private synchronized void leave() {
        runner = null;
        if (interrupted) {
            Thread.interrupted();
        }
    }

    private synchronized void interruptRunner() {
        if (runner != null) {
            interrupted = true;
            runner.interrupt();
        }
    }

    private void await(CompletionStage<?> stage) {
        stage.whenComplete(this::end);
        outcome.whenComplete((done, cancelled) -> {
            if (stage instanceof CompletableFuture<?> future) {
                future.cancel(true);
            }
        });
    }

    private void end(@Nullable Object value, @Nullable Throwable failure) {
        if (failure instanceof UnfitJsonException) {
            end("Invalid arguments: " + failure.getMessage() + ".", true);
        } else if (failure != null) {
            end(settings.errorText().apply(root(failure)), true);
        } else {
            write(value);
        }
    }

    private void write(@Nullable Object value) {
        String text;
        try {
            text = value instanceof String string ? string : Values.write(value);
        } catch (RuntimeException e) {
            end("The result of the tool could not be written.", true);
            return;
        }
        end(text, false);
    }

    private static Throwable root(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private void end(String text, boolean error) {
        Duration elapsed = Duration.ofNanos(settings.time().nanoTime() - startNanos);
        outcome.complete(new ToolOutcome(text, error, elapsed));
    }
}
