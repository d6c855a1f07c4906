package dev.kimi.gateway.key;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A key that the gateway has issued, without the characters that clients send. Immutable.
 *
 * @param id never changes; for logs, metrics and files
 * @param terms what it may do
 * @param secrets what is valid for it: more than one while a rotated one has not expired, none of a key that is revoked
 * @param created when it was issued
 * @param revoked when it was revoked, or null
 */
public record VirtualKey(
        String id,
        Terms terms,
        List<Secret> secrets,
        Instant created,
        @Nullable Instant revoked) {

    public VirtualKey {
        Objects.requireNonNull(terms, "terms");
        Objects.requireNonNull(created, "created");
        secrets = List.copyOf(secrets);
        if (id.isBlank()) {
            throw new IllegalArgumentException("a key has an id");
        }
    }

    /**
     * What a key may do.
     *
     * @param name for people, not empty
     * @param models patterns of the names that clients use, with {@code *} for any characters; empty for all models
     * @param limits how much
     * @param enabled false turns it off until it is enabled again
     * @param notBefore when it begins to be valid, or null
     * @param expires when it ends to be valid, or null
     */
    public record Terms(
            String name,
            List<String> models,
            Limits limits,
            boolean enabled,
            @Nullable Instant notBefore,
            @Nullable Instant expires) {

        public Terms {
            Objects.requireNonNull(limits, "limits");
            models = List.copyOf(models);
            if (name.isBlank() || name.length() > 200) {
                throw new IllegalArgumentException("the name of a key has 1 to 200 characters");
            }
            if (models.stream().anyMatch(String::isBlank)) {
                throw new IllegalArgumentException("a pattern of models of key '" + name + "' is empty");
            }
            if (notBefore != null && expires != null && !expires.isAfter(notBefore)) {
                throw new IllegalArgumentException("key '" + name + "' expires before it begins");
            }
        }

        /** All models, without limits. */
        public static Terms named(String name) {
            return new Terms(name, List.of(), Limits.NONE, true, null, null);
        }
    }

    /**
     * How much a key may use; 0 and null for no limit.
     *
     * @param requestsPerMinute requests of all kinds
     * @param tokensPerMinute tokens read and written
     * @param concurrency calls at a time
     * @param sessionConcurrency calls of one conversation at a time
     * @param budgetPerDay US dollars a day
     * @param budgetPerMonth US dollars a calendar month
     */
    public record Limits(
            long requestsPerMinute,
            long tokensPerMinute,
            int concurrency,
            int sessionConcurrency,
            @Nullable BigDecimal budgetPerDay,
            @Nullable BigDecimal budgetPerMonth) {

        private static final int DIGITS = 9;

        /** No limits. */
        public static final Limits NONE = new Limits(0, 0, 0, 0, null, null);

        public Limits {
            if (requestsPerMinute < 0 || tokensPerMinute < 0 || concurrency < 0 || sessionConcurrency < 0) {
                throw new IllegalArgumentException("a limit cannot be negative; 0 is none");
            }
            check(budgetPerDay);
            check(budgetPerMonth);
        }

        private static void check(@Nullable BigDecimal budget) {
            if (budget == null) {
                return;
            }
            if (budget.signum() < 0) {
                throw new IllegalArgumentException("a budget cannot be negative; without one there is no cap");
            }
            if (budget.scale() > DIGITS || budget.precision() - budget.scale() > DIGITS) {
                throw new IllegalArgumentException(
                        "a budget is below a billion US dollars, with at most nine decimals");
            }
        }
    }

    /**
     * What stands for the characters that clients send.
     *
     * @param hash SHA-256 of them, in hexadecimal digits
     * @param ending their last four, by which people recognise them
     * @param created when it was issued
     * @param expires when it ends to be valid, or null
     */
    public record Secret(
            String hash,
            String ending,
            Instant created,
            @Nullable Instant expires) {
        public Secret {
            if (!hash.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException("the hash of a key has 64 hexadecimal digits");
            }
        }

        /** Without the hash. */
        @Override
        public String toString() {
            return "Secret[..." + ending + "]";
        }
    }
}
