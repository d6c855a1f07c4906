package dev.kimi.samples.customprovider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ConfigurationException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.contract.CredentialsProviderContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileCredentialsProviderTest extends CredentialsProviderContract {

    @TempDir
    Path folder;

    @Override
    protected CredentialsProvider provider() {
        try {
            return new FileCredentialsProvider(Files.writeString(folder.resolve("valid"), "sk-valid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void reads_once_until_the_token_is_rejected() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "first\n");
        CredentialsProvider provider = new FileCredentialsProvider(file);
        Credentials first = get(provider);
        Files.writeString(file, "second\n");

        assertThat(get(provider)).isSameAs(first);
        assertThat(provider.invalidate(first)).isTrue();
        Credentials second = get(provider);
        assertThat(second.headerValue()).isEqualTo("Bearer second");
        assertThat(provider.invalidate(first)).isTrue();
        assertThat(get(provider)).isSameAs(second);
    }

    @Test
    void a_file_that_goes_bad_is_an_authentication_failure_until_it_is_good_again() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "good");
        CredentialsProvider provider = new FileCredentialsProvider(file);
        Credentials good = get(provider);
        Files.writeString(file, " \n");
        provider.invalidate(good);

        assertThatThrownBy(() -> get(provider))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(AuthenticationException.class);
        Files.writeString(file, "better");
        assertThat(get(provider).headerValue()).isEqualTo("Bearer better");
    }

    @Test
    void a_token_that_was_rotated_costs_a_call_nothing() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "sk-old");
        try (KimiSimulator service = KimiSimulator.builder().keys("sk-new").start();
                KimiClient kimi = KimiClient.builder()
                        .baseUrl(service.baseUrl())
                        .provider(Part.AUTH, "file")
                        .set(Part.AUTH, "path", file.toString())
                        .build()) {
            Files.writeString(file, "sk-new");

            assertThat(kimi.chat("Hi").text()).isNotBlank();
        }
    }

    @Test
    void a_file_that_is_not_there_stops_the_start() {
        assertThatThrownBy(() -> KimiClient.builder()
                        .provider(Part.AUTH, "file")
                        .set(Part.AUTH, "path", folder.resolve("absent").toString())
                        .build())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("kimi.auth.path");
    }

    private static Credentials get(CredentialsProvider provider) throws Exception {
        return provider.credentials().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
