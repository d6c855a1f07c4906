package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.error.ConfigurationException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.retry.RetryPolicyFactory;
import dev.kimi.spi.ProviderSettings;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars bring the names of their settings, or do without a check. */
class DeclaredSettingsTest {

    private static final AtomicReference<ProviderSettings> LAST = new AtomicReference<>();

    @TempDir
    Path folder;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("sky"));

    @BeforeEach
    void register() throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(RetryPolicyFactory.class.getName()),
                Declaring.class.getName() + "\n" + Silent.class.getName() + "\n");
        URL[] path = {folder.toUri().toURL()};
        Thread.currentThread().setContextClassLoader(new URLClassLoader(path, before));
    }

    @AfterEach
    void restore() {
        Thread.currentThread().setContextClassLoader(before);
    }

    private void build(String provider, String setting) {
        fixture.builder()
                .provider(Part.RETRY, provider)
                .set(Part.RETRY, setting, "7")
                .build()
                .close();
    }

    private String fix(String provider, String setting) {
        return catchThrowableOfType(ConfigurationException.class, () -> build(provider, setting))
                .fix();
    }

    @Test
    void a_plug_in_gets_what_it_declares() {
        build("declaring", "patience");

        assertThat(LAST.get().find("patience")).isEqualTo("7");
    }

    @Test
    void its_names_are_suggested_whichever_provider_is_chosen() {
        assertThat(fix("declaring", "patiense")).isEqualTo("Did you mean kimi.retry.patience?");
        assertThat(fix("standard", "patiense")).isEqualTo("Did you mean kimi.retry.patience?");
    }

    @Test
    void a_plug_in_that_declares_nothing_gets_whatever_is_set() {
        build("silent", "max-atempts");

        assertThat(LAST.get().find("max-atempts")).isEqualTo("7");
    }

    @Test
    void what_the_client_itself_reads_is_no_typo_for_any_provider() {
        for (String provider : new String[] {"declaring", "silent", "standard", "never"}) {
            fixture.builder()
                    .provider(Part.RETRY, provider)
                    .replayOnIdleClose(false)
                    .build()
                    .close();
        }
    }

    /** Says what it reads. */
    public static final class Declaring implements RetryPolicyFactory {
        @Override
        public String name() {
            return "declaring";
        }

        @Override
        public Set<String> settings() {
            return Set.of("patience");
        }

        @Override
        public RetryPolicy create(ProviderSettings settings) {
            LAST.set(settings);
            return RetryPolicy.never();
        }
    }

    /** Says nothing. */
    public static final class Silent implements RetryPolicyFactory {
        @Override
        public String name() {
            return "silent";
        }

        @Override
        public RetryPolicy create(ProviderSettings settings) {
            LAST.set(settings);
            return RetryPolicy.never();
        }
    }
}
