package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.error.TransportException;
import dev.kimi.retry.RetryDecision;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls whose token cannot be fetched because of how the token endpoint is reached. */
class UnreachableTokenEndpointTest {

    private final VirtualTime time = new VirtualTime();
    private final HeldTransport endpoint = new HeldTransport();
    private final HeldTransport service = new HeldTransport();
    private final KimiClient client = KimiClient.builder()
            .baseUrl("https://kimi.test")
            .time(time, time)
            .transport(service)
            .callbackExecutor(Runnable::run)
            .retryPolicy(attempt -> RetryDecision.after(Duration.ofSeconds(5)))
            .credentials(OAuth2CredentialsProviderFactory.create(
                    ProviderSettings.builder("kimi.auth", time)
                            .time(time)
                            .set("token-uri", "https://auth.test/token")
                            .set("client-id", "client")
                            .set("client-secret", "hunter2")
                            .build(),
                    endpoint))
            .build();

    @AfterEach
    void close() {
        client.close();
    }

    private CompletableFuture<ServiceResponse> call() {
        return client.exchangeAsync(ServiceRequest.get("/v1/models"));
    }

    private void fails(Kind kind, IOException cause) {
        endpoint.sentFrom(endpoint.sentFrom(0).size() - 1)
                .get(0)
                .handler()
                .onFailure(TransportFailure.of(kind, true, cause));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"UNKNOWN_HOST", "CERTIFICATE"})
    void a_wrong_setting_ends_the_call_at_once_with_its_cause_whatever_the_policy_says(Kind kind) {
        IOException cause = new UnknownHostException("auth.test");
        CompletableFuture<ServiceResponse> call = call();

        fails(kind, cause);

        assertThat(call).isCompletedExceptionally();
        Throwable failure = call.handle((value, thrown) -> thrown).join();
        assertThat(failure).isInstanceOfSatisfying(TransportException.class, e -> {
            assertThat(e.permanent()).isTrue();
            assertThat(e.attempts()).isZero();
            assertThat(e.getCause()).isSameAs(cause);
        });
        assertThat(failure).hasMessageContaining("kimi.auth.token-uri");
        assertThat(endpoint.sentFrom(0)).hasSize(1);
        assertThat(client.diagnostics().retryTokens()).isEqualTo(500);
    }

    @Test
    void an_endpoint_that_is_down_is_asked_again_as_the_policy_says() {
        CompletableFuture<ServiceResponse> call = call();

        fails(Kind.CONNECT, new IOException("refused"));
        assertThat(call).isNotDone();
        time.advance(Duration.ofSeconds(5));

        assertThat(endpoint.sentFrom(0)).hasSize(2);
    }
}
