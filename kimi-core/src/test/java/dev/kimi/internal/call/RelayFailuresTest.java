package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.internal.leak.LeakLog;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.relay.RelayTarget;
import dev.kimi.retry.RetryPolicy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of relayed requests that fail, at one endpoint or at all. */
class RelayFailuresTest extends RelayFixture {

    @Test
    void an_error_that_comes_first_in_a_stream_sends_the_call_to_an_endpoint_of_another_protocol() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(": hello\n\n").body(OVERLOADED);

        assertThat(new String(kimi.last().request().body().bytes(), StandardCharsets.UTF_8))
                .contains("\"model\":\"kimi-k3\"", "Why?");
        assertThat(kimi.last().request().target()).isEqualTo("/v1/chat/completions");
        assertThat(call).isNotDone();
        kimi.last().headers(200, "x-of", "kimi").body(CHUNKS).complete();

        RelayResponse response = call.join();
        assertThat(response.endpoint()).isEqualTo("kimi");
        assertThat(response.headers().first("x-of")).isEqualTo("kimi");
        assertThat(response.verbatim()).isFalse();
        assertThat(response.attempts()).isEqualTo(2);
        assertThat(response.notes())
                .extracting(ChatResponse.Note::code)
                .containsExactly(ChatResponse.Note.SENT_ELSEWHERE, "dropped");
        Taker taker = Taker.of(response);
        assertThat(taker.text()).isEmpty();
        assertThat(taker.events).contains(new ChatEvent.Text("green"));
        assertThat(taker.response.text()).isEqualTo("green");
        assertThat(taker.response.notes()).isEqualTo(response.notes());
        assertThat(taker.completed).isTrue();
        assertThat(targets).extracting(RelayTarget::endpoint).containsExactly("claude", "kimi");
        assertThat(events).contains("reserved kimi 40 100 40+100", "settled kimi COMPLETED 20+2");
        claude.last().complete();
        assertNothingIsLeft(engine);
    }

    @Test
    void an_error_within_a_stream_is_relayed_before_the_stream_fails() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);
        String begun = STREAM.substring(0, STREAM.indexOf("event: content_block_stop"));
        claude.last().headers(200).body(begun);
        Taker taker = Taker.of(call.join());

        claude.last().body(OVERLOADED);

        assertThat(taker.text()).isEqualTo(begun + OVERLOADED);
        assertThat(taker.failure).isInstanceOf(OverloadedException.class);
        assertThat(call.join().errorRelayed()).isTrue();
        assertThat(kimi.count()).isZero();
        claude.last().complete();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_page_in_place_of_a_response_is_a_failure() {
        for (String page : List.of("<html>proxy</html>", "")) {
            Engine engine = claudeAlone();
            CompletableFuture<RelayResponse> call = whole(engine);
            claude.last().answer(200, page);
            assertThat(failureOf(call).status()).isEqualTo(200);
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void an_error_response_that_ends_the_call_is_handed_over_as_it_came() {
        for (boolean streamed : new boolean[] {true, false}) {
            Engine engine = claudeAlone();
            CompletableFuture<RelayResponse> call = streamed ? stream(engine) : whole(engine);
            String body = "{\"type\":\"error\", \"error\":{\"type\":\"invalid_request_error\",\"message\":\"odd\"}}\n";
            claude.last().answer(400, body, "request-id", "req_2", "x-should-retry", "false");

            RelayResponse response = call.join();
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.headers().first("x-should-retry")).isEqualTo("false");
            assertThat(response.failure()).isNotNull();
            assertThat(response.failure().requestId()).isEqualTo("req_2");
            assertThat(response.verbatim()).isTrue();
            Taker taker = Taker.of(response);
            assertThat(taker.text()).isEqualTo(body);
            assertThat(taker.response).isNull();
            assertThat(taker.completed).isTrue();
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void the_error_of_the_endpoint_that_failed_last_is_the_one_handed_over() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().answer(529, "claude is busy");
        kimi.last().answer(503, "kimi is down");

        RelayResponse response = call.join();
        assertThat(response.endpoint()).isEqualTo("kimi");
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.verbatim()).isFalse();
        assertThat(Taker.of(response).text()).isEqualTo("kimi is down");
        assertNothingIsLeft(engine);
    }

    @Test
    void an_error_behind_the_failure_is_handed_over_when_the_deadline_passes_before_a_retry() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call =
                engine.relay(request().deadline(Duration.ofSeconds(20)).build(), Runnable::run);
        claude.last().answer(429, "slow down", "retry-after", "15");
        fixture.time.advance(Duration.ofSeconds(16));
        fixture.time.advance(Duration.ofSeconds(16));

        RelayResponse response = call.join();
        assertThat(response.status()).isEqualTo(429);
        assertThat(response.failure()).isInstanceOf(RateLimitException.class);
        assertThat(Taker.of(response).text()).isEqualTo("slow down");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_stream_whose_deadline_passes_as_it_begins_is_not_mixed_with_an_error_before_it() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.FirstEvent) {
                // the response is committed, and nothing of it is handed over yet
                fixture.time.advance(Duration.ofSeconds(60));
            }
        });
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = engine.relay(
                request().streamed(true).deadline(Duration.ofSeconds(60)).build(), Runnable::run);
        claude.last().answer(429, "slow down", "retry-after", "2");
        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(claude.count()).isEqualTo(2);
        claude.last().headers(200).body(STREAM.substring(0, STREAM.indexOf("event: content_block_stop")));

        assertThat(claude.last().aborted()).isTrue();
        RelayResponse response = call.join();
        assertThat(response.status()).isEqualTo(429);
        assertThat(Taker.of(response).text()).isEqualTo("slow down");
        assertNothingIsLeft(engine);
    }

    @Test
    void what_the_function_of_forms_throws_is_the_failure() {
        Engine engine = claudeAlone();
        KimiException own = new OverloadedException("own", KimiException.Details.NONE, null);
        RelayRequest failing = RelayRequest.builder(target -> {
                    throw own;
                })
                .build();
        assertThat(failureOf(engine.relay(failing, Runnable::run))).isSameAs(own);
        RelayRequest broken = RelayRequest.builder(target -> {
                    throw new IllegalStateException("bug");
                })
                .build();
        assertThat(failureOf(engine.relay(broken, Runnable::run))).hasRootCauseMessage("bug");
        assertThat(claude.count()).isZero();
        assertNothingIsLeft(engine);
    }

    @Test
    void an_endpoint_that_the_request_cannot_be_written_for_is_passed_over() {
        Engine engine = engine();
        KimiException own = new OverloadedException("own", KimiException.Details.NONE, null);
        CompletableFuture<RelayResponse> call = engine.relay(
                RelayRequest.builder(target -> {
                            if (target.endpoint().equals("kimi")) {
                                throw own;
                            }
                            return form(target);
                        })
                        .build(),
                Runnable::run);
        claude.last().answer(529, "busy");

        assertThat(call.join().status()).isEqualTo(529);
        call.join().close();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_bug_in_writing_the_request_for_another_endpoint_ends_the_call_and_keeps_no_quota() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = engine.relay(
                RelayRequest.builder(target -> {
                            if (target.endpoint().equals("kimi")) {
                                throw new IllegalStateException("bug");
                            }
                            return form(target);
                        })
                        .build(),
                Runnable::run);
        claude.last().answer(429, "wait", "retry-after", "30");

        assertThat(failureOf(call)).hasRootCauseMessage("bug");
        assertThat(events.stream().filter(event -> event.startsWith("reserved")).count())
                .isEqualTo(events.stream()
                        .filter(event -> event.startsWith("settled"))
                        .count());
        assertNothingIsLeft(engine);
    }

    @Test
    void credentials_that_are_rejected_are_replaced_and_the_same_bytes_sent_again() {
        List<Credentials> rejected = new ArrayList<>();
        fixture.credentials = new CredentialsProvider() {
            @Override
            public CompletionStage<Credentials> credentials() {
                return CompletableFuture.completedFuture(Credentials.bearer("token-" + rejected.size()));
            }

            @Override
            public boolean invalidate(Credentials refused) {
                return rejected.add(refused);
            }
        };
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = whole(engine);
        claude.last().answer(401, "no");

        assertThat(claude.count()).isEqualTo(2);
        assertThat(claude.last().request().headers().first("authorization")).isEqualTo("Bearer token-1");
        assertThat(claude.last().request().body().bytes()).isEqualTo(BODY);
        claude.last().answer(401, "still not");
        assertThat(call.join().status()).isEqualTo(401);
        assertThat(Taker.of(call.join()).text()).isEqualTo("still not");
        assertNothingIsLeft(engine);
    }

    @Test
    void the_error_is_that_of_the_service_when_the_retry_budget_is_exhausted() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Endpoint endpoint = claudeAt("https://claude.test");
        Engine engine = fixture.engineOver(new FailoverRouter(List.of(endpoint), fixture.time, fixture.random), claude);
        while (endpoint.account().governor().takeRetry(RetryBudget.TRANSIENT_COST) != null) {
            // until there is none
        }
        CompletableFuture<RelayResponse> call = whole(engine);
        claude.last().answer(529, "busy", "request-id", "req_3");

        RelayResponse response = call.join();
        assertThat(response.status()).isEqualTo(529);
        assertThat(response.failure()).isInstanceOf(OverloadedException.class);
        assertThat(Taker.of(response).text()).isEqualTo("busy");
        assertNothingIsLeft(engine);
    }

    @Test
    void an_error_that_comes_in_the_same_piece_as_the_beginning_is_not_handed_over() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(STREAM.substring(0, STREAM.indexOf("event: content_block_start")) + OVERLOADED);

        assertThat(call).isNotDone();
        assertThat(kimi.count()).isEqualTo(1);
        call.cancel(true);
        claude.last().complete();
        assertNothingIsLeft(engine);
    }

    @Test
    void the_error_of_one_of_two_attempts_side_by_side_is_the_one_that_the_call_fails_with() {
        Endpoint first = claudeAt("https://claude.test");
        fixture.baseUri = URI.create("https://kimi.test");
        fixture.protocol = new OpenAiProtocol();
        Endpoint second = fixture.endpoint("kimi", new ModelNames("kimi-k3", Map.of()), kimi, account("kimi"));
        Engine engine = fixture.engineOver(
                new FailoverRouter(List.of(first, second), 1, fixture.time, fixture.random, new Hedging(0.5)), claude);
        for (int i = 0; i < 20; i++) {
            CompletableFuture<RelayResponse> usual = stream(engine);
            fixture.time.advance(Duration.ofMillis(400));
            claude.last().headers(200).body(STREAM).complete();
            usual.join().close();
        }
        CompletableFuture<RelayResponse> call = stream(engine);
        fixture.time.advance(Duration.ofMillis(400));
        claude.last().answer(529, "claude is busy");
        assertThat(call).isNotDone();
        kimi.last().answer(503, "kimi is down");

        RelayResponse response = call.join();
        assertThat(response.endpoint()).isEqualTo("claude");
        assertThat(Taker.of(response).text()).isEqualTo("claude is busy");
        assertNothingIsLeft(engine);
    }

    @Test
    @Timeout(60)
    void a_response_that_is_dropped_unread_is_found_and_its_call_cancelled() throws InterruptedException {
        Engine engine = claudeAlone();
        try (LeakLog log = new LeakLog()) {
            drop(engine);

            // what other tests have dropped may be found now too
            LeakLog.collectUntil(() -> claude.last().aborted() && !log.records().isEmpty());

            assertThat(log.records()).anyMatch(record -> record.getMessage().contains("A RelayResponse of the client"));
            assertNothingIsLeft(engine);
        }
    }

    private void drop(Engine engine) {
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(STREAM.substring(0, STREAM.indexOf("event: content_block_stop")));
        assertThat(call.join().status()).isEqualTo(200);
    }
}
