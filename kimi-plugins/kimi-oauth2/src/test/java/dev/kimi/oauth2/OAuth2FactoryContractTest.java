package dev.kimi.oauth2;

import dev.kimi.Part;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.test.contract.FactoryContract;
import java.util.Map;
import java.util.Set;

class OAuth2FactoryContractTest extends FactoryContract {

    @Override
    protected Part<?> part() {
        return Part.AUTH;
    }

    @Override
    protected ProviderFactory<?> factory() {
        return new OAuth2CredentialsProviderFactory();
    }

    @Override
    protected Map<String, String> settings() {
        return Map.of("token-uri", "https://auth.example/token", "client-id", "app", "client-secret", "not a secret");
    }

    @Override
    protected Set<String> freeText() {
        return Set.of("client-id", "client-secret", "scope", "audience", "refresh-token-file");
    }
}
