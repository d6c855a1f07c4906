package dev.kimi.transport.vertx;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A transport for one test, with the requests that tests send. */
final class VertxFixture implements AutoCloseable {

    static final byte[] WHOLE = chat(false);
    static final byte[] STREAMED = chat(true);

    private final Timer timer;
    final Transport transport;
    private final URI origin;

    VertxFixture(String origin, UnaryOperator<ProviderSettings.Builder> settings) {
        this(origin, settings, null);
    }

    VertxFixture(String origin, UnaryOperator<ProviderSettings.Builder> settings, @Nullable Resolver resolver) {
        this(origin, settings, resolver, Timer.wheel("fixture-timer"));
    }

    private VertxFixture(
            String origin, UnaryOperator<ProviderSettings.Builder> settings, @Nullable Resolver resolver, Timer timer) {
        this.timer = timer;
        this.origin = URI.create(origin);
        // the first handshake of a process on a busy machine takes its time
        ProviderSettings.Builder builder =
                ProviderSettings.builder("kimi.transport", timer).timeouts(connectIn(Duration.ofSeconds(30)));
        ProviderSettings built = settings.apply(builder).build();
        this.transport = new VertxTransport(VertxSettings.of(built), resolver);
    }

    /** Speaks this version with the settings given as names and values in turns. */
    static VertxFixture of(String origin, String http, String... settings) {
        return new VertxFixture(origin, builder -> {
            builder.set("http", http);
            for (int i = 0; i < settings.length; i += 2) {
                builder.set(settings[i], settings[i + 1]);
            }
            return builder;
        });
    }

    /** Like {@link #of}, on a clock of the test's. */
    static VertxFixture on(TimeSource clock, String origin, String http, String... settings) {
        return new VertxFixture(origin, builder -> {
            builder.set("http", http).time(clock);
            for (int i = 0; i < settings.length; i += 2) {
                builder.set(settings[i], settings[i + 1]);
            }
            return builder;
        });
    }

    /** Times out on connecting when so much time has passed on the clock of the test's. */
    static VertxFixture connectingIn(Duration limit, VirtualTime clock, String origin, String http) {
        return connectingIn(limit, clock, origin, builder -> builder.set("http", http));
    }

    static VertxFixture connectingIn(
            Duration limit, VirtualTime clock, String origin, UnaryOperator<ProviderSettings.Builder> settings) {
        return new VertxFixture(
                origin, builder -> settings.apply(builder).time(clock).timeouts(connectIn(limit)), null, clock);
    }

    static Timeouts connectIn(Duration limit) {
        return Timeouts.builder().connect(limit).build();
    }

    Exchange send(ExchangeHandler handler, byte[] body) {
        Exchange exchange = paused(handler, body);
        exchange.request(Long.MAX_VALUE);
        return exchange;
    }

    /** Sends, and asks for nothing of the response's body. */
    Exchange paused(ExchangeHandler handler, byte[] body) {
        return paused(origin, handler, body);
    }

    private Exchange paused(URI to, ExchangeHandler handler, byte[] body) {
        Headers headers = Headers.builder()
                .add("authorization", "Bearer sk-test")
                .add("content-type", "application/json")
                .build();
        return transport.send(
                TransportRequest.builder("POST", to, "/v1/chat/completions")
                        .headers(headers)
                        .body(RequestBody.of(body))
                        .build(),
                handler);
    }

    Probe whole() {
        Probe probe = new Probe();
        send(probe, WHOLE);
        return probe;
    }

    /** To another origin than that of the fixture. */
    Probe wholeTo(String other) {
        Probe probe = new Probe();
        paused(URI.create(other), probe, WHOLE).request(Long.MAX_VALUE);
        return probe;
    }

    Probe stream() {
        Probe probe = new Probe();
        send(probe, STREAMED);
        return probe;
    }

    PoolState pool() {
        return transport.pool();
    }

    /** Whether nothing is open or under way. */
    static boolean isEmpty(PoolState pool) {
        return pool.active() == 0 && pool.idle() == 0 && pool.pending() == 0 && pool.exchanges() == 0;
    }

    /** Waits until the pool is so. */
    void await(Predicate<PoolState> state) {
        if (!Eventually.holds(Duration.ofSeconds(10), () -> state.test(transport.pool()))) {
            throw new AssertionError("the pool is " + transport.pool());
        }
    }

    @Override
    public void close() {
        transport.close();
        timer.close();
    }

    private static byte[] chat(boolean stream) {
        String body = "{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":"
                + stream + "}";
        return body.getBytes(StandardCharsets.UTF_8);
    }
}
