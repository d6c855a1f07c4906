package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.util.Gunzip;
import dev.kimi.internal.util.Gzip;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.transport.TransportFailure.Kind;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that a service, or a proxy before it, has packed without being asked to. */
@Timeout(30)
class PackedAnswerTest {

    private static final String[] PACKED = {"content-encoding", "gzip", "content-length", "23"};

    private final EngineFixture fixture = new EngineFixture();
    private final Engine engine;

    PackedAnswerTest() {
        fixture.retryPolicy = RetryPolicy.never();
        engine = fixture.engine();
    }

    @Test
    void an_answer_is_read_as_if_it_had_not_been_packed() {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().headers(200, PACKED).body(Gzip.pack("blue")).complete();

        assertThat(call.join().text()).isEqualTo("blue");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void headers_that_speak_of_the_packed_body_are_gone_with_the_packing() {
        CompletableFuture<ServiceResponse> call = engine.exchange(ServiceRequest.get("/files"), Runnable::run);

        fixture.transport
                .last()
                .headers(200, "Content-Encoding", "X-GZIP", "Content-Length", "23", "x-kept", "yes")
                .body(Gzip.pack("blue"))
                .complete();

        assertThat(call.join().headers().first("content-encoding")).isNull();
        assertThat(call.join().headers().first("content-length")).isNull();
        assertThat(call.join().headers().first("x-kept")).isEqualTo("yes");
        assertThat(call.join().body()).asString().isEqualTo("blue");
    }

    @Test
    void a_body_that_is_said_to_be_as_it_is_is_taken_as_it_is() {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(200, "blue", "content-encoding", "identity");

        assertThat(call.join().text()).isEqualTo("blue");
    }

    @Test
    void a_refusal_says_what_it_says_packed_or_not() {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport
                .last()
                .headers(400, PACKED)
                .body(Gzip.pack("no such model"))
                .complete();

        assertThat(EngineFixture.failureOf(call)).isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void a_refusal_that_cannot_be_unpacked_keeps_the_meaning_of_its_status() {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport
                .last()
                .headers(429, "content-encoding", "br", "retry-after", "3600")
                .body("no gzip");

        assertThat(EngineFixture.failureOf(call)).isInstanceOf(RateLimitException.class);
        assertThat(EngineFixture.failureOf(call).retryAfter()).hasHours(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "deflate", "zstd", "gzip, br", "gzip"})
    void an_answer_that_cannot_be_unpacked_is_a_typed_failure_without_a_word_of_it(String coding) {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport
                .last()
                .headers(200, "content-encoding", coding)
                .body("secret")
                .complete();

        assertThat(EngineFixture.failureOf(call))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("unpacked")
                .hasCauseInstanceOf(Gunzip.BadBody.class);
        assertThat(EngineFixture.failureOf(call).status()).isEqualTo(200);
        assertThat(EngineFixture.failureOf(call)).hasStackTraceContaining("no gzip");
        assertThat(EngineFixture.failureOf(call).toString()).doesNotContain("secret");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_packed_answer_that_ends_too_early_is_not_handed_out_as_whole() {
        CompletableFuture<ServiceResponse> call = engine.exchange(ServiceRequest.get("/files"), Runnable::run);
        byte[] packed = Gzip.pack("blue");

        fixture.transport
                .last()
                .headers(200, PACKED)
                .body(Arrays.copyOf(packed, packed.length - 1))
                .complete();

        assertThat(EngineFixture.failureOf(call))
                .isInstanceOf(ServerException.class)
                .hasStackTraceContaining("ends too early");
    }

    @Test
    void a_bomb_is_refused_while_it_is_small() {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().headers(200, PACKED).body(Arrays.copyOf(Gzip.pack(new byte[64 << 20]), 16 << 10));

        assertThat(EngineFixture.failureOf(call))
                .isInstanceOf(ServerException.class)
                .hasStackTraceContaining("100 times");
        fixture.time.advance(Duration.ofSeconds(1));
        assertThat(fixture.transport.last().aborted())
                .as("the rest is not read")
                .isTrue();
    }

    @Test
    void a_packed_stream_comes_event_by_event_and_asks_for_one_chunk_at_a_time() {
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last().headers(200, PACKED);
        byte[] packed = Gzip.pack("a\nb\n.\n");

        for (byte single : packed) {
            if (engine.liveCalls() == 1) {
                assertThat(exchange.demand()).as("chunks asked for").isEqualTo(1);
            }
            exchange.body(new byte[] {single});
        }

        Iterator<ChatEvent> events = stream.iterator();
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("a"));
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("b"));
        assertThat(events.hasNext()).isFalse();
        exchange.complete();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_chunk_that_unpacks_to_many_pieces_is_answered_by_one_more_or_none() {
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last().headers(200, PACKED);

        exchange.body(Gzip.pack(("x".repeat(4_000) + "\n").repeat(20)));

        assertThat(exchange.demand()).isEqualTo(1);
        exchange.body(Gzip.pack(("x".repeat(4_000) + "\n").repeat(20)));
        assertThat(exchange.demand()).as("enough waits for the consumer").isZero();
        stream.close();
        assertThat(exchange.aborted()).isTrue();
    }

    @Test
    void a_stream_whose_packing_breaks_fails_after_what_had_come() {
        ChatStream stream = fixture.stream(engine);
        byte[] packed = Gzip.pack("a\n.");
        packed[packed.length - 1]++;

        fixture.transport.last().headers(200, PACKED).body(packed);

        Iterator<ChatEvent> events = stream.iterator();
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("a"));
        ServerException broken = catchThrowableOfType(ServerException.class, events::hasNext);
        assertThat(broken).hasStackTraceContaining("checksum");
    }

    @Test
    void what_is_unpacked_after_the_end_is_for_nobody() {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        ScriptedTransport.Sent exchange =
                fixture.transport.last().headers(200, PACKED).body(Arrays.copyOf(Gzip.pack("blue"), 12));

        call.cancel(true);
        exchange.body(Gzip.pack("blue"));
        exchange.fail(Kind.RESET, false);

        assertThat(call).isCancelled();
        fixture.assertNothingIsLeft(engine);
    }
}
