package dev.kimi.docs;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

// snippet:listener
/** The longest that a call of each client took, with its retries and waits. */
public final class SlowestCalls implements CallListener {

    private final Map<String, Duration> slowest = new ConcurrentHashMap<>();

    @Override
    public CallObserver started(CallEvent.Started call) {
        return event -> {
            if (event instanceof CallEvent.Finished end) {
                slowest.merge(call.client(), end.duration(), (one, other) -> one.compareTo(other) > 0 ? one : other);
            }
        };
    }

    Duration of(String client) {
        return slowest.getOrDefault(client, Duration.ZERO);
    }
}
// end
