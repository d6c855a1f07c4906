package dev.kimi.integration.oauth2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.KimiClient;
import dev.kimi.error.AuthenticationException;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.time.VirtualTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.security.oauth2.jwt.Jwt;

/** The starter's client with tokens of a real Spring Authorization Server; the service is the simulator. */
@Timeout(60)
class AuthorizationServerTest {

    private final AuthorizationServer server = new AuthorizationServer();
    private final KimiSimulator kimi = KimiSimulator.start();
    private final VirtualTime time = new VirtualTime(Instant.now());
    private ApplicationContextRunner application =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class));

    @BeforeEach
    void configure() {
        application = application.withPropertyValues(
                "kimi.base-url=" + kimi.baseUrl(),
                "kimi.auth.provider=oauth2",
                "kimi.auth.token-uri=" + server.tokenUri(),
                "kimi.auth.client-id=" + AuthorizationServer.CLIENT_ID,
                "kimi.auth.client-secret=" + AuthorizationServer.CLIENT_SECRET,
                "kimi.auth.scope=chat");
    }

    @AfterEach
    void close() {
        kimi.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic", "post"})
    void a_token_is_fetched_and_carried_by_every_call(String style) {
        application
                .withPropertyValues("kimi.auth.client-authentication=" + style)
                .run(context -> {
                    KimiClient client = context.getBean(KimiClient.class);
                    assertThat(client.chat("one").text()).isNotEmpty();
                    assertThat(client.chat("two").text()).isNotEmpty();

                    assertThat(server.tokenRequests()).isEqualTo(1);
                    assertThat(bearers()).hasSize(1);
                    Jwt token = server.verified(bearers().get(0));
                    assertThat(token.getSubject()).isEqualTo(AuthorizationServer.CLIENT_ID);
                    assertThat(token.getClaimAsStringList("scope")).containsExactly("chat");
                });
    }

    /** The server's clock is not the client's here: what is counted is requests within lifetimes of the client. */
    @Test
    void each_token_costs_one_request_and_outlives_the_one_before() {
        inVirtualTime().run(context -> {
            KimiClient client = context.getBean(KimiClient.class);
            client.chat("one");
            time.advance(Duration.ofSeconds(30));
            for (int token = 2; token <= 6; token++) {
                time.advance(Duration.ofSeconds(210));
                while (bearers().size() < token) {
                    client.chat("refreshed ahead of time, after four fifths of its lifetime");
                }
                time.advance(Duration.ofSeconds(30));
                client.chat("after the expiry of the token before");

                assertThat(bearers()).hasSize(token);
                assertThat(server.tokenRequests()).isEqualTo(token);
            }
        });
    }

    @Test
    void a_token_refreshed_ahead_of_time_serves_on_while_the_server_is_down() {
        inVirtualTime().run(context -> {
            KimiClient client = context.getBean(KimiClient.class);
            client.chat("one");
            time.advance(Duration.ofSeconds(240));
            while (bearers().size() < 2) {
                client.chat("refreshed ahead of time");
            }

            server.down(true);
            for (int second = 5; second < 265; second += 5) {
                time.advance(Duration.ofSeconds(5));
                assertThat(client.chat("while it is down").text()).isNotEmpty();
            }
            assertThat(bearers()).hasSize(2);
            server.down(false);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic", "post"})
    void a_wrong_secret_is_an_authentication_failure_that_does_not_show_it(String style) {
        application
                .withPropertyValues("kimi.auth.client-authentication=" + style, "kimi.auth.client-secret=wrong-hunter2")
                .run(context -> {
                    Throwable failure = catchThrowable(
                            () -> context.getBean(KimiClient.class).chat("one"));

                    assertThat(failure)
                            .isInstanceOfSatisfying(
                                    AuthenticationException.class,
                                    e -> assertThat(e.status()).isEqualTo(401))
                            .hasMessageContaining("invalid_client")
                            .hasMessageContaining("kimi.auth.client-id");
                    StringWriter printed = new StringWriter();
                    failure.printStackTrace(new PrintWriter(printed));
                    assertThat(printed.toString()).doesNotContain("hunter2");
                    assertThat(server.tokenRequests()).as("is not retried").isEqualTo(1);
                    assertThat(kimi.requests()).isEmpty();
                });
    }

    @Test
    void a_scope_that_the_server_does_not_grant_is_named_as_the_cause() {
        application.withPropertyValues("kimi.auth.scope=admin").run(context -> {
            assertThat(catchThrowable(() -> context.getBean(KimiClient.class).chat("one")))
                    .isInstanceOf(AuthenticationException.class)
                    .hasMessageContaining("invalid_scope")
                    .hasMessageContaining("scope");
            assertThat(kimi.requests()).isEmpty();
        });
    }

    /** Without retries, which would wait for a clock that stands still. */
    private ApplicationContextRunner inVirtualTime() {
        return application.withBean(VirtualTime.class, () -> time).withPropertyValues("kimi.retry.preset=never");
    }

    /** The tokens that the service has seen, each once, in their order. */
    private List<String> bearers() {
        return kimi.requests().stream()
                .flatMap(request -> request.headers("authorization").stream())
                .filter(header -> header.startsWith("Bearer "))
                .map(header -> header.substring("Bearer ".length()))
                .distinct()
                .toList();
    }
}
