package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Usage;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.transport.TransportFailure.Kind;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests of other programs, and the responses to them. */
class RelayTest extends RelayFixture {

    @Test
    void what_another_program_wrote_is_sent_as_it_is_below_the_base_url() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = stream(engine);

        var sent = claude.last().request();
        assertThat(sent.method()).isEqualTo("POST");
        assertThat(sent.target()).isEqualTo("/anthropic/v1/messages?beta=true");
        assertThat(sent.body().bytes()).isEqualTo(BODY);
        assertThat(sent.headers().first("accept")).isEqualTo("text/event-stream");
        assertThat(sent.headers().first("content-type")).isEqualTo("application/json");
        assertThat(sent.headers().first("x-app")).isEqualTo("cli");
        assertThat(sent.headers().first("anthropic-version")).isNotNull();
        assertThat(sent.headers().first("anthropic-beta")).endsWith("one,two");
        assertThat(targets).hasSize(1);
        assertThat(targets.get(0).endpoint()).isEqualTo("claude");
        assertThat(targets.get(0).service()).isEqualTo("claude.test/anthropic");
        assertThat(targets.get(0).model()).isEqualTo("claude-sonnet-5-5");
        assertThat(targets.get(0).card().id()).isEqualTo("claude-sonnet-5-5");
        call.cancel(true);
        assertThat(claude.last().aborted()).isTrue();
        assertNothingIsLeft(engine);
    }

    @Test
    void the_bytes_of_a_stream_are_handed_over_as_they_come_wherever_they_are_cut() {
        for (String wire : List.of(STREAM, STREAM.replace("\n", "\r\n"))) {
            byte[] bytes = wire.getBytes(StandardCharsets.UTF_8);
            for (int size : new int[] {1, 7, 64, 1000, bytes.length}) {
                Engine engine = claudeAlone();
                CompletableFuture<RelayResponse> call = stream(engine);
                claude.last().headers(200, "content-type", "text/event-stream", "request-id", "req_1");
                @Nullable Taker taker = null;
                for (int at = 0; at < bytes.length; at += size) {
                    claude.last().body(java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
                    if (call.isDone() && taker == null) {
                        taker = Taker.of(call.join());
                    }
                }
                claude.last().complete();

                assertThat(taker).isNotNull();
                assertThat(taker.text()).isEqualTo(wire);
                assertThat(taker.completed).isTrue();
                assertThat(taker.response.text()).isEqualTo("blue \u20ac");
                assertThat(taker.response.usage().completionTokens()).isEqualTo(5);
                RelayResponse response = call.join();
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.headers().first("request-id")).isEqualTo("req_1");
                assertThat(response.endpoint()).isEqualTo("claude");
                assertThat(response.protocol()).isEqualTo(Provenance.ANTHROPIC);
                assertThat(response.model()).isEqualTo("claude-sonnet-5-5");
                assertThat(response.verbatim()).isTrue();
                assertThat(response.attempts()).isEqualTo(1);
                assertThat(response.failure()).isNull();
                assertThat(response.errorRelayed()).isFalse();
                assertThat(response.usage()).isEqualTo(taker.response.usage());
                assertNothingIsLeft(engine);
            }
        }
    }

    @Test
    void what_follows_the_end_mark_is_handed_over_if_it_comes_within_a_second() {
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(STREAM);
        Taker taker = Taker.of(call.join());
        assertThat(taker.completed).isFalse();
        fixture.time.advance(Duration.ofMillis(900));
        claude.last().body(": behind\n\n");
        assertThat(taker.text()).isEqualTo(STREAM + ": behind\n\n");
        assertThat(taker.completed).isFalse();

        fixture.time.advance(Duration.ofMillis(100));

        assertThat(taker.completed).isTrue();
        assertThat(events).last().isEqualTo("finished SUCCESS 200 1 12+5");
        claude.last().body("late");
        claude.last().complete();
        assertThat(taker.text()).isEqualTo(STREAM + ": behind\n\n");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_response_whose_end_mark_has_come_is_whole_whatever_comes_then() {
        for (String end : List.of("reset", "closed", "cancelled", "complete")) {
            Engine engine = claudeAlone();
            CompletableFuture<RelayResponse> call = stream(engine);
            claude.last().headers(200).body(STREAM);
            Taker taker = Taker.of(call.join());
            switch (end) {
                case "reset" -> claude.last().fail(Kind.RESET, false);
                case "closed" -> call.join().close();
                case "cancelled" -> taker.subscription.cancel();
                default -> claude.last().complete();
            }

            assertThat(taker.text()).isEqualTo(STREAM);
            assertThat(events).as(end).last().isEqualTo("finished SUCCESS 200 1 12+5");
            assertThat(events).contains("settled claude COMPLETED 12+5");
            assertThat(taker.completed).as(end).isEqualTo(!end.equals("cancelled"));
            fixture.time.advance(Duration.ofSeconds(1));
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void quota_is_reserved_by_what_the_request_says_and_settled_by_what_was_used() {
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(STREAM).complete();
        call.join().close();

        assertThat(events)
                .containsExactly(
                        "started relay-stream claude-sonnet-5-5",
                        "reserved claude 40 100 40+0",
                        "first event",
                        "settled claude COMPLETED 12+5",
                        "finished SUCCESS 200 1 12+5");
    }

    @Test
    void a_response_begins_with_its_first_event_and_says_at_once_what_was_read() {
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = stream(engine);
        claude.last().headers(200).body(": hello\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n");
        assertThat(call).as("a ping may come before an error").isNotDone();

        claude.last().body(STREAM.substring(0, STREAM.indexOf("event: content_block_start")));

        RelayResponse response = call.join();
        assertThat(response.usage().promptTokens()).isEqualTo(12);
        Taker taker = Taker.of(response);
        assertThat(taker.text()).startsWith(": hello\n\nevent: ping\n").contains("message_start");
        taker.subscription.cancel();
        assertThat(claude.last().aborted()).isTrue();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_stream_that_breaks_off_fails_without_an_error_of_the_service() {
        for (boolean cut : new boolean[] {true, false}) {
            Engine engine = engine();
            CompletableFuture<RelayResponse> call = stream(engine);
            String begun = STREAM.substring(0, STREAM.indexOf("event: message_stop"));
            claude.last().headers(200).body(begun);
            Taker taker = Taker.of(call.join());
            if (cut) {
                claude.last().fail(Kind.RESET, false);
            } else {
                claude.last().complete();
            }

            assertThat(taker.text()).isEqualTo(begun);
            assertThat(taker.failure).isInstanceOf(TruncatedStreamException.class);
            assertThat(taker.response).isNull();
            assertThat(call.join().errorRelayed()).isFalse();
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void a_whole_response_is_handed_over_byte_for_byte() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> call = whole(engine);
        assertThat(claude.last().request().headers().first("accept")).isEqualTo("application/json");
        claude.last().answer(200, MESSAGE, "content-type", "application/json");

        Taker taker = Taker.of(call.join());
        assertThat(taker.text()).isEqualTo(MESSAGE);
        assertThat(taker.response.usage().promptTokens()).isEqualTo(12);
        assertThat(taker.response.endpoint()).isEqualTo("claude");
        assertThat(taker.completed).isTrue();
        assertThat(call.join().usage()).isNotEqualTo(Usage.NONE);
        assertThat(events).contains("started relay claude-sonnet-5-5", "finished SUCCESS 200 1 12+5");
        assertNothingIsLeft(engine);
    }

    @Test
    void nothing_more_is_read_from_the_socket_while_enough_waits() {
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = stream(engine);
        String begun = STREAM.substring(0, STREAM.indexOf("event: message_delta"));
        claude.last().headers(200).body(begun);
        Taker taker = new Taker(1);
        call.join().subscribe(taker);
        String comment = ": " + "x".repeat(BodyBuffer.LOW_MARK) + "\n\n";

        claude.last().body(comment);
        assertThat(claude.last().demand()).isZero();
        assertThat(taker.text()).isEqualTo(begun);
        taker.subscription.request(1);
        assertThat(taker.text()).isEqualTo(begun + comment);
        assertThat(claude.last().demand()).as("half of it has gone").isEqualTo(1);
        claude.last().body(STREAM.substring(begun.length())).complete();
        taker.subscription.request(Long.MAX_VALUE);
        assertThat(taker.text()).isEqualTo(begun + comment + STREAM.substring(begun.length()));
        assertThat(taker.completed).isTrue();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_that_is_cancelled_sends_nothing_more() {
        Engine engine = engine();
        CompletableFuture<RelayResponse> waits = stream(engine);
        waits.cancel(true);
        assertThat(claude.last().aborted()).isTrue();

        CompletableFuture<RelayResponse> begun = stream(engine);
        claude.last().headers(200).body(STREAM.substring(0, STREAM.indexOf("event: content_block_stop")));
        Taker taker = Taker.of(begun.join());
        begun.join().close();
        assertThat(claude.last().aborted()).isTrue();
        assertThat(taker.failure).isInstanceOf(CallCancelledException.class);
        assertThat(kimi.count()).isZero();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_request_without_tokens_reserves_a_request_alone() {
        Engine engine = claudeAlone();
        engine.relay(RelayRequest.builder(this::form).build(), Runnable::run).cancel(true);

        assertThat(events).contains("reserved claude 0 0 0+0");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_service_that_speaks_openai_is_relayed_to_programs_that_do_too() {
        String error = "{\"error\":{\"message\":\"The engine is overloaded\",\"type\":\"engine_overloaded_error\"}}";
        Engine engine = kimiFirst();
        CompletableFuture<RelayResponse> call = engine.relay(openAi(true), Runnable::run);
        kimi.last().headers(200).body(error.substring(0, 20));
        assertThat(call).as("half of an error").isNotDone();
        kimi.last().body(error.substring(20)).complete();
        assertThat(claude.last().request().target()).isEqualTo("/v1/messages");
        call.cancel(true);

        CompletableFuture<RelayResponse> good = engine.relay(openAi(true), Runnable::run);
        kimi.last().headers(200).body(CHUNKS).complete();
        Taker taker = Taker.of(good.join());
        assertThat(taker.text()).isEqualTo(CHUNKS);
        assertThat(taker.response.usage().promptTokens()).isEqualTo(20);
        assertNothingIsLeft(engine);
    }

    private Engine kimiFirst() {
        fixture.baseUri = URI.create("https://kimi.test");
        fixture.protocol = new OpenAiProtocol();
        Endpoint first = fixture.endpoint("kimi", ModelNames.asAsked("kimi-k3"), kimi, account("kimi"));
        Endpoint second = claudeAt("https://claude.test");
        return fixture.engineOver(new FailoverRouter(List.of(first, second), fixture.time, fixture.random), kimi);
    }

    private RelayRequest openAi(boolean streamed) {
        return RelayRequest.builder(target -> target.protocol().equals(Provenance.OPENAI)
                        ? new RelayForm.Verbatim("/v1/chat/completions", Map.of(), BODY)
                        : new RelayForm.Translated(
                                ChatRequest.builder()
                                        .user("Why?")
                                        .maxCompletionTokens(100)
                                        .build(),
                                List.of()))
                .streamed(streamed)
                .build();
    }

    @Test
    void of_two_attempts_side_by_side_one_response_is_handed_over() {
        for (boolean firstWins : new boolean[] {true, false}) {
            Endpoint first = claudeAt("https://claude.test");
            fixture.baseUri = URI.create("https://kimi.test");
            fixture.protocol = new OpenAiProtocol();
            Endpoint second = fixture.endpoint("kimi", new ModelNames("kimi-k3", Map.of()), kimi, account("kimi"));
            Engine engine = fixture.engineOver(
                    new FailoverRouter(List.of(first, second), 1, fixture.time, fixture.random, new Hedging(0.5)),
                    claude);
            for (int i = 0; i < 20; i++) {
                CompletableFuture<RelayResponse> usual = stream(engine);
                fixture.time.advance(Duration.ofMillis(400));
                claude.last().headers(200).body(STREAM).complete();
                usual.join().close();
            }
            kimi.clear();
            CompletableFuture<RelayResponse> call = stream(engine);
            claude.last().headers(200).body(": waits\n\n");
            fixture.time.advance(Duration.ofMillis(400));
            assertThat(kimi.count()).isEqualTo(1);

            if (firstWins) {
                claude.last().body(STREAM).complete();
                assertThat(kimi.last().aborted()).isTrue();
                assertThat(call.join().endpoint()).isEqualTo("claude");
                assertThat(Taker.of(call.join()).text()).isEqualTo(": waits\n\n" + STREAM);
            } else {
                kimi.last().headers(200).body(CHUNKS).complete();
                assertThat(claude.last().aborted()).isTrue();
                assertThat(call.join().endpoint()).isEqualTo("kimi");
                Taker taker = Taker.of(call.join());
                assertThat(taker.text()).isEmpty();
                assertThat(taker.response.text()).isEqualTo("green");
                assertThat(taker.response.notes())
                        .extracting(ChatResponse.Note::code)
                        .contains(ChatResponse.Note.HEDGED);
            }
            assertNothingIsLeft(engine);
        }
    }

    @Test
    void headers_of_responses_are_those_of_the_attempt() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = claudeAlone();
        CompletableFuture<RelayResponse> call = whole(engine);
        claude.last().answer(529, "busy", "x-try", "1");
        fixture.time.advance(Duration.ofSeconds(60));
        claude.last().answer(200, MESSAGE, "x-try", "2");

        assertThat(call.join().headers().first("x-try")).isEqualTo("2");
        assertThat(call.join().attempts()).isEqualTo(2);
        call.join().close();
        assertNothingIsLeft(engine);
    }
}
