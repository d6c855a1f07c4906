package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient.WarmUp;
import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.event.CallListener;
import dev.kimi.internal.util.LogRecorder;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is done before the first call. */
@Timeout(60)
class ClientWarmUpTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final VirtualTime time = new VirtualTime();
    private final Doors doors = new Doors();
    private final LogRecorder log = new LogRecorder("dev.kimi.connections");
    private final LogRecorder calls = new LogRecorder("dev.kimi.calls");
    private final AtomicInteger tokens = new AtomicInteger();
    private final CredentialsProvider provider = () -> {
        tokens.incrementAndGet();
        return CompletableFuture.completedFuture(Credentials.bearer("sk-secret"));
    };

    @AfterEach
    void close() {
        log.close();
        calls.close();
    }

    /** A transport that opens connections as the test says, over which every request gets the same response. */
    private static final class Doors implements Transport {
        private final List<URI> opened = new ArrayList<>();
        private final List<String> sent = new CopyOnWriteArrayList<>();
        private Function<URI, CompletionStage<Optional<TransportFailure>>> door =
                origin -> CompletableFuture.completedStage(Optional.empty());

        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            sent.add(request.method() + " " + request.target());
            ForkJoinPool.commonPool().execute(() -> {
                handler.onHeaders(404, Headers.empty());
                handler.onComplete(Headers.empty());
            });
            return new Exchange() {
                @Override
                public void request(long chunks) {}

                @Override
                public void abort() {}
            };
        }

        @Override
        public CompletionStage<Optional<TransportFailure>> connect(URI origin) {
            opened.add(origin);
            return door.apply(origin);
        }

        @Override
        public void close() {}
    }

    private KimiClientBuilder builder() {
        return KimiClient.builder()
                .credentials(provider)
                .transport(doors)
                .callbackExecutor(Runnable::run)
                .time(time, time);
    }

    @Test
    void off_does_nothing() {
        try (KimiClient client = builder().build()) {
            assertThat(client.warmUp(WarmUp.OFF, LIMIT)).isCompletedWithValue(true);
        }
        assertThat(doors.opened).isEmpty();
        assertThat(tokens).hasValue(0);
    }

    @Test
    void connect_opens_one_connection_to_each_address_of_the_route_and_fetches_each_token_once() {
        CredentialsProvider others = CredentialsProvider.apiKey("sk-claude");
        try (KimiClient client = builder()
                .failover(
                        builder().name("same-place"),
                        builder()
                                .name("claude")
                                .baseUrl("https://api.anthropic.com")
                                .model("claude-sonnet-5-5")
                                .credentials(others))
                .build()) {
            assertThat(client.warmUp(WarmUp.CONNECT, LIMIT)).isCompletedWithValue(true);
        }
        assertThat(doors.opened).extracting(URI::getHost).containsExactly("api.moonshot.ai", "api.anthropic.com");
        assertThat(tokens).hasValue(1);
        assertThat(doors.sent).isEmpty();
        assertThat(log.messages()).isEmpty();
        assertThat(time.pending()).isZero();
    }

    @Test
    void what_fails_is_logged_and_is_no_failure_of_the_start() {
        doors.door = origin -> CompletableFuture.completedStage(
                Optional.of(TransportFailure.of(TransportFailure.Kind.CONNECT, true, null)));
        CredentialsProvider down = () -> {
            throw new ServerException("The token endpoint is down.", KimiException.Details.NONE, null);
        };
        try (KimiClient client = builder().credentials(down).build()) {
            assertThat(client.warmUp(WarmUp.CONNECT, LIMIT)).isCompletedWithValue(false);
        }
        assertThat(log.records()).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.WARNING);
            assertThat(line.getMessage())
                    .contains("client 'default'")
                    .contains("a connection to https://api.moonshot.ai: The service cannot be reached.")
                    .contains("credentials of endpoint 'default': The token endpoint is down.");
        });
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_transport_that_throws_or_fails_its_stage_is_no_failure_of_the_start() {
        for (Function<URI, CompletionStage<Optional<TransportFailure>>> door :
                List.<Function<URI, CompletionStage<Optional<TransportFailure>>>>of(
                        origin -> {
                            throw new IllegalStateException("sk-secret");
                        },
                        origin -> CompletableFuture.failedStage(new IllegalStateException("sk-secret")))) {
            doors.door = door;
            try (KimiClient client = builder().build()) {
                assertThat(client.warmUp(WarmUp.CONNECT, LIMIT)).isCompletedWithValue(false);
            }
        }
        assertThat(log.messages())
                .hasSize(2)
                .allSatisfy(line ->
                        assertThat(line).contains("IllegalStateException").doesNotContain("sk-secret"));
    }

    @Test
    void a_service_that_is_silent_holds_it_up_to_the_limit_and_no_longer() {
        doors.door = origin -> new CompletableFuture<>();
        try (KimiClient client = builder().build()) {
            CompletableFuture<Boolean> ready = client.warmUp(WarmUp.CONNECT, LIMIT);
            time.advance(LIMIT.minusNanos(1));
            assertThat(ready).isNotDone();
            time.advance(Duration.ofNanos(1));

            assertThat(ready).isCompletedWithValue(false);
        }
        assertThat(log.messages()).singleElement().asString().contains("did not come within 10s");
        assertThat(time.pending()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"openai, https://api.moonshot.ai, kimi-k3", "anthropic, https://api.anthropic.com, claude-sonnet-5-5"})
    void the_call_path_runs_without_listeners_log_and_quota_and_sends_one_request_that_costs_nothing(
            String protocol, String url, String model) throws Exception {
        calls.at(Level.FINE);
        CallListener nobody = started -> {
            throw new AssertionError("no call is to be seen");
        };
        Untouched quota = new Untouched();
        try (KimiClient client = builder()
                .protocol(protocol)
                .baseUrl(url)
                .model(model)
                .listener(nobody)
                .quota(quota)
                .build()) {
            assertThat(client.warmUp(WarmUp.CALL_PATH, LIMIT).get(30, TimeUnit.SECONDS))
                    .as(() -> String.join("", log.messages()))
                    .isTrue();

            assertThat(client.openCalls()).isEmpty();
            assertThat(client.diagnostics().openStreams()).isZero();
        }
        assertThat(quota.reserved).hasValue(0);
        assertThat(doors.sent).singleElement().asString().startsWith("GET /v1/models");
        assertThat(calls.messages()).isEmpty();
        assertThat(time.pending()).isZero();
    }

    private static final class Untouched implements Quota {
        private final AtomicInteger reserved = new AtomicInteger();

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            reserved.incrementAndGet();
            return Quota.unlimited().reserve(request);
        }
    }
}
