package dev.kimi.internal.call;

import dev.kimi.event.CallListener;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import java.net.URI;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What an engine is told once.
 *
 * @param name the client's name in events, and the shard of its limits
 * @param model default model, empty when every request must name one
 * @param baseUri scheme, host, port and perhaps a path prefix
 * @param timeouts limits of the phases
 * @param listeners told of every call
 * @param callbacks where callers' code runs
 * @param time clock
 * @param timer timer
 * @param ownsTimer true when closing the engine closes the timer
 * @param random chance
 */
public record EngineSettings(
        String name,
        String model,
        URI baseUri,
        Timeouts timeouts,
        List<CallListener> listeners,
        Callbacks callbacks,
        TimeSource time,
        Timer timer,
        boolean ownsTimer,
        RandomGenerator random) {}
