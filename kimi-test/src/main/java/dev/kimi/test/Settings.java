package dev.kimi.test;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the builder collects; not changed once the simulator runs. */
final class Settings {

    static final int DEFAULT_RECORDED = 10_000;

    int port;
    String host = "127.0.0.1";
    boolean tls;
    boolean gzip = true;
    boolean validation = true;
    int recorded = DEFAULT_RECORDED;
    int maxConcurrentStreams;
    Duration idleTimeout = Duration.ZERO;
    Latency latency = Latency.none();
    AccountLimits limits = AccountLimits.none();
    byte @Nullable [] oauthClient;

    @Nullable Predicate<String> validTokens;

    final Set<String> keys = new LinkedHashSet<>();
    final Set<String> models = new LinkedHashSet<>();
    final Map<String, String> organisations = new LinkedHashMap<>();

    @Nullable TimeAndTimer time;

    record TimeAndTimer(TimeSource source, Timer timer) {}
}
