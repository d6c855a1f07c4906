package dev.kimi.auth;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Credentials that never change. */
final class FixedCredentials implements CredentialsProvider {

    private final CompletionStage<Credentials> always;
    private final String account;

    FixedCredentials(Credentials credentials) {
        this.always = CompletableFuture.completedFuture(credentials);
        this.account = credentials.fingerprint();
    }

    @Override
    public CompletionStage<Credentials> credentials() {
        return always;
    }

    @Override
    public String account() {
        return account;
    }
}
