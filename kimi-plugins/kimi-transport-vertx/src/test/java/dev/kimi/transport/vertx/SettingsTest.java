package dev.kimi.transport.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.TransportFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void is_found_by_its_name() {
        assertThat(ServiceLoader.load(TransportFactory.class))
                .extracting(TransportFactory::name)
                .contains("vertx");
    }

    @Test
    void has_the_defaults_that_it_promises() {
        VertxSettings settings = VertxSettings.of(builder().build());

        assertThat(settings.http).isEqualTo(VertxSettings.Http.AUTO);
        assertThat(settings.sizing).isEqualTo(new Sizing(Sizing.Mode.AUTO, 100, Sizing.BY_LOAD));
        assertThat(settings.sizing.keptAtRest()).isEqualTo(4);
        assertThat(settings.maxPending).isEqualTo(1000);
        assertThat(settings.idleNanos).isEqualTo(Duration.ofSeconds(120).toNanos());
        assertThat(settings.maxAgeNanos).isEqualTo(Duration.ofMinutes(10).toNanos());
        assertThat(settings.eventLoops).isEqualTo(1);
        assertThat(settings.responseHeaders.bytes()).isEqualTo(64 << 10);
    }

    @Test
    void keeps_no_more_connections_than_there_may_be() {
        assertThat(sizing("sizing", "fixed", "max-connections", "3").keepAlive())
                .isEqualTo(3);
        assertThat(sizing("max-connections", "3").keptAtRest()).isEqualTo(3);
    }

    @Test
    void a_fixed_size_is_as_set_or_a_hundred() {
        assertThat(sizing("sizing", "fixed")).isEqualTo(new Sizing(Sizing.Mode.FIXED, 100, 40));
        assertThat(sizing("sizing", " FIXED ", "max-connections", "1000"))
                .isEqualTo(new Sizing(Sizing.Mode.FIXED, 1000, 200));
        assertThat(sizing("sizing", "fixed", "keep-alive", "9")).isEqualTo(new Sizing(Sizing.Mode.FIXED, 100, 9));
    }

    @Test
    void a_ratio_is_one_and_a_half_connections_for_each_thread_and_a_fifth_of_them_kept() {
        assertThat(sizing("sizing", "ratio")).isEqualTo(new Sizing(Sizing.Mode.RATIO, 300, 60));
        assertThat(sizing("sizing", "ratio", "threads", "33")).isEqualTo(new Sizing(Sizing.Mode.RATIO, 50, 10));
        assertThat(sizing("sizing", "ratio", "threads", "1")).isEqualTo(new Sizing(Sizing.Mode.RATIO, 2, 1));
        assertThat(sizing("sizing", "ratio", "max-connections", "20", "keep-alive", "11"))
                .isEqualTo(new Sizing(Sizing.Mode.RATIO, 20, 11));
        assertThat(sizing("sizing", "ratio"))
                .hasToString("ratio: up to 300 connections to an origin, up to 60 idle ones kept");
    }

    @Test
    void a_size_that_is_not_known_is_rejected_with_those_that_are() {
        assertThat(catchThrowableOfType(ConfigurationException.class, () -> sizing("sizing", "elastic")))
                .satisfies(rejected -> assertThat(rejected.setting()).isEqualTo("kimi.transport.sizing"))
                .satisfies(rejected ->
                        assertThat(rejected.fix()).contains("auto", "ratio", "fixed", "kimi.transport.threads"));
    }

    @ParameterizedTest
    @CsvSource({
        "ratio, INFO, 'Connection pool is sized ratio: up to 300 connections to an origin, up to 60 idle ones kept'",
        "auto, FINE, 'Connection pool is sized auto: up to 100 connections to an origin, idle ones kept as the load needs'"
    })
    void the_size_is_logged_once_when_the_transport_is_made(String sizing, String level, String message) {
        List<String> logged = new CopyOnWriteArrayList<>();
        Handler recorder = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry.getLevel() + " " + entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger connections = Logger.getLogger("dev.kimi.connections");
        connections.setLevel(Level.FINE);
        connections.addHandler(recorder);
        try {
            new VertxTransportFactory()
                    .create(builder().set("sizing", sizing).build())
                    .close();
        } finally {
            connections.removeHandler(recorder);
            connections.setLevel(null);
        }

        assertThat(logged).containsExactly(level + " " + message);
    }

    private static Sizing sizing(String... settings) {
        ProviderSettings.Builder builder = builder();
        for (int i = 0; i < settings.length; i += 2) {
            builder.set(settings[i], settings[i + 1]);
        }
        return VertxSettings.of(builder.build()).sizing;
    }

    @Test
    void spreads_the_age_by_a_fifth() {
        long least = VertxSettings.of(builder().random(always(0)).build()).jitteredMaxAge();
        long most = VertxSettings.of(
                        builder().random(always(Math.nextDown(1.0))).build())
                .jitteredMaxAge();

        assertThat(Duration.ofNanos(least)).isEqualTo(Duration.ofMinutes(8));
        assertThat(Duration.ofNanos(most).toMillis()).isBetween(719_999L, 720_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "http, h3",
        "sizing, elastic",
        "threads, none",
        "max-connections, 0",
        "max-pending, many",
        "keep-alive, -1",
        "idle-timeout, soon",
        "max-age, 0s",
        "event-loops, 101",
        "max-response-headers, 64k",
        "trust-certificates, /nowhere/trusted.pem"
    })
    void rejects_what_it_cannot_use(String name, String value) {
        ConfigurationException rejected = catchThrowableOfType(
                ConfigurationException.class,
                () -> new VertxTransportFactory()
                        .create(builder().set(name, value).build()));

        assertThat(rejected.setting()).isEqualTo("kimi.transport." + name);
        assertThat(rejected.fix()).isNotBlank();
    }

    @Test
    void rejects_a_file_without_certificates(@TempDir Path folder) throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing here");

        assertThat(catchThrowableOfType(
                        ConfigurationException.class,
                        () -> VertxSettings.of(builder()
                                .set("trust-certificates", empty.toString())
                                .build())))
                .isNotNull();
    }

    private static ProviderSettings.Builder builder() {
        return ProviderSettings.builder("kimi.transport", new VirtualTime());
    }

    private static RandomGenerator always(double value) {
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                return 0;
            }

            @Override
            public double nextDouble() {
                return value;
            }
        };
    }
}
