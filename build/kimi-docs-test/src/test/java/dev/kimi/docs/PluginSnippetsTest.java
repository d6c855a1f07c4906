package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
import dev.kimi.batch.WindowObservation;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.test.KimiSimulator;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code of docs/plugins.md that is no class of its own, run. */
@Timeout(60)
class PluginSnippetsTest {

    @Test
    void chosen_by_name() {
        String key = "sk-test";
        // snippet:provider-by-name
        KimiClient kimi = KimiClient.builder()
                .apiKey(key)
                .provider(Part.BATCH, "littles-law")
                .set(Part.BATCH, "throughput-target", "20")
                .build();
        // end
        kimi.close();
        assertThat(kimi.name()).isEqualTo("default");
    }

    @Test
    void a_polite_window_halves_and_recovers() {
        BatchWindow window = new PoliteWindowTest().window();

        WindowObservation seen = WindowObservation.builder().build();
        assertThat(window.permits(seen)).isEqualTo(64);
        window.sampled(ended(0, 5).throttled(true).build());
        assertThat(window.permits(seen)).isEqualTo(32);
        window.sampled(ended(4, 6).throttled(true).build());
        assertThat(window.permits(seen)).isEqualTo(32);
        window.sampled(ended(5, 7).throttled(true).build());
        assertThat(window.permits(seen)).isEqualTo(16);
        for (int call = 0; call < 21; call++) {
            window.sampled(ended(8, 9).succeeded(true).build());
        }
        assertThat(window.permits(seen)).isEqualTo(18);
    }

    private static CallSample.Builder ended(long sentNanos, long endedNanos) {
        return CallSample.builder(0, 0).attempt(1).sentNanos(sentNanos).endedNanos(endedNanos);
    }

    @Test
    void credentials_of_one_line() {
        try (KimiSimulator service = KimiSimulator.builder().keys("sk-test").start()) {
            String fromSomewhere = "sk-test";
            // snippet:credentials
            CredentialsProvider credentials = CredentialsProvider.apiKey(fromSomewhere);
            // end
            try (KimiClient kimi = KimiClient.builder()
                    .baseUrl(service.baseUrl())
                    .credentials(credentials)
                    .build()) {
                assertThat(kimi.chat("Hi").text()).isNotEmpty();
            }
        }
    }

    // snippet:quota-plugin
    /** Holds every call until it is turned on, and leaves the rest to another quota. */
    static final class Switch implements Quota {
        private final Quota quota;
        private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
        private volatile boolean on;

        Switch(Quota quota) {
            this.quota = quota;
        }

        void turnOn() {
            on = true;
            waiting.forEach(Runnable::run);
        }

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            return on ? quota.reserve(request) : QuotaDecision.later(Duration.ofMinutes(10));
        }

        @Override
        public void reset() {
            quota.reset();
        }

        @Override
        public Subscription subscribe(String account, Runnable onCapacity) {
            waiting.add(onCapacity);
            Subscription inner = quota.subscribe(account, onCapacity);
            return () -> {
                waiting.remove(onCapacity);
                inner.close();
            };
        }
    }
    // end

    @Test
    void a_quota_holds_calls_without_a_thread() throws Exception {
        Switch held = new Switch(Quota.unlimited());
        try (KimiSimulator service = KimiSimulator.start();
                KimiClient kimi = KimiClient.builder()
                        .baseUrl(service.baseUrl())
                        .apiKey("sk-test")
                        .quota(held)
                        .build()) {
            CompletableFuture<ChatResponse> call = kimi.chatAsync(ChatRequest.of("Hi"));
            assertThat(service.requests()).isEmpty();

            held.turnOn();
            assertThat(call.get().text()).isNotEmpty();
        }
    }
}
