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
        Series series = all.computeIfAbsent(values.of(event), key -> new Series(key, providers, values));
        series.started();
        return new Observer(series);
    }

    /** Needs no guard of its own: an observer is called by one thread at a time. */
    private static final class Observer implements CallObserver {

        private final Series series;
        private @Nullable String failedWith;
        /** The next attempt is the first at its endpoint. */
        private boolean arrives = true;
        /** Attempts that have not ended: one that begins beside another is no retry. */
        private int underWay;

        Observer(Series series) {
            this.series = series;
        }

        @Override
        public void onEvent(CallEvent event) {
            if (event instanceof CallEvent.AttemptStarted) {
                if (!arrives && underWay == 0) {
                    series.retried(failedWith == null ? TagMapper.CREDENTIALS : failedWith);
                }
                arrives = false;
                underWay++;
                failedWith = null;
            } else if (event instanceof CallEvent.Rerouted elsewhere) {
                arrives = true;
                series.rerouted(elsewhere);
            } else if (event instanceof CallEvent.Hedged hedged) {
                series.hedged(hedged);
            } else if (event instanceof CallEvent.FirstEvent first) {
                series.firstEvent(first.sinceStart());
            } else if (event instanceof CallEvent.AttemptFinished attempt) {
                underWay--;
                failedWith = attempt.failure() == null ? null : TagMapper.error(attempt.failure());
                series.attempted(attempt);
            } else if (event instanceof CallEvent.Finished end) {
                series.finished(end);
            }
        }
    }
}
