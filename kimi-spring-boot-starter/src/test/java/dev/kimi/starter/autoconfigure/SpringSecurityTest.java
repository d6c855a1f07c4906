package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.AuthenticationException;
import dev.kimi.test.KimiSimulator;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

/** Credentials that Spring Security's OAuth2 client obtains. */
@Timeout(60)
class SpringSecurityTest {

    private final KimiSimulator kimi =
            KimiSimulator.builder().oauth2("app", "s3cret +%").start();
    private ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(KimiAutoConfiguration.class, TaskExecutionAutoConfiguration.class));

    @BeforeEach
    void configure() {
        contexts = contexts.withPropertyValues(
                "kimi.base-url=" + kimi.baseUrl(),
                "kimi.auth.provider=spring-security",
                "kimi.auth.registration=service");
    }

    @AfterEach
    void close() {
        kimi.close();
    }

    private ClientRegistration registration(String secret) {
        return ClientRegistration.withRegistrationId("service")
                .tokenUri(kimi.baseUrl() + "/oauth/token")
                .clientId("app")
                .clientSecret(secret)
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .build();
    }

    private ApplicationContextRunner registered(String secret) {
        ClientRegistrationRepository registrations = new InMemoryClientRegistrationRepository(registration(secret));
        return contexts.withBean(ClientRegistrationRepository.class, () -> registrations)
                .withBean(
                        OAuth2AuthorizedClientService.class,
                        () -> new InMemoryOAuth2AuthorizedClientService(registrations));
    }

    private Set<String> bearers() {
        return kimi.requests().stream()
                .flatMap(request -> request.headers("authorization").stream())
                .filter(value -> value.startsWith("Bearer "))
                .collect(Collectors.toSet());
    }

    @Test
    void a_token_of_the_registration_is_carried_and_kept() {
        registered("s3cret +%").run(context -> {
            KimiClient client = context.getBean(KimiClient.class);
            client.chat("one");
            client.chat("two");

            assertThat(bearers()).containsExactly("Bearer at-1");
            assertThat(kimi.tokens().calls()).isEqualTo(1);
        });
    }

    @Test
    void after_a_revocation_the_authorized_client_is_removed_once_and_every_call_replayed() {
        registered("s3cret +%").run(context -> {
            KimiClient client = context.getBean(KimiClient.class);
            client.chat("one");
            kimi.tokens().revokeAll();

            List<CompletableFuture<ChatResponse>> calls = IntStream.range(0, 100)
                    .mapToObj(i -> client.chatAsync(ChatRequest.of("call " + i)))
                    .toList();

            assertThat(calls).allSatisfy(call -> assertThat(call.join().text()).isNotEmpty());
            assertThat(bearers()).containsExactlyInAnyOrder("Bearer at-1", "Bearer at-2");
            assertThat(kimi.tokens().calls()).isEqualTo(2);
        });
    }

    @Test
    void a_wrong_secret_is_an_authentication_failure_that_does_not_show_it() {
        registered("hunter2")
                .run(context -> assertThatThrownBy(
                                () -> context.getBean(KimiClient.class).chat("one"))
                        .isInstanceOf(AuthenticationException.class)
                        .hasMessageContaining("'service' (status 401)")
                        .hasMessageContaining("spring.security.oauth2.client.registration.service")
                        .hasMessageNotContaining("hunter2")
                        .hasNoCause());
    }

    /** Blocks, as a real one does while it sends a request. */
    private final class BlockingManager implements OAuth2AuthorizedClientManager {
        private final List<String> threads = new CopyOnWriteArrayList<>();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch responds = new CountDownLatch(1);
        private @Nullable OAuth2AuthorizedClient stored;

        @Override
        public OAuth2AuthorizedClient authorize(OAuth2AuthorizeRequest request) {
            threads.add(Thread.currentThread().getName());
            begun.countDown();
            try {
                responds.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            Instant now = Instant.now();
            return stored != null
                    ? stored
                    : client(
                            "token-" + threads.size(),
                            now,
                            now.plusSeconds(300),
                            request.getPrincipal().getName());
        }
    }

    private OAuth2AuthorizedClient client(String token, Instant from, Instant to, String principal) {
        return new OAuth2AuthorizedClient(
                registration("any"),
                principal,
                new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, token, from, to),
                new OAuth2RefreshToken("refresh", from));
    }

    @Test
    void the_application_s_manager_is_called_once_at_a_time_on_the_application_s_executor() {
        BlockingManager manager = new BlockingManager();
        KimiSimulator open = KimiSimulator.start();
        try (open) {
            contexts.withPropertyValues("kimi.base-url=" + open.baseUrl())
                    .withBean(OAuth2AuthorizedClientManager.class, () -> manager)
                    .run(context -> {
                        KimiClient client = context.getBean(KimiClient.class);
                        List<CompletableFuture<ChatResponse>> calls = IntStream.range(0, 20)
                                .mapToObj(i -> client.chatAsync(ChatRequest.of("call " + i)))
                                .toList();
                        manager.begun.await();
                        assertThat(calls).noneMatch(CompletableFuture::isDone);
                        manager.responds.countDown();
                        calls.forEach(CompletableFuture::join);
                    });
            assertThat(manager.threads).singleElement().asString().startsWith("task-");
            assertThat(open.requests())
                    .allSatisfy(request ->
                            assertThat(request.headers("authorization")).containsExactly("Bearer token-1"));
        }
    }

    @Test
    void a_rejected_token_with_a_refresh_token_is_ended_and_not_removed() {
        registered("s3cret +%").run(context -> {
            OAuth2AuthorizedClientService clients = context.getBean(OAuth2AuthorizedClientService.class);
            Instant now = Instant.now();
            clients.saveAuthorizedClient(
                    client("revoked", now, now.plusSeconds(300), "kimi"),
                    OAuth2AuthorizeRequest.withClientRegistrationId("service")
                            .principal("kimi")
                            .build()
                            .getPrincipal());

            // the simulator knows no refresh tokens, so the call fails; what counts is that one is still there to use
            assertThatThrownBy(() -> context.getBean(KimiClient.class).chat("one"))
                    .isInstanceOf(AuthenticationException.class);

            assertThat(kimi.requests())
                    .anySatisfy(request -> assertThat(request.bodyText()).contains("grant_type=refresh_token"));
        });
    }

    @Test
    void what_is_missing_is_named_at_the_start() {
        contexts.run(context -> assertThat(failure(context.getStartupFailure()))
                .hasMessageContaining("kimi.auth.provider")
                .hasMessageContaining("spring.security.oauth2.client.registration"));
        registered("any")
                .withPropertyValues("kimi.auth.registration=other")
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .hasMessageContaining("kimi.auth.registration")
                        .hasMessageContaining("'other'"));
        registered("any")
                .withPropertyValues("kimi.auth.registration=")
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .hasMessageContaining("kimi.auth.registration is missing"));
    }

    @Test
    void without_spring_security_the_message_says_what_to_add() {
        contexts.withClassLoader(new FilteredClassLoader("org.springframework.security"))
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .hasMessageContaining("spring-boot-starter-security-oauth2-client"));
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
                .withClassLoader(new FilteredClassLoader("org.springframework.security"))
                .withPropertyValues("kimi.api-key=sk-test")
                .run(context -> assertThat(context).hasSingleBean(KimiClient.class));
    }
}
