package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.auth.Credentials;
import dev.kimi.error.AuthenticationException;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many calls under way with one token when the service stops taking it. */
@Timeout(60)
class RejectedTokensTest {

    private static final int CALLS = 10_000;
    private static final int THREADS = 8;

    private final VirtualTime time = new VirtualTime();
    private final List<CompletableFuture<Token>> fetches = new CopyOnWriteArrayList<>();
    private final HeldTransport transport = new HeldTransport();
    private final KimiClient client = KimiClient.builder()
            .baseUrl("https://kimi.test")
            .time(time, time)
            .transport(transport)
            .callbackExecutor(Runnable::run)
            .credentials(new CachedTokens(
                    ProviderSettings.builder("kimi.auth", time).time(time).build(),
                    "oauth2 https://auth.test/token client",
                    this::fetch,
                    () -> {}))
            .build();
    private List<CompletableFuture<ServiceResponse>> calls = List.of();

    private CompletionStage<Token> fetch() {
        CompletableFuture<Token> next = new CompletableFuture<>();
        fetches.add(next);
        return next;
    }

    private void arrives(int fetch, String token) {
        fetches.get(fetch)
                .complete(
                        Token.of(Credentials.bearer(token), time.nanoTime(), OptionalLong.of(3600), 0, Duration.ZERO));
    }

    @BeforeEach
    void all_calls_are_under_way_with_one_token() {
        calls = IntStream.range(0, CALLS)
                .mapToObj(call -> client.exchangeAsync(ServiceRequest.get("/v1/models")))
                .toList();
        arrives(0, "old");
        assertThat(fetches).hasSize(1);
        assertThat(transport.sentFrom(0))
                .hasSize(CALLS)
                .allMatch(sent -> sent.authorization().equals("Bearer old"));
    }

    @AfterEach
    void nothing_is_left() {
        assertThat(client.diagnostics().calls().total()).isZero();
        assertThat(time.pending()).isZero();
        client.close();
    }

    /** On several threads that begin together. */
    private static void respond(List<HeldTransport.Held> sent, int status) throws InterruptedException {
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<Thread> threads = IntStream.range(0, THREADS)
                .mapToObj(first -> new Thread(() -> {
                    try {
                        together.await();
                    } catch (InterruptedException | BrokenBarrierException e) {
                        throw new IllegalStateException(e);
                    }
                    for (int i = first; i < sent.size(); i += THREADS) {
                        sent.get(i).respond(status);
                    }
                }))
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void ten_thousand_rejections_at_once_cost_one_refresh_and_one_replay_each() throws InterruptedException {
        respond(transport.sentFrom(0), 401);
        assertThat(fetches).as("the first token and the one after it").hasSize(2);
        assertThat(transport.sentFrom(CALLS)).as("replays without a token").isEmpty();

        arrives(1, "new");
        assertThat(transport.sentFrom(CALLS))
                .hasSize(CALLS)
                .allMatch(sent -> sent.authorization().equals("Bearer new"));
        respond(transport.sentFrom(CALLS), 200);

        assertThat(calls).allMatch(call -> call.join().status() == 200);
        assertThat(fetches).hasSize(2);
        assertThat(transport.sentFrom(0)).hasSize(2 * CALLS);
    }

    @Test
    void rejections_of_the_old_token_that_come_after_the_new_one_cost_no_other_refresh() throws InterruptedException {
        List<HeldTransport.Held> sent = transport.sentFrom(0);
        respond(sent.subList(0, CALLS / 2), 401);
        arrives(1, "new");
        respond(sent.subList(CALLS / 2, CALLS), 401);

        assertThat(fetches).hasSize(2);
        assertThat(transport.sentFrom(CALLS))
                .hasSize(CALLS)
                .allMatch(replay -> replay.authorization().equals("Bearer new"));
        respond(transport.sentFrom(CALLS), 200);
        assertThat(calls).allMatch(call -> call.join().status() == 200);
    }

    @Test
    void a_call_that_is_rejected_with_the_new_token_too_is_not_replayed_again() throws InterruptedException {
        respond(transport.sentFrom(0), 401);
        arrives(1, "new");

        respond(transport.sentFrom(CALLS), 401);

        assertThat(calls)
                .allSatisfy(call -> assertThat(
                                call.handle((response, failure) -> failure).join())
                        .isInstanceOf(AuthenticationException.class));
        assertThat(transport.sentFrom(0)).hasSize(2 * CALLS);
        assertThat(fetches).as("nobody asks for the third").hasSize(2);
    }
}
