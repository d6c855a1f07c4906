package dev.kimi.samples.benchmark;

import com.sun.management.ThreadMXBean;
import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.oauth2.AccessToken;
import dev.kimi.oauth2.OAuth2CredentialsProviderFactory;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What it costs to get a token that is in the cache: CPU time and bytes of one call on one thread. */
final class TokenCacheHit {

    private static final int ROUNDS = 10;
    private static final int HITS = 5_000_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private TokenCacheHit() {}

    public static void main(String[] args) {
        Timer timer = Timer.wheel("token-cache-hit");
        AccessToken token = new AccessToken(Credentials.bearer("token"), Duration.ofHours(1));
        CredentialsProvider provider = OAuth2CredentialsProviderFactory.keeping(
                ProviderSettings.builder("kimi.auth", timer).build(),
                null,
                () -> CompletableFuture.completedFuture(token));
        provider.credentials();
        for (int round = 1; round <= ROUNDS; round++) {
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            long from = THREADS.getCurrentThreadCpuTime();
            int same = 0;
            for (int i = 0; i < HITS; i++) {
                if (provider.credentials().toCompletableFuture().join() == token.credentials()) {
                    same++;
                }
            }
            double nanos = (double) (THREADS.getCurrentThreadCpuTime() - from) / HITS;
            double allocated = (double) (THREADS.getCurrentThreadAllocatedBytes() - bytes) / HITS;
            System.out.printf("round %d: %.1f ns, %.3f bytes a hit, %d hits%n", round, nanos, allocated, same);
        }
        timer.close();
    }
}
