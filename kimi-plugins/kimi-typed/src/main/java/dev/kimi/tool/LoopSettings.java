package dev.kimi.tool;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What all runs of a loop have in common.
 *
 * @param tools what the model may call
 * @param maxRounds how many calls of the service a run may make
 * @param deadline how long a run may take
 * @param toolTimeout how long a tool may take that has no limit of its own
 * @param executor where tools run
 * @param errorText what the model gets when a tool fails
 */
record LoopSettings(
        Tools tools,
        int maxRounds,
        Duration deadline,
        Duration toolTimeout,
        Executor executor,
        Timer timer,
        TimeSource time,
        Function<? super Throwable, String> errorText) {

    /** For a run that begins on this thread: its tools see of the thread what {@code context} carries over. */
    LoopSettings inContext(UnaryOperator<Executor> context) {
        return new LoopSettings(
                tools, maxRounds, deadline, toolTimeout, context.apply(executor), timer, time, errorText);
    }
}
