package dev.kimi.starter.oauth2;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.contract.CredentialsProviderContract;
import dev.kimi.time.Timer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class OAuth2ContractTest extends CredentialsProviderContract {

    private final Timer timer = Timer.wheel("oauth2-contract");
    private KimiSimulator kimi;
    private CredentialsProvider provider;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.builder().oauth2("id", "s3cret+%").start();
        provider = new OAuth2CredentialsProviderFactory()
                .create(ProviderSettings.builder("kimi.auth", timer)
                        .set("token-uri", kimi.baseUrl() + "/oauth/token")
                        .set("client-id", "id")
                        .set("client-secret", "s3cret+%")
                        .build());
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
