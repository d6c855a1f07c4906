package dev.kimi.samples.bulk;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/** Counts the responses with status 429: being a bean is all that a listener needs. */
@Component
final class RateLimitCounter implements CallListener {

    private static final int TOO_MANY_REQUESTS = 429;

    private final AtomicLong count = new AtomicLong();
    private final CallObserver observer = event -> {
        if (event instanceof CallEvent.AttemptFinished attempt && attempt.status() == TOO_MANY_REQUESTS) {
            count.incrementAndGet();
        }
    };

    long count() {
        return count.get();
    }

    @Override
    public CallObserver started(CallEvent.Started call) {
        return observer;
    }
}
