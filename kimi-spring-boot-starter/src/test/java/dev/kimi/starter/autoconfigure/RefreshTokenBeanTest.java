package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.AuthenticationException;
import dev.kimi.oauth2.RefreshToken;
import dev.kimi.oauth2.RefreshTokenStore;
import dev.kimi.test.KimiSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

@Timeout(60)
class RefreshTokenBeanTest {

    /** The simulator knows no refresh tokens, so the call fails; what counts is what was sent. */
    @Test
    void a_store_that_is_a_bean_chooses_the_grant_and_gives_the_token() {
        try (KimiSimulator kimi =
                KimiSimulator.builder().oauth2("app", "s3cret").start()) {
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
                    .withBean(
                            RefreshTokenStore.class,
                            () -> exchange -> exchange.apply(RefreshToken.of("of-the-bean"))
                                    .thenAccept(next -> {}))
                    .withPropertyValues(
                            "kimi.base-url=" + kimi.baseUrl(),
                            "kimi.auth.provider=oauth2",
                            "kimi.auth.token-uri=" + kimi.baseUrl() + "/oauth/token",
                            "kimi.auth.client-id=app",
                            "kimi.auth.client-authentication=none")
                    .run(context -> assertThatThrownBy(
                                    () -> context.getBean(KimiClient.class).chat("one"))
                            .isInstanceOf(AuthenticationException.class));
            assertThat(kimi.requests())
                    .singleElement()
                    .satisfies(request -> assertThat(request.bodyText())
                            .isEqualTo("grant_type=refresh_token&refresh_token=of-the-bean&client_id=app"));
        }
    }
}
