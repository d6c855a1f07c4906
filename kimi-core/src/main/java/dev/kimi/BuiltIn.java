package dev.kimi;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.auth.CredentialsProviderFactory;
import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaFactory;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.retry.RetryPolicyFactory;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The factories that need no jar of their own. */
final class BuiltIn {

    private BuiltIn() {}

    static List<RetryPolicyFactory> retryPolicies() {
        return List.of(
                new Retry(
                        "standard",
                        Set.of("max-attempts", "retry-after-ceiling"),
                        s -> RetryPolicy.standard(
                                s.positive("max-attempts", 3),
                                s.duration("retry-after-ceiling", Duration.ofSeconds(60)))),
                new Retry("classic", Set.of("max-attempts", "min-delay", "max-delay", "multiplier"), BuiltIn::classic),
                new Retry("never", Set.of(), s -> RetryPolicy.never()));
    }

    private static RetryPolicy classic(ProviderSettings settings) {
        Duration least = settings.duration("min-delay", Duration.ofSeconds(4));
        Duration most = settings.duration("max-delay", Duration.ofSeconds(10));
        if (least.compareTo(most) > 0) {
            throw new ConfigurationException(
                    settings.fullName("min-delay"),
                    "The shortest wait before a retry is longer than the longest.",
                    "Set " + settings.fullName("min-delay") + " to at most " + settings.fullName("max-delay")
                            + "; unset, they are 4s and 10s.");
        }
        return RetryPolicy.classic(
                settings.positive("max-attempts", 3), settings.positive("multiplier", 1.0), least, most);
    }

    static List<BatchWindowFactory> batchWindows() {
        return List.of(
                new Window("fixed", Set.of("max-batch-size"), s -> BatchWindow.fixed(s.positive("max-batch-size", 16))),
                new Window(
                        "littles-law",
                        Set.of("max-batch-size", "throughput-target"),
                        s -> BatchWindow.littlesLaw(
                                s.positive("max-batch-size", 64), s.positive("throughput-target", 20.0))));
    }

    static List<QuotaFactory> quotas() {
        return List.of(new LocalQuota());
    }

    /** {@code kimi.auth.provider=api-key}: a static key. */
    record ApiKey() implements CredentialsProviderFactory {

        /** Of the provider, and of its setting. */
        static final String NAME = "api-key";

        /** The setting that names the header which the key goes into. */
        static final String HEADER = "header";

        private static final String BEARER = "authorization";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Set<String> settings() {
            return Set.of(NAME, HEADER);
        }

        @Override
        public CredentialsProvider create(ProviderSettings settings) {
            return create(settings, null);
        }

        /** @param usualHeader the header where none is set; null for {@code Authorization: Bearer} */
        CredentialsProvider create(ProviderSettings settings, @Nullable String usualHeader) {
            String header = settings.get(HEADER, usualHeader == null ? BEARER : usualHeader);
            String key = settings.find(NAME);
            if (key == null) {
                throw new ConfigurationException(
                        "kimi.api-key",
                        "No API key is set, and there are no other credentials.",
                        "Set kimi.api-key (the usual way is the environment variable KIMI_API_KEY), or choose another"
                                + " kimi.auth.provider.");
            }
            try {
                return header.equalsIgnoreCase(BEARER)
                        ? CredentialsProvider.apiKey(key)
                        : CredentialsProvider.of(Credentials.header(checked(header, settings), key));
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(
                        "kimi.api-key", "The API key cannot be used: " + e.getMessage() + ".", "Copy it again.");
            }
        }
    }

    private static String checked(String header, ProviderSettings settings) {
        try {
            Credentials.header(header, "key");
            return header;
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    settings.fullName(ApiKey.HEADER),
                    "The key cannot go into the header " + settings.fullName(ApiKey.HEADER) + " names: "
                            + e.getMessage() + ".",
                    "Write authorization, x-api-key, or the name of another header.");
        }
    }

    private record Retry(String name, Set<String> settings, Function<ProviderSettings, RetryPolicy> maker)
            implements RetryPolicyFactory {
        @Override
        public RetryPolicy create(ProviderSettings settings) {
            return maker.apply(settings);
        }
    }

    private record Window(String name, Set<String> settings, Function<ProviderSettings, BatchWindow> maker)
            implements BatchWindowFactory {
        @Override
        public BatchWindow create(ProviderSettings settings) {
            return maker.apply(settings);
        }
    }

    private record LocalQuota() implements QuotaFactory {
        @Override
        public String name() {
            return "local";
        }

        @Override
        public Set<String> settings() {
            return Set.of("concurrency", "requests-per-minute", "tokens-per-minute");
        }

        @Override
        public Quota create(ProviderSettings settings) {
            return Quota.local(settings);
        }
    }
}
