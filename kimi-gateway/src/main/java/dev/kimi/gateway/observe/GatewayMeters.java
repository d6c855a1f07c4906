package dev.kimi.gateway.observe;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.call.GatewayListener;
import dev.kimi.gateway.dialect.InboundChat;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Records calls when they end. Models are those that services have responded for, by their own names: what clients
 * write becomes no tag. Thread-safe.
 */
final class GatewayMeters implements GatewayListener {

    private static final Duration[] BOUNDS = {
        Duration.ofMillis(50),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5)
    };
    private static final Duration[] TOKEN_BOUNDS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100)
    };

    private final MeterRegistry registry;
    private final UnaryOperator<String> providers;
    private final FirstNames models = new FirstNames(100);
    private final FirstNames endpoints = new FirstNames(100);
    private final FirstNames keys = new FirstNames(1000);
    private final FirstNames drops = new FirstNames(100);
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();

    /** @param providers gives the provider of an endpoint, by the names of OpenTelemetry */
    GatewayMeters(MeterRegistry registry, UnaryOperator<String> providers) {
        this.registry = registry;
        this.providers = providers;
        gauge(GatewayMeter.ACTIVE, active);
        gauge(GatewayMeter.STREAMS, streams);
    }

    private void gauge(GatewayMeter meter, AtomicInteger number) {
        Gauge.builder(meter.label(), number, AtomicInteger::get)
                .description(meter.description())
                .register(registry);
    }

    @Override
    public void started(GatewayCall call) {
        active.incrementAndGet();
    }

    @Override
    public void admitted(GatewayCall call) {
        if (call.streamed()) {
            streams.incrementAndGet();
        }
    }

    @Override
    public void ended(GatewayCall call) {
        active.decrementAndGet();
        if (call.streamed() && call.admittedNanos() != 0) {
            streams.decrementAndGet();
        }
        Tags of = tags(call);
        times(call, of);
        count(call, of);
    }

    private void times(GatewayCall call, Tags of) {
        timer(GatewayMeter.DURATION, of.and("error.type", errorType(call)), BOUNDS)
                .record(call.endNanos() - call.startNanos(), TimeUnit.NANOSECONDS);
        if (!call.streamed() || call.firstByteNanos() == 0) {
            return;
        }
        timer(GatewayMeter.FIRST_TOKEN, of, BOUNDS)
                .record(call.firstByteNanos() - call.startNanos(), TimeUnit.NANOSECONDS);
        long later = call.usage().completionTokens() - 1;
        if (later > 0) {
            timer(GatewayMeter.PER_TOKEN, of, TOKEN_BOUNDS)
                    .record((call.endNanos() - call.firstByteNanos()) / later, TimeUnit.NANOSECONDS);
        }
    }

    private void count(GatewayCall call, Tags of) {
        String outcome = lower(call.outcome());
        counter(
                        GatewayMeter.REQUESTS,
                        "operation",
                        call.operation(),
                        "protocol",
                        call.protocol(),
                        "outcome",
                        outcome,
                        "status",
                        Integer.toString(call.status()))
                .increment();
        if (call.error() != null) {
            counter(GatewayMeter.REJECTIONS, "reason", lower(call.error())).increment();
        } else if (call.status() == 429) {
            counter(GatewayMeter.REJECTIONS, "reason", "service_429").increment();
        }
        tokens(call);
        BigDecimal cost = call.cost();
        if (cost != null && cost.signum() > 0) {
            Counter.builder(GatewayMeter.COST.label())
                    .description(GatewayMeter.COST.description())
                    .baseUnit("usd")
                    .tags("key", keys.of(call.keyId()), "model", model(call))
                    .register(registry)
                    .increment(cost.doubleValue());
        }
        for (String kind : new String[] {InboundChat.DROPPED, InboundChat.CHANGED}) {
            for (String name : Notes.of(call, kind)) {
                counter(GatewayMeter.DROPS, "kind", kind, "name", drops.of(name))
                        .increment();
            }
        }
    }

    private void tokens(GatewayCall call) {
        Usage usage = call.usage();
        tokens(call, "input", usage.promptTokens());
        tokens(call, "cache_read", usage.cachedTokens());
        tokens(call, "cache_write", usage.cacheWriteTokens());
        tokens(call, "output", usage.completionTokens());
    }

    private void tokens(GatewayCall call, String type, long count) {
        if (count > 0) {
            counter(GatewayMeter.TOKENS, "type", type, "key", keys.of(call.keyId()), "model", model(call))
                    .increment(count);
        }
    }

    private Tags tags(GatewayCall call) {
        String endpoint = call.endpoint();
        return Tags.of(
                "gen_ai.operation.name", call.operation(),
                "gen_ai.provider.name", endpoint == null ? FirstNames.NONE : providers.apply(endpoint),
                "gen_ai.request.model", model(call),
                "endpoint", endpoints.of(endpoint));
    }

    /** Only what a service has responded for is the name of a model. */
    private String model(GatewayCall call) {
        boolean known = call.status() >= 200 && call.status() < 300;
        return known ? models.of(call.upstreamModel()) : FirstNames.NONE;
    }

    private static String errorType(GatewayCall call) {
        if (call.outcome() == Outcome.OK) {
            return FirstNames.NONE;
        }
        return call.outcome() == Outcome.TRUNCATED || call.outcome() == Outcome.CANCELLED
                ? lower(call.outcome())
                : Integer.toString(call.status());
    }

    private Timer timer(GatewayMeter meter, Tags tags, Duration[] bounds) {
        return Timer.builder(meter.label())
                .description(meter.description())
                .tags(tags)
                .serviceLevelObjectives(bounds)
                .register(registry);
    }

    private Counter counter(GatewayMeter meter, String... tags) {
        return Counter.builder(meter.label())
                .description(meter.description())
                .tags(tags)
                .register(registry);
    }

    private static String lower(@Nullable Enum<?> value) {
        return value == null ? FirstNames.NONE : value.name().toLowerCase(Locale.ROOT);
    }
}
