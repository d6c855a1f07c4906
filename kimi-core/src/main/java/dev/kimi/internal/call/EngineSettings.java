package dev.kimi.internal.call;

import dev.kimi.event.CallListener;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import java.util.List;

/**
 * What an engine is given once.
 *
 * @param name the client's name in events
 * @param timeouts limits of the phases
 * @param listeners notified of every call
 * @param callbacks where callers' code runs
 * @param time clock
 * @param timer timer
 */
public record EngineSettings(
        String name,
        Timeouts timeouts,
        List<CallListener> listeners,
        CallbackExecutors callbacks,
        TimeSource time,
        Timer timer) {}
