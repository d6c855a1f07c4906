package dev.kimi.test.contract;

import dev.kimi.auth.CredentialsProvider;

class ApiKeyContractTest extends CredentialsProviderContract {

    @Override
    protected CredentialsProvider provider() {
        return CredentialsProvider.apiKey("sk-contract-0123456789");
    }
}
