package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Who may call, and for which account. Lives on the event loop. */
final class KeyRing {

    private static final String BEARER = "Bearer ";

    private final Settings settings;
    private final @Nullable Predicate<String> tokens;
    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<String, Account> accountOfKey = new HashMap<>();

    /** @param tokens whether a token is valid, or null if plain keys are taken */
    KeyRing(Settings settings, @Nullable Predicate<String> tokens) {
        this.settings = settings;
        this.tokens = tokens;
    }

    /** The key of the header; empty if there is none. */
    static String key(@Nullable String authorization) {
        return authorization != null && authorization.startsWith(BEARER)
                ? authorization.substring(BEARER.length()).strip()
                : "";
    }

    /** Why the key is not good enough, or null. */
    @Nullable ApiError rejection(String key) {
        if (key.isEmpty()) {
            return ApiError.missingKey();
        }
        if (tokens != null) {
            return tokens.test(key) ? null : ApiError.missingKey();
        }
        Set<String> keys = settings.keys;
        return keys.isEmpty() || keys.contains(key) ? null : ApiError.wrongKey();
    }

    /** The account of the key: the one it was given to, else one of its own. */
    Account account(String key) {
        return accountOfKey.computeIfAbsent(key, this::find);
    }

    private Account find(String key) {
        String given = settings.organisations.get(key);
        String name = given != null ? given : String.format("org-%024x", key.hashCode() & 0xFFFFFFFFL);
        return accounts.computeIfAbsent(name, Account::new);
    }

    /** Forgets what the accounts have used. */
    void clear() {
        accounts.clear();
        accountOfKey.clear();
    }
}
