package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.retry.RetryPolicyFactory;
import dev.kimi.spi.ProviderSettings;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provider whose jar is incomplete matters only to whoever names it. */
class UnloadableProvidersTest {

    @TempDir
    Path folder;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @BeforeEach
    void register() throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(RetryPolicyFactory.class.getName()),
                "nowhere.Missing\n" + Broken.class.getName() + "\njava.lang.String\n" + Whole.class.getName() + "\n");
        URL[] path = {folder.toUri().toURL()};
        Thread.currentThread().setContextClassLoader(new URLClassLoader(path, before));
    }

    @AfterEach
    void restore() {
        Thread.currentThread().setContextClassLoader(before);
    }

    private static Providers<RetryPolicyFactory> providers() {
        return new Providers<>("kimi.retry.preset", RetryPolicyFactory.class, List.of());
    }

    @Test
    void those_behind_it_are_found() {
        assertThat(providers().get("whole")).isInstanceOf(Whole.class);
    }

    @Test
    void naming_it_says_which_cannot_be_loaded_and_why() {
        assertThatThrownBy(() -> providers().get("broken"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("There is no provider named 'broken'")
                .hasMessageContaining("nowhere.Missing")
                .hasMessageContaining(Broken.class.getName())
                .hasMessageContaining("org/example/LeftOut")
                .hasMessageContaining("whole");
    }

    /** Fails as a class does that lacks another. */
    public static final class Broken implements RetryPolicyFactory {
        public Broken() {
            throw new NoClassDefFoundError("org/example/LeftOut");
        }

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public RetryPolicy create(ProviderSettings settings) {
            return RetryPolicy.never();
        }
    }

    /** Has all that it needs. */
    public static final class Whole implements RetryPolicyFactory {
        @Override
        public String name() {
            return "whole";
        }

        @Override
        public RetryPolicy create(ProviderSettings settings) {
            return RetryPolicy.never();
        }
    }
}
