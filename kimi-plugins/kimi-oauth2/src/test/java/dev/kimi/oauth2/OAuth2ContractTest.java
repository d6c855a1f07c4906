package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.contract.CredentialsProviderContract;
import dev.kimi.time.Timer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OAuth2ContractTest extends CredentialsProviderContract {

    private final Timer timer = Timer.wheel("oauth2-contract");
    private KimiSimulator kimi;
    private CredentialsProvider provider;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.builder().oauth2("id", "s3cret+%").start();
        provider = provider("id", "s3cret+%");
    }

    private CredentialsProvider provider(String clientId, String secret) {
        return new OAuth2CredentialsProviderFactory()
                .create(ProviderSettings.builder("kimi.auth", timer)
                        .set("token-uri", kimi.baseUrl() + "/oauth/token")
                        .set("client-id", clientId)
                        .set("client-secret", secret)
                        .build());
    }

    @Test
    void whoever_asks_the_same_endpoint_by_the_same_client_id_is_one_account() {
        assertThat(accountOf(provider)).isEqualTo(kimi.baseUrl() + "/oauth/token id");
        CredentialsProvider same = provider("id", "another secret");
        CredentialsProvider other = provider("id2", "s3cret+%");

        assertThat(accountOf(same)).isEqualTo(accountOf(provider)).doesNotContain("secret");
        assertThat(accountOf(other)).isNotEqualTo(accountOf(provider));
        ((CachedTokens) same).close();
        ((CachedTokens) other).close();
    }

    private static String accountOf(CredentialsProvider asked) {
        return String.valueOf(asked.account()).replaceFirst("^oauth2 ", "");
    }

    @AfterEach
    void stop() {
        ((CachedTokens) provider).close();
        kimi.close();
        timer.close();
    }

    @Override
    protected CredentialsProvider provider() {
        return provider;
    }
}
