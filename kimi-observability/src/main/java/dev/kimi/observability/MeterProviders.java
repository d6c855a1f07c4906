package dev.kimi.observability;

import dev.kimi.observability.KimiMeter.Tag;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How each meter is made: description and bounds, in one place for both families of names. Thread-safe. */
final class MeterProviders {

    private static final double[] BOUNDS_MILLIS = {50, 100, 250, 500, 1000};

    /** The same five, and those that responses of a model need. */
    private static final Duration[] BOUNDS = {
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(2),
        Duration.ofMinutes(5)
    };

    private final MeterRegistry registry;
    private final MeterProvider<DistributionSummary> requestDuration;
    private final MeterProvider<Timer> request;
    private final MeterProvider<Timer> attempt;
    private final MeterProvider<Timer> firstEvent;
    private final MeterProvider<Counter> retries;
    private final MeterProvider<Counter> reroutes;
    private final MeterProvider<Counter> hedges;
    private final MeterProvider<Counter> tokens;
    private final Map<Tags, AtomicInteger> inFlight = new ConcurrentHashMap<>();

    MeterProviders(MeterRegistry registry) {
        this.registry = registry;
        this.requestDuration = DistributionSummary.builder(KimiMeter.REQUEST_DURATION.getName())
                .description("Time of a call in milliseconds, retries included")
                .serviceLevelObjectives(BOUNDS_MILLIS)
                .withRegistry(registry);
        this.request = Timer.builder(KimiMeter.REQUEST.getName())
                .description("Time of a call, retries included")
                .serviceLevelObjectives(BOUNDS)
                .withRegistry(registry);
        this.attempt = Timer.builder(KimiMeter.ATTEMPT.getName())
                .description("Time of one attempt of a call")
                .withRegistry(registry);
        this.firstEvent = Timer.builder(KimiMeter.FIRST_EVENT.getName())
                .description("Time from the start of a call to the first event of its stream")
                .serviceLevelObjectives(BOUNDS)
                .withRegistry(registry);
        this.retries = Counter.builder(KimiMeter.RETRIES.getName())
                .description("Attempts after the first at an endpoint that were sent")
                .withRegistry(registry);
        this.reroutes = Counter.builder(KimiMeter.REROUTES.getName())
                .description("Calls that went from one endpoint to another")
                .withRegistry(registry);
        this.hedges = Counter.builder(KimiMeter.HEDGES.getName())
                .description("Streams that were sent to a second endpoint too")
                .withRegistry(registry);
        this.tokens = Counter.builder(KimiMeter.TOKENS.getName())
                .description("Tokens that the service counted")
                .withRegistry(registry);
    }

    DistributionSummary requestDuration(Tags tags) {
        return requestDuration.withTags(tags);
    }

    Timer request(Tags tags) {
        return request.withTags(tags);
    }

    Timer attempt(Tags tags) {
        return attempt.withTags(tags);
    }

    Timer firstEvent(Tags tags) {
        return firstEvent.withTags(tags);
    }

    Counter retries(Tags tags) {
        return retries.withTags(tags);
    }

    Counter reroutes(Tags tags) {
        return reroutes.withTags(tags);
    }

    Counter hedges(Tags tags) {
        return hedges.withTags(tags);
    }

    Counter tokens(Tags tags) {
        return tokens.withTags(tags);
    }

    /** The number behind the gauge, shared by all models. */
    AtomicInteger inFlight(String client, String operation) {
        return inFlight.computeIfAbsent(
                Tags.of(Tag.CLIENT.asString(), client, Tag.OPERATION.asString(), operation), tags -> {
                    AtomicInteger number = new AtomicInteger();
                    Gauge.builder(KimiMeter.IN_FLIGHT.getName(), number, AtomicInteger::get)
                            .description("Calls that have started and not ended")
                            .tags(tags)
                            .strongReference(true)
                            .register(registry);
                    return number;
                });
    }
}
