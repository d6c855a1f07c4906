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
import java.util.ServiceLoader;
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
        assertThat(settings.maxConnections).isEqualTo(100);
        assertThat(settings.maxPending).isEqualTo(1000);
        assertThat(settings.keepAlive).isEqualTo(40);
        assertThat(settings.idleNanos).isEqualTo(Duration.ofSeconds(120).toNanos());
        assertThat(settings.maxAgeNanos).isEqualTo(Duration.ofMinutes(10).toNanos());
        assertThat(settings.eventLoops).isEqualTo(1);
        assertThat(settings.responseHeaders.bytes()).isEqualTo(64 << 10);
    }

    @Test
    void keeps_no_more_connections_than_there_may_be() {
        assertThat(VertxSettings.of(builder().set("max-connections", "3").build()).keepAlive)
                .isEqualTo(3);
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
