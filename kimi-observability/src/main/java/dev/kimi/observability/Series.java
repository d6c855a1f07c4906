package dev.kimi.observability;

import dev.kimi.event.CallEvent;
import dev.kimi.observability.KimiMeter.Tag;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The meters of calls that have client, operation and model in common. A registry looks a meter up in about a
 * microsecond; here it is one read of a small map. Thread-safe.
 */
final class Series {

    /** What distinguishes one series from another. */
    record Key(String client, String operation, String model) {}

    private record End(String outcome, String status, String error) {}

    private record EndMeters(DistributionSummary millis, Timer seconds) {}

    private record AttemptEnd(String status, String error) {}

    private final Key key;
    private final MeterProviders providers;
    private final AtomicInteger inFlight;
    private final Map<End, EndMeters> ends = new ConcurrentHashMap<>();
    private final Map<AttemptEnd, Timer> attempts = new ConcurrentHashMap<>();
    private final Map<String, Counter> retries = new ConcurrentHashMap<>();
    private final Map<String, Counter> tokens = new ConcurrentHashMap<>();
    /** Made when a stream first has an event; made twice in a race, it is the same meter. */
    private volatile @Nullable Timer firstEvent;

    Series(Key key, MeterProviders providers) {
        this.key = key;
        this.providers = providers;
        this.inFlight = providers.inFlight(key.client(), key.operation());
    }

    void started() {
        inFlight.incrementAndGet();
    }

    void attempted(CallEvent.AttemptFinished event) {
        AttemptEnd end =
                new AttemptEnd(TagMapper.status(event.status(), event.failure()), TagMapper.error(event.failure()));
        attempts.computeIfAbsent(end, this::attempt).record(event.duration());
    }

    void firstEvent(Duration sinceStart) {
        Timer timer = firstEvent;
        if (timer == null) {
            timer = providers.firstEvent(
                    Tags.of(Tag.CLIENT.asString(), key.client(), Tag.MODEL.asString(), key.model()));
            firstEvent = timer;
        }
        timer.record(sinceStart);
    }

    void retried(String reason) {
        retries.computeIfAbsent(reason, this::retry).increment();
    }

    void finished(CallEvent.Finished event) {
        inFlight.decrementAndGet();
        End end = new End(
                TagMapper.outcome(event.outcome()),
                TagMapper.status(event.status(), event.failure()),
                TagMapper.error(event.failure()));
        EndMeters meters = ends.computeIfAbsent(end, this::end);
        meters.millis().record(event.duration().toNanos() / 1e6);
        meters.seconds().record(event.duration());
        countTokens("prompt", event.promptTokens());
        countTokens("completion", event.completionTokens());
    }

    private void countTokens(String type, long count) {
        if (count >= 0) {
            tokens.computeIfAbsent(type, this::token).increment(count);
        }
    }

    private EndMeters end(End end) {
        return new EndMeters(
                providers.requestDuration(
                        Tags.of(Tag.METHOD.asString(), key.operation(), Tag.STATUS_CODE.asString(), end.status())),
                providers.request(clientOperationModel()
                        .and(
                                Tag.OUTCOME.asString(),
                                end.outcome(),
                                Tag.STATUS.asString(),
                                end.status(),
                                Tag.ERROR_TYPE.asString(),
                                end.error())));
    }

    private Timer attempt(AttemptEnd end) {
        return providers.attempt(clientOperationModel()
                .and(Tag.STATUS.asString(), end.status(), Tag.ERROR_TYPE.asString(), end.error()));
    }

    private Counter retry(String reason) {
        return providers.retries(Tags.of(
                Tag.CLIENT.asString(),
                key.client(),
                Tag.OPERATION.asString(),
                key.operation(),
                Tag.REASON.asString(),
                reason));
    }

    private Counter token(String type) {
        return providers.tokens(Tags.of(
                Tag.CLIENT.asString(), key.client(), Tag.MODEL.asString(), key.model(), Tag.TYPE.asString(), type));
    }

    private Tags clientOperationModel() {
        return Tags.of(
                Tag.CLIENT.asString(),
                key.client(),
                Tag.OPERATION.asString(),
                key.operation(),
                Tag.MODEL.asString(),
                key.model());
    }
}
