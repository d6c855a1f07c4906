package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.internal.util.Gunzip;
import dev.kimi.internal.util.Gzip;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.transport.TransportFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that a service, or a proxy before it, has packed without being asked to. */
@Timeout(30)
class CompressedResponseTest {

    private static final String[] PACKED = {"content-encoding", "gzip", "content-length", "23"};

    /** The begin of a frame of zstd. */
    private static final byte[] NEITHER = {
        0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0x04, 0x58, 0x21, 0, 's', 'e', 'c', 'r', 'e', 't', ' ', 'w', 'o', 'r', 'd'
    };

    private final EngineFixture fixture = new EngineFixture();
    private final Engine engine;

    CompressedResponseTest() {
        fixture.retryPolicy = RetryPolicy.never();
        engine = fixture.engine();
    }

    @Test
    void a_response_is_read_as_if_it_had_not_been_packed() {
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

    @ParameterizedTest
    @ValueSource(strings = {"identity", "Identity, identity", "UTF-8", "", "none", "gzip", "x-gzip", "br", "gzip, br"})
    void a_plain_body_is_read_whatever_it_is_said_to_be(String coding) {
        for (String text : List.of("blue", "{", "a longer text than the first look", "z\u00fcrich ", "\n\t {\u6708")) {
            for (int step : new int[] {1, 100}) {
                CompletableFuture<ChatResponse> call = fixture.chat(engine);
                ScriptedTransport.Sent exchange = fixture.transport.last().headers(200, "content-encoding", coding);
                feed(exchange, text.getBytes(StandardCharsets.UTF_8), step).complete();

                assertThat(call.join().text()).isEqualTo(text);
                fixture.assertNothingIsLeft(engine);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "UTF-8", "identity", "gzip", "br", "gzip, identity"})
    void a_packed_body_is_read_whatever_it_is_said_to_be(String coding) {
        for (int step : new int[] {1, 100}) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            ScriptedTransport.Sent exchange = fixture.transport.last().headers(200, "content-encoding", coding);
            feed(exchange, Gzip.pack("blue"), step).complete();

            assertThat(call.join().text()).isEqualTo("blue");
            fixture.assertNothingIsLeft(engine);
        }
    }

    @Test
    void a_packed_file_that_nobody_calls_packed_is_handed_out_as_it_is() {
        byte[] file = Gzip.pack("blue");
        CompletableFuture<ServiceResponse> call =
                engine.exchange(ServiceRequest.get("/files/1/content"), Runnable::run);

        fixture.transport
                .last()
                .headers(200, "content-encoding", "UTF-8")
                .body(file)
                .complete();

        assertThat(call.join().body()).isEqualTo(file);
        assertThat(call.join().headers().first("content-encoding")).isEqualTo("UTF-8");
    }

    @Test
    void a_plain_stream_that_is_called_packed_comes_event_by_event() {
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last().headers(200, PACKED);

        feed(exchange, "the first event\n".getBytes(StandardCharsets.US_ASCII), 1);

        Iterator<ChatEvent> events = stream.iterator();
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("the first event"));
        exchange.body("b\n.\n");
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("b"));
        assertThat(events.hasNext()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "", "UTF-8"})
    void a_plain_rejection_is_read_whatever_it_is_said_to_be(String coding) {
        fixture.protocol = new OpenAiProtocol();
        Engine own = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(own);

        fixture.transport
                .last()
                .answer(404, "{\"error\":{\"message\":\"no model of that name\"}}", "content-encoding", coding);

        assertThat(EngineFixture.failureOf(call))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("no model of that name");
    }

    private static ScriptedTransport.Sent feed(ScriptedTransport.Sent exchange, byte[] body, int step) {
        for (int from = 0; from < body.length; from += step) {
            exchange.body(Arrays.copyOfRange(body, from, Math.min(body.length, from + step)));
        }
        return exchange;
    }

    @Test
    void a_rejection_says_what_it_says_packed_or_not() {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport
                .last()
                .headers(400, PACKED)
                .body(Gzip.pack("no such model"))
                .complete();

        assertThat(EngineFixture.failureOf(call)).isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void a_rejection_that_cannot_be_unpacked_keeps_the_meaning_of_its_status() {
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport
                .last()
                .headers(429, "content-encoding", "br", "retry-after", "3600")
                .body(NEITHER);

        assertThat(EngineFixture.failureOf(call)).isInstanceOf(RateLimitException.class);
        assertThat(EngineFixture.failureOf(call).retryAfter()).hasHours(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "deflate", "zstd", "gzip, br", "gzip"})
    void a_response_that_cannot_be_unpacked_is_a_typed_failure_without_a_word_of_it(String coding) {
        for (int length : new int[] {2, 7, NEITHER.length}) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);

            fixture.transport
                    .last()
                    .headers(200, "content-encoding", coding)
                    .body(Arrays.copyOf(NEITHER, length))
                    .complete();

            assertThat(EngineFixture.failureOf(call))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("decompressed")
                    .hasCauseInstanceOf(Gunzip.BadBody.class);
            assertThat(EngineFixture.failureOf(call).status()).isEqualTo(200);
            assertThat(EngineFixture.failureOf(call)).hasStackTraceContaining("no gzip");
            assertThat(EngineFixture.failureOf(call).toString()).doesNotContain("secret");
            fixture.assertNothingIsLeft(engine);
        }
    }

    @Test
    void a_packed_response_that_ends_too_early_is_not_handed_out_as_whole() {
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
    void a_bomb_is_rejected_while_it_is_small() {
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
    void a_chunk_that_unpacks_to_many_pieces_asks_for_one_more_or_none() {
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
        TruncatedStreamException broken = catchThrowableOfType(TruncatedStreamException.class, events::hasNext);
        assertThat(broken).hasStackTraceContaining("checksum");
        assertThat(broken.partial().text()).isEqualTo("a");
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
