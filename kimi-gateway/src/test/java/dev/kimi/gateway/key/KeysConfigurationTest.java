package dev.kimi.gateway.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.Usage;
import dev.kimi.error.ConfigurationException;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.key.VirtualKey.Terms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

@ExtendWith(OutputCaptureExtension.class)
class KeysConfigurationTest {

    /** This part of the gateway alone. */
    @ComponentScan("dev.kimi.gateway.key")
    static class Keys {}

    /** With all libraries of the gateway. */
    @EnableAutoConfiguration
    static class Libraries {}

    @TempDir
    private Path folder;

    private final ApplicationContextRunner gateway = new ApplicationContextRunner()
            .withUserConfiguration(Keys.class)
            .withPropertyValues("kimi.enabled=false", "server.address=127.0.0.1");

    private ApplicationContextRunner withFile() {
        return gateway.withPropertyValues("kimi.gateway.keys.file=" + folder.resolve("keys.json"));
    }

    private static IssuedKey issue(AssertableApplicationContext context, Terms terms) {
        return context.getBean(VirtualKeys.class)
                .issue(terms)
                .toCompletableFuture()
                .join();
    }

    private static Gatekeeper.Caller identify(AssertableApplicationContext context, char[] characters) {
        return context.getBean(Gatekeeper.class).identify(List.of(characters));
    }

    @Test
    void without_a_store_everybody_may_call_and_the_log_says_so(CapturedOutput output) {
        gateway.withUserConfiguration(Libraries.class).run(context -> {
            Gatekeeper.Caller anybody = context.getBean(Gatekeeper.class).identify(List.of());
            anybody.admit(AdmissionRequest.of(null)).settle(Usage.NONE, null, true);

            assertThat(anybody.keyId()).isEqualTo("anonymous");
            assertThat(anybody.mayUse("anything")).isTrue();
            assertThat(context.getBean(VirtualKeys.class).configured()).isFalse();
            assertThat(context).doesNotHaveBean(DataSource.class).doesNotHaveBean(KeyStore.class);
        });

        assertThat(output.getAll().split("No keys are configured", -1)).hasSize(2);
    }

    @Test
    void a_key_of_a_file_holds_over_a_restart_with_what_it_has_spent() {
        IssuedKey[] issued = new IssuedKey[1];
        withFile().run(context -> {
            assertThat(identifyFails(context, "text").status()).isEqualTo(401);
            issued[0] = issue(context, Terms.named("build"));
            identify(context, issued[0].characters())
                    .admit(KeyFixture.chat(1, 1))
                    .settle(Usage.NONE, new BigDecimal("0.75"), true);
        });

        withFile().run(context -> {
            assertThat(identify(context, issued[0].characters()).keyId())
                    .isEqualTo(issued[0].key().id());
            assertThat(context.getBean(VirtualKeys.class)
                            .usage(issued[0].key().id())
                            .spentToday())
                    .isEqualByComparingTo("0.75");
        });
        assertThat(folder.resolve("keys-spending.json")).exists();
    }

    private static GatewayError identifyFails(AssertableApplicationContext context, String text) {
        return KeyFixture.rejection(() -> identify(context, text.toCharArray()));
    }

    @Test
    void a_file_that_is_broken_at_the_start_is_an_error() throws IOException {
        Files.writeString(folder.resolve("keys.json"), "keys: []");

        withFile()
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("keys.json is no file of keys: line 1, not well-formed"));
    }

    @Test
    void keys_of_a_database_are_shared_by_its_gateways() {
        ApplicationContextRunner withDatabase = gateway.withUserConfiguration(Libraries.class)
                .withPropertyValues(
                        "spring.datasource.url=jdbc:h2:mem:shared;DB_CLOSE_DELAY=-1",
                        "spring.sql.init.mode=always",
                        "spring.sql.init.schema-locations=classpath:dev/kimi/gateway/key/schema.sql");

        withDatabase.run(one -> {
            IssuedKey issued = issue(one, Terms.named("build"));
            withDatabase.run(two -> {
                assertThat(identify(two, issued.characters()).keyId())
                        .isEqualTo(issued.key().id());
                assertThat(two.getBean(VirtualKeys.class).configured()).isTrue();
            });
        });
    }

    @Test
    void a_file_and_a_database_are_one_too_many() {
        withFile()
                .withPropertyValues("spring.datasource.url=jdbc:h2:mem:")
                .withBean(DataSource.class, () -> new DriverManagerDataSource("jdbc:h2:mem:"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("two stores"));
    }

    @Test
    void a_store_that_fails_ends_the_start() {
        gateway.withBean(KeyStore.class, () -> {
                    MemoryStores broken = new MemoryStores();
                    broken.failWith(new UncheckedIOException("no disk", new IOException("no disk")));
                    return broken;
                })
                .withBean(SpendingStore.class, () -> new MemoryStores().spending("one"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageStartingWith("no disk"));
    }
}
