package dev.kimi.oauth2;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Access tokens for a refresh token, which each of them may replace (RFC 6749, section 6). */
final class RefreshGrant implements Supplier<CompletionStage<Token>> {

    private final RefreshTokenStore store;
    private final TokenEndpoint endpoint;

    RefreshGrant(RefreshTokenStore store, TokenEndpoint endpoint) {
        this.store = store;
        this.endpoint = endpoint;
    }

    @Override
    public CompletionStage<Token> get() {
        AtomicReference<Token> token = new AtomicReference<>();
        return store.rotate(stored -> {
                    if (stored == null) {
                        return CompletableFuture.failedFuture(new AuthenticationException(
                                "There is no refresh token in the store. Log in, so that it has one.",
                                KimiException.Details.NONE,
                                null));
                    }
                    char[] characters = stored.toCharArray();
                    Form form = new Form().add("grant_type", "refresh_token").add("refresh_token", characters);
                    Arrays.fill(characters, ' ');
                    return endpoint.fetch(form).thenApply(issued -> {
                        token.set(issued.token());
                        RefreshToken next = issued.refreshToken();
                        return next == null ? stored : next;
                    });
                })
                .thenApply(stored -> token.get());
    }
}
