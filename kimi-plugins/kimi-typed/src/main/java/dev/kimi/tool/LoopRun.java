package dev.kimi.tool;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Message;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.time.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of a loop: a call of the service, its tools, the next call. It ends when its result does, whoever completes
 * that, and then cancels what is under way. Nothing waits in it: each step is taken by the thread that ended the one
 * before.
 */
final class LoopRun {

    private static final String PAUSED = "pause_turn";

    private final LoopSettings settings;
    private final BiFunction<Integer, ChatRequest, CompletableFuture<ChatResponse>> calls;
    private final Consumer<? super ToolLoopEvent> events;
    private final CompletableFuture<ToolLoopResult> result = new CompletableFuture<>();
    private volatile Round latest;
    /** Cancels the call or the tools; null once the run has ended. Guarded by this. */
    private @Nullable Runnable underWay = () -> {};

    /** What is asked in a round, and what the rounds that have ended have used. */
    private record Round(int number, ChatRequest request, Usage usage) {}

    /**
     * @param calls makes the call of a round; cancelling the future cancels it
     * @param events notified of events, from any thread and of several at a time
     */
    LoopRun(
            LoopSettings settings,
            ChatRequest request,
            BiFunction<Integer, ChatRequest, CompletableFuture<ChatResponse>> calls,
            Consumer<? super ToolLoopEvent> events) {
        this.settings = settings;
        this.calls = calls;
        this.events = events;
        this.latest = new Round(1, offer(request), Usage.NONE);
    }

    /** Cancelling or completing it ends the run. */
    CompletableFuture<ToolLoopResult> result() {
        return result;
    }

    /** Once, and only unless the result has ended. */
    void start() {
        Timer.Timeout deadline = settings.timer()
                .schedule(
                        settings.deadline().toNanos(),
                        () -> ForkJoinPool.commonPool().execute(this::timedOut));
        result.whenComplete((end, failure) -> {
            deadline.cancel();
            cancelUnderWay();
        });
        step(() -> ask(latest));
    }

    private void timedOut() {
        Round round = latest;
        result.completeExceptionally(
                new ToolLoopException.TimedOut(settings.deadline(), round.request(), round.usage(), round.number()));
    }

    /** Adds the tools that the request does not offer yet, as when it goes on with an earlier conversation. */
    private ChatRequest offer(ChatRequest request) {
        List<String> offered = request.tools().stream().map(Tool::name).toList();
        for (Tool tool : request.tools()) {
            if (!tool.builtin() && settings.tools().function(tool.name()) == null) {
                throw new IllegalArgumentException(
                        "the request offers the tool '" + tool.name() + "', but nothing runs it: add it to the Tools");
            }
        }
        return request.toBuilder()
                .tools(settings.tools().definitions().stream()
                        .filter(tool -> !offered.contains(tool.name()))
                        .toList())
                .build();
    }

    /** What happens within a call. */
    void take(ToolLoopEvent event) {
        step(() -> notify(event));
    }

    private void ask(Round round) {
        latest = round;
        notify(new ToolLoopEvent.RoundStarted(round.number()));
        if (result.isDone()) {
            return;
        }
        CompletableFuture<ChatResponse> call = calls.apply(round.number(), round.request());
        if (hold(() -> call.cancel(true))) {
            call.whenComplete((response, failure) -> step(() -> ended(round, response, failure)));
        }
    }

    private void ended(Round round, @Nullable ChatResponse response, @Nullable Throwable failure) {
        if (response == null) {
            result.completeExceptionally(
                    failure instanceof CompletionException wrapped && wrapped.getCause() != null
                            ? wrapped.getCause()
                            : failure);
            return;
        }
        notify(new ToolLoopEvent.RoundEnded(round.number(), response));
        Usage usage = round.usage().plus(response.usage());
        CalledTools called = CalledTools.of(response);
        boolean paused = response.finishReason().value().equals(PAUSED);
        if (called.calls().isEmpty() && !paused) {
            ChatRequest asked = round.request();
            ChatRequest conversation =
                    CalledTools.canGoOn(response) ? asked.after(response).build() : asked;
            result.complete(new ToolLoopResult(response, conversation, usage, round.number()));
        } else if (round.number() >= settings.maxRounds()) {
            result.completeExceptionally(new ToolLoopException.RoundsExhausted(round.request(), usage, round.number()));
        } else if (called.calls().isEmpty()) {
            ask(new Round(round.number() + 1, round.request().after(response).build(), usage));
        } else {
            latest = new Round(round.number(), round.request(), usage);
            run(called, latest);
        }
    }

    private void run(CalledTools called, Round round) {
        List<ToolTask> tasks = called.calls().stream()
                .map(each -> new ToolTask(function(each, round.request()), each.call(), settings))
                .toList();
        if (!hold(() -> tasks.forEach(ToolTask::cancel))) {
            return;
        }
        AtomicInteger left = new AtomicInteger(tasks.size());
        for (int i = 0; i < tasks.size(); i++) {
            ToolTask task = tasks.get(i);
            ToolCall call = called.calls().get(i).call();
            notify(new ToolLoopEvent.ToolStarted(round.number(), call));
            task.outcome()
                    .whenComplete((outcome, cancelled) -> step(() -> {
                        if (outcome != null) {
                            notify(new ToolLoopEvent.ToolEnded(
                                    round.number(), call, outcome.result(), outcome.elapsed()));
                            if (left.decrementAndGet() == 0) {
                                ask(next(tasks, called.turn(), round));
                            }
                        }
                    }));
            task.start();
        }
    }

    /** In the order of the calls, not of the ends. A choice that forces a tool would force it for ever. */
    private static Round next(List<ToolTask> tasks, Message turn, Round round) {
        ChatRequest.Builder next = round.request().toBuilder().message(turn);
        for (ToolTask task : tasks) {
            next.message(Message.toolResult(task.outcome().join().result()));
        }
        if (round.request().toolChoice() != null) {
            next.toolChoice(Tool.Choice.AUTO);
        }
        return new Round(round.number() + 1, next.build(), round.usage());
    }

    /** One that nobody knows, or whose arguments cannot be read, gets an error. */
    private ToolFunction function(CalledTools.Called called, ChatRequest request) {
        if (called.unreadable() != null) {
            return StandIns.unreadable(called.unreadable());
        }
        String name = called.call().name();
        ToolFunction function = settings.tools().function(name);
        if (function != null) {
            return function;
        }
        for (Tool tool : request.tools()) {
            if (tool.builtin() && tool.name().equals(name)) {
                return StandIns.builtin(tool);
            }
        }
        return StandIns.unknown(
                settings.tools().definitions().stream().map(Tool::name).toList());
    }

    /** Lets what is under way be cancelled; if the run has ended already, it is cancelled now. */
    private boolean hold(Runnable cancel) {
        synchronized (this) {
            if (underWay != null) {
                underWay = cancel;
                return true;
            }
        }
        cancel.run();
        return false;
    }

    private void cancelUnderWay() {
        Runnable cancel;
        synchronized (this) {
            cancel = underWay;
            underWay = null;
        }
        if (cancel != null) {
            cancel.run();
        }
    }

    private void notify(ToolLoopEvent event) {
        if (!result.isDone()) {
            events.accept(event);
        }
    }

    /** What a step throws, such as an observer's failure, ends the run. */
    private void step(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }
}
