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

    private record End(String outcome, String endpoint, String status, String error) {}

    private record EndMeters(DistributionSummary millis, Timer seconds) {}

    private record AttemptEnd(String endpoint, String status, String error) {}

    /** From where to where, and why or with which end. */
    private record Way(String from, String to, String how) {}

    private record Token(String endpoint, String type) {}

    private final Key key;
    private final MeterProviders providers;
    private final TagValues values;
    private final AtomicInteger inFlight;
    private final Map<End, EndMeters> ends = new ConcurrentHashMap<>();
    private final Map<AttemptEnd, Timer> attempts = new ConcurrentHashMap<>();
    private final Map<String, Counter> retries = new ConcurrentHashMap<>();
    private final Map<Way, Counter> reroutes = new ConcurrentHashMap<>();
    private final Map<Way, Counter> hedges = new ConcurrentHashMap<>();
    private final Map<Token, Counter> tokens = new ConcurrentHashMap<>();
    /** Made when a stream first has an event; made twice in a race, it is the same meter. */
    private volatile @Nullable Timer firstEvent;

    Series(Key key, MeterProviders providers, TagValues values) {
        this.key = key;
        this.providers = providers;
        this.values = values;
        this.inFlight = providers.inFlight(key.client(), key.operation());
    }

    void started() {
        inFlight.incrementAndGet();
    }

    void attempted(CallEvent.AttemptFinished event) {
        AttemptEnd end = new AttemptEnd(
                values.endpoint(event.endpoint()),
                TagMapper.status(event.status(), event.failure()),
                TagMapper.error(event.failure()));
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

    void rerouted(CallEvent.Rerouted event) {
        Way way = new Way(values.endpoint(event.from()), values.endpoint(event.to()), TagMapper.reason(event.reason()));
        reroutes.computeIfAbsent(way, this::reroute).increment();
    }

    void hedged(CallEvent.Hedged event) {
        Way way = new Way(values.endpoint(event.from()), values.endpoint(event.to()), values.endpoint(event.winner()));
        hedges.computeIfAbsent(way, this::hedge).increment();
    }

    void finished(CallEvent.Finished event) {
        inFlight.decrementAndGet();
        String endpoint = values.endpoint(event.endpoint());
        End end = new End(
                TagMapper.outcome(event.outcome()),
                endpoint,
                TagMapper.status(event.status(), event.failure()),
                TagMapper.error(event.failure()));
        EndMeters meters = ends.computeIfAbsent(end, this::end);
        meters.millis().record(event.duration().toNanos() / 1e6);
        meters.seconds().record(event.duration());
        countTokens(endpoint, "prompt", event.promptTokens());
        countTokens(endpoint, "completion", event.completionTokens());
    }

    private void countTokens(String endpoint, String type, long count) {
        if (count >= 0) {
            tokens.computeIfAbsent(new Token(endpoint, type), this::token).increment(count);
        }
    }

    private EndMeters end(End end) {
        return new EndMeters(
                providers.requestDuration(
                        Tags.of(Tag.METHOD.asString(), key.operation(), Tag.STATUS_CODE.asString(), end.status())),
                providers.request(clientOperationModel()
                        .and(
                                Tag.ENDPOINT.asString(),
                                end.endpoint(),
                                Tag.OUTCOME.asString(),
                                end.outcome(),
                                Tag.STATUS.asString(),
                                end.status(),
                                Tag.ERROR_TYPE.asString(),
                                end.error())));
    }

    private Timer attempt(AttemptEnd end) {
        return providers.attempt(clientOperationModel()
                .and(
                        Tag.ENDPOINT.asString(),
                        end.endpoint(),
                        Tag.STATUS.asString(),
                        end.status(),
                        Tag.ERROR_TYPE.asString(),
                        end.error()));
    }

    private Counter reroute(Way way) {
        return providers.reroutes(tags(way).and(Tag.REASON.asString(), way.how()));
    }

    private Counter hedge(Way way) {
        return providers.hedges(tags(way).and(Tag.WINNER.asString(), way.how()));
    }

    private Tags tags(Way way) {
        return Tags.of(
                Tag.CLIENT.asString(), key.client(), Tag.FROM.asString(), way.from(), Tag.TO.asString(), way.to());
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

    private Counter token(Token token) {
        return providers.tokens(Tags.of(
                Tag.CLIENT.asString(),
                key.client(),
                Tag.MODEL.asString(),
                key.model(),
                Tag.ENDPOINT.asString(),
                token.endpoint(),
                Tag.TYPE.asString(),
                token.type()));
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
