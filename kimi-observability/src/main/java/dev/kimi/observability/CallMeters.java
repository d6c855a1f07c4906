package dev.kimi.observability;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Turns the events of calls into meters of both families. Thread-safe. */
final class CallMeters implements CallListener {

    private final MeterProviders providers;
    private final TagValues values;
    private final Map<Series.Key, Series> all = new ConcurrentHashMap<>();

    CallMeters(MeterRegistry registry, TagValues values) {
        this.providers = new MeterProviders(registry);
        this.values = values;
    }

    @Override
    public CallObserver started(CallEvent.Started event) {
        Series series = all.computeIfAbsent(values.of(event), key -> new Series(key, providers));
        series.started();
        return new Observer(series);
    }

    /** Needs no guard of its own: an observer is called by one thread at a time. */
    private static final class Observer implements CallObserver {

        private final Series series;
        private @Nullable String failedWith;

        Observer(Series series) {
            this.series = series;
        }

        @Override
        public void attemptStarted(CallEvent.AttemptStarted event) {
            if (event.attempt() > 1) {
                series.retried(failedWith == null ? TagMapper.CREDENTIALS : failedWith);
            }
            failedWith = null;
        }

        @Override
        public void firstEvent(CallEvent.FirstEvent event) {
            series.firstEvent(event.sinceStart());
        }

        @Override
        public void attemptFinished(CallEvent.AttemptFinished event) {
            failedWith = event.failure() == null ? null : TagMapper.error(event.failure());
            series.attempted(event);
        }

        @Override
        public void finished(CallEvent.Finished event) {
            series.finished(event);
        }
    }
}
