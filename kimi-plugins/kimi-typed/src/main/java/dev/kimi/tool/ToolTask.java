package dev.kimi.tool;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.ToolCall;
import dev.kimi.schema.internal.UnfitJsonException;
import dev.kimi.schema.internal.Values;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile long startNanos;
    private volatile Timer.@Nullable Timeout timeout;
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
        timeout = settings.timer()
                .schedule(limit.toNanos(), () -> ForkJoinPool.commonPool().execute(this::timedOut));
        if (ended.get()) {
            release();
            return;
        }
        try {
            settings.executor().execute(this);
        } catch (RejectedExecutionException e) {
            fail("The tool could not be started.");
        }
    }

    /** Ends it without an outcome. */
    void cancel() {
        if (ended.compareAndSet(false, true)) {
            release();
            outcome.cancel(true);
        }
    }

    /** Before anybody learns of the end: what comes next may be the end of everything. */
    private void release() {
        Timer.Timeout scheduled = timeout;
        if (scheduled != null) {
            scheduled.cancel();
        }
        interruptRunner();
    }

    private void timedOut() {
        fail("The tool took longer than " + limit.toMillis() + " ms and was stopped.");
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
        if (ended.get()) {
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
        if (failure instanceof UnfitJsonException unfit) {
            fail("Invalid arguments: " + unfit.reason() + ".");
        } else if (failure != null) {
            fail(errorText(root(failure)));
        } else {
            succeed(value);
        }
    }

    private String errorText(Throwable failure) {
        try {
            return settings.errorText().apply(failure);
        } catch (RuntimeException e) {
            return "The tool failed.";
        }
    }

    private void succeed(@Nullable Object value) {
        List<ContentPart> content;
        try {
            content = content(value);
        } catch (RuntimeException e) {
            fail("The result of the tool could not be written.");
            return;
        }
        end(content, false);
    }

    private static List<ContentPart> content(@Nullable Object value) {
        if (value instanceof ContentPart part) {
            return List.of(part);
        }
        if (value instanceof List<?> list && !list.isEmpty() && list.stream().allMatch(ContentPart.class::isInstance)) {
            return list.stream().map(ContentPart.class::cast).toList();
        }
        return List.of(ContentPart.text(value instanceof String text ? text : Values.write(value)));
    }

    private static Throwable root(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Chat completions have no field for errors, so that the text says it too. */
    private void fail(String text) {
        end(List.of(ContentPart.text("Error: " + text)), true);
    }

    private void end(List<ContentPart> content, boolean error) {
        if (ended.compareAndSet(false, true)) {
            release();
            Duration elapsed = Duration.ofNanos(settings.time().nanoTime() - startNanos);
            outcome.complete(new ToolOutcome(new ContentPart.ToolResult(call.id(), content, error), elapsed));
        }
    }
}
