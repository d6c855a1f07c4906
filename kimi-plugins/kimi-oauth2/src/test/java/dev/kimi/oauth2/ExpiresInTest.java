package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a token endpoint may write as {@code expires_in}, and how long the token serves. */
class ExpiresInTest {

    private final VirtualTime time = new VirtualTime();
    private final HeldTransport endpoint = new HeldTransport();
    private final CredentialsProvider provider = OAuth2CredentialsProviderFactory.create(
            ProviderSettings.builder("kimi.auth", time)
                    .time(time)
                    .set("token-uri", "https://auth.test/token")
                    .set("client-id", "client")
                    .set("client-secret", "hunter2")
                    .build(),
            endpoint);

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "3600, 3570",
                "3600.7, 3570",
                "3.6e3, 3570",
                "\"3600\", 3570",
                "\"3600.0\", 3570",
                "\" 3600 \", 3570",
                "1e30, 86370",
                "99999999999999999999, 86370",
                "\"99999999999999999999\", 86370",
                "\"1h\", 270",
                "\"\", 270",
                "\"NaN\", 270",
                "null, 270",
                "true, 270",
                "[3600], 270"
            })
    void a_lifetime_is_read_in_any_form_and_one_that_cannot_be_read_is_missing(String expiresIn, long usableSeconds) {
        provider.credentials();
        endpoint.sentFrom(0)
                .get(0)
                .respond("{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":" + expiresIn + "}");

        time.advance(Duration.ofSeconds(usableSeconds).minusNanos(1));
        assertThat(provider.credentials().toCompletableFuture()).isDone();
        assertThat(endpoint.sentFrom(0)).as("one refresh ahead of time").hasSize(2);

        time.advance(Duration.ofNanos(1));
        assertThat(provider.credentials().toCompletableFuture())
                .as("waits for the next token")
                .isNotDone();
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "-1e30", "0.5"})
    void a_lifetime_that_has_passed_is_taken_for_a_second(String expiresIn) {
        provider.credentials();
        endpoint.sentFrom(0).get(0).respond("{\"access_token\":\"a\",\"expires_in\":" + expiresIn + "}");

        time.advance(Duration.ofMillis(899));
        assertThat(provider.credentials().toCompletableFuture()).isDone();
        time.advance(Duration.ofMillis(1));
        assertThat(provider.credentials().toCompletableFuture()).isNotDone();
    }
}
