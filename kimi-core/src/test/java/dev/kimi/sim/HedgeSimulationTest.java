package dev.kimi.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.internal.call.CallbackExecutors;
import dev.kimi.internal.call.Engine;
import dev.kimi.internal.call.EngineSettings;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.BookingPolicy;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.EndpointSettings;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.endpoint.RetrySettings;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.Settlement;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.time.Timeouts;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Schedules of streams to three endpoints that are fast until their times are known, and slow, failing and cancelled
 * then. More of them with {@code -Dkimi.sim.hedges}, others with {@code -Dkimi.sim.base}.
 */
class HedgeSimulationTest {

    private static final int ENOUGH = 1_000;
    private static final long SCHEDULES = Long.getLong("kimi.sim.hedges", ENOUGH);
    private static final long BASE = Long.getLong("kimi.sim.base", 20_261_128);
    private static final double SHARE = 0.5;
    private static final int WARM = 25;
    private static final Headers SSE =
            Headers.builder().add("content-type", "text/event-stream").build();

    private final Logger logger = Logger.getLogger("dev.kimi");

    @BeforeEach
    void silence() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        logger.setLevel(null);
    }

    @Test
    void of_two_attempts_one_delivers_and_the_other_ends_with_all_that_it_held() {
        long hedged = 0;
        long calls = 0;
        for (long seed = BASE; seed < BASE + SCHEDULES; seed++) {
            Run run = new Run(seed);
            run.play();
            assertThat(run.complaints).as("schedule %d", seed).isEmpty();
            hedged += run.calls.stream().mapToInt(HedgedCall::hedges).sum();
            calls += run.calls.size();
        }
        if (SCHEDULES >= ENOUGH) {
            assertThat(hedged).isGreaterThan(SCHEDULES);
        }
        if (SCHEDULES != ENOUGH) {
            System.out.println(SCHEDULES + " schedules, " + calls + " calls, " + hedged + " sent twice");
        }
    }

    private static final class Run implements Transport {
        private final VirtualTime time = new VirtualTime();
        private final Chance chance;
        private final List<String> complaints = new ArrayList<>();
        private final List<HedgedCall> calls = new ArrayList<>();
        private final Map<Integer, List<String>> sent = new HashMap<>();
        private final List<Sent> exchanges = new ArrayList<>();
        private final Engine engine;
        private @Nullable HedgedCall beginning;

        private Run(long seed) {
            chance = new Chance(seed);
            List<Endpoint> route = List.of(endpoint("first"), endpoint("second"), endpoint("third"));
            EngineSettings settings = new EngineSettings(
                    "first",
                    Timeouts.builder().headers(Duration.ofSeconds(8)).build(),
                    List.of(event -> Objects.requireNonNull(beginning)),
                    new CallbackExecutors("first", Runnable::run, Runnable::run, UnaryOperator.identity()),
                    time,
                    time);
            FailoverRouter router = new FailoverRouter(route, 1, time, chance.fork(), new Hedging(SHARE));
            engine = new Engine(settings, router, () -> {}, new Leaks("first", false, false));
        }

        private Endpoint endpoint(String name) {
            int most = chance.oneIn(3) ? chance.between(1, 4) : Integer.MAX_VALUE;
            int[] under = {0};
            Quota quota = request -> {
                if (under[0] >= most) {
                    return QuotaDecision.later(Duration.ofMillis(chance.between(10, 3_000)));
                }
                under[0]++;
                HedgedCall call = calls.get((int) request.bookedInputTokens());
                Consumer<Settlement> settled = call.reserved();
                return QuotaDecision.granted(settlement -> {
                    under[0]--;
                    settled.accept(settlement);
                });
            };
            RetryPolicy policy = RetryPolicy.standard(chance.between(1, 3), Duration.ofSeconds(60));
            EndpointSettings settings = new EndpointSettings(
                    name,
                    RoutePlan.addressOf(name),
                    new SimProtocol(Dialect.OPENAI, false, false),
                    true,
                    ModelNames.asAsked(SimProtocol.MODEL),
                    new ModelCards.Settings().cards(),
                    "test/1",
                    BookingPolicy.CAP_BOOKED,
                    new RetrySettings(policy, true, chance.fork()));
            Account account = new Account(name, quota, time, time, chance.fork());
            return new Endpoint(settings, account, new Keys(name), this);
        }

        private void play() {
            int many = WARM + chance.between(5, 40);
            for (int i = 0; i < many; i++) {
                time.schedule(i * 20_000_000L + chance.below(1_000_000), this::call);
            }
            boolean more = true;
            while (complaints.isEmpty() && more) {
                more = time.advanceToNext();
            }
            for (int i = 0; i < calls.size() && complaints.isEmpty(); i++) {
                calls.get(i).checkTheEnd(sent.getOrDefault(i, List.of("")));
            }
            check(exchanges.stream().allMatch(one -> one.over), "exchanges are left open");
            check(engine.liveCalls() == 0, "calls are left");
            long hedged = calls.stream().mapToInt(HedgedCall::hedges).sum();
            check(hedged <= SHARE * calls.size(), hedged + " of " + calls.size() + " calls were sent twice");
        }

        private void check(boolean holds, String otherwise) {
            if (!holds) {
                complaints.add(otherwise);
            }
        }

        private void call() {
            HedgedCall call = new HedgedCall(complaints, calls.size());
            calls.add(call);
            beginning = call;
            ChatRequest request = ChatRequest.builder()
                    .user(String.valueOf(calls.size() - 1))
                    .deadline(Duration.ofSeconds(chance.between(5, 60)))
                    .build();
            call.reads(engine.stream(request));
            if (calls.size() > WARM && chance.oneIn(5)) {
                time.schedule(chance.millis(1, 5_000), call::leaves);
            }
        }

        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            int number =
                    SimProtocol.number(Objects.requireNonNull(request.body().bytes()));
            Sent exchange = new Sent(handler, calls.get(number).attempts() + "@" + number);
            exchanges.add(exchange);
            sent.computeIfAbsent(number, key -> new ArrayList<>(List.of(""))).add(exchange.play(number >= WARM));
            return exchange;
        }

        @Override
        public void close() {}

        /** One exchange: a stream that comes sooner or later, or fails. */
        private final class Sent implements Exchange {
            private final ExchangeHandler handler;
            private final String tag;
            private final List<String> waiting = new ArrayList<>();
            private long demand;
            private boolean ended;
            private boolean over;

            private Sent(ExchangeHandler handler, String tag) {
                this.handler = handler;
                this.tag = tag;
            }

            /** Gives the text of the response. */
            private String play(boolean mayFail) {
                int kind = mayFail ? chance.below(8) : 7;
                long head = mayFail ? chance.millis(1, 10_000) : chance.millis(1, 20);
                long first = head + (mayFail ? chance.millis(1, 4_000) : 1_000_000);
                Dialect dialect = Dialect.OPENAI;
                if (kind == 0) {
                    time.schedule(head, () -> fail(Kind.CONNECT, true));
                } else if (kind == 1) {
                    time.schedule(head, () -> answer(503, dialect.error("server_unavailable", "no"), true));
                } else if (kind != 2) {
                    time.schedule(head, () -> answer(200, "", false));
                    if (kind == 3) {
                        time.schedule(first, () -> fail(Kind.RESET, false));
                        return "";
                    }
                    time.schedule(first, () -> chunk(dialect.word(tag)));
                    if (kind == 4) {
                        time.schedule(first + 50_000_000L, () -> fail(Kind.RESET, false));
                    } else {
                        time.schedule(first + chance.millis(1, 500), () -> end(dialect.end()));
                    }
                    return tag;
                }
                return "";
            }

            private void answer(int status, String body, boolean whole) {
                if (!over) {
                    handler.onHeaders(status, whole ? Headers.empty() : SSE);
                    if (whole) {
                        end(body);
                    }
                }
            }

            private void end(String body) {
                ended = true;
                chunk(body);
            }

            private void chunk(String body) {
                waiting.add(body);
                pump();
            }

            private void pump() {
                while (!over && demand > 0 && !waiting.isEmpty()) {
                    demand--;
                    handler.onBody(ByteBuffer.wrap(waiting.remove(0).getBytes(StandardCharsets.ISO_8859_1)));
                }
                if (!over && ended && waiting.isEmpty()) {
                    over = true;
                    handler.onComplete(Headers.empty());
                }
            }

            private void fail(Kind kind, boolean unprocessed) {
                if (!over) {
                    over = true;
                    handler.onFailure(TransportFailure.of(kind, unprocessed, null));
                }
            }

            @Override
            public void request(long chunks) {
                demand = demand + chunks < 0 ? Long.MAX_VALUE : demand + chunks;
                time.schedule(0, this::pump);
            }

            @Override
            public void abort() {
                over = true;
            }
        }
    }

    private static final class Keys implements CredentialsProvider {
        private final Credentials key;

        private Keys(String name) {
            key = Credentials.bearer(name);
        }

        @Override
        public CompletionStage<Credentials> credentials() {
            return CompletableFuture.completedFuture(key);
        }
    }
}
