package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.internal.protocol.Dialect;
import dev.kimi.internal.util.Gzip;
import dev.kimi.retry.RetryDecision;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How often a request is sent again after a response with status 200 that nobody can read: it has been paid for. */
@ParameterizedClass
@EnumSource
class PaidResponseTest {

    @Parameter
    Dialect dialect = Dialect.OPENAI;

    private final EngineFixture fixture = new EngineFixture();

    @BeforeEach
    void a_policy_that_never_stops() {
        fixture.protocol = dialect.protocol();
        fixture.retryPolicy = attempt -> RetryDecision.after(Duration.ofMillis(1));
    }

    /** Gives each attempt of a call the same response; how many there were. */
    private int attemptsOfChat(byte[] body, String... headers) {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        int attempts = 0;
        while (!call.isDone() && attempts < 5) {
            fixture.transport.last().headers(200, headers).body(body).complete();
            fixture.time.advance(Duration.ofMillis(1));
            attempts++;
        }
        fixture.assertNothingIsLeft(engine);
        assertThat(failureOf(call)).isInstanceOf(ServerException.class);
        assertThat(failureOf(call).attempts()).isEqualTo(attempts);
        return attempts;
    }

    private int attemptsOfStream(String body) {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        Failure failure = new Failure();
        stream.subscribe(failure);
        int attempts = 0;
        while (failure.seen == null && attempts < 5) {
            fixture.transport
                    .last()
                    .headers(200, "content-type", "text/event-stream")
                    .body(body)
                    .complete();
            fixture.time.advance(Duration.ofMillis(1));
            attempts++;
        }
        stream.close();
        fixture.assertNothingIsLeft(engine);
        return attempts;
    }

    @Test
    void a_whole_response_that_only_this_library_rejects_is_not_asked_for_again() {
        String[] bodies = {rejectedHere(), "{\"object\":\"something else\"}", "{\"choices\":[]}"};
        for (String body : bodies) {
            fixture.transport.clear();
            assertThat(attemptsOfChat(body.getBytes(StandardCharsets.UTF_8)))
                    .as(body)
                    .isEqualTo(1);
        }
    }

    /**
     * A whole response of which this library makes nothing: arguments that are no object, and content that is no list.
     */
    private String rejectedHere() {
        return dialect == Dialect.OPENAI
                ? "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,"
                        + "\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"[1\"}}]},"
                        + "\"finish_reason\":\"tool_calls\"}]}"
                : "{\"type\":\"completion\",\"role\":\"assistant\",\"content\":{},\"stop_reason\":\"end_turn\"}";
    }

    /** More structure than a response may have. */
    private static String tooDeep() {
        return "{\"choices\":" + "[".repeat(100) + "]".repeat(100) + ",\"content\":" + "[".repeat(100) + "]".repeat(100)
                + "}";
    }

    @Test
    void a_response_over_a_limit_is_not_asked_for_again() {
        assertThat(attemptsOfChat(tooDeep().getBytes(StandardCharsets.UTF_8))).isEqualTo(1);
        fixture.transport.clear();
        assertThat(attemptsOfChat(new byte[WholeResponseFuture.MAX_BYTES + 1])).isEqualTo(1);
        fixture.transport.clear();
        assertThat(attemptsOfChat(Gzip.pack(new byte[2 << 20]), "content-encoding", "gzip"))
                .as("a gzip bomb")
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[{]",
                "<html>",
                "{\"choices\":[{\"index\":0,\"message\":{\"cont",
                "{\"type\":\"message\",\"content\":[{\"type\":\"te"
            })
    void a_garbled_or_cut_response_is_asked_for_once_more(String body) {
        assertThat(attemptsOfChat(body.getBytes(StandardCharsets.UTF_8))).isEqualTo(2);
    }

    @Test
    void bad_gzip_is_asked_for_once_more() {
        byte[] packed = Gzip.pack("{\"choices\":[]}".getBytes(StandardCharsets.UTF_8));
        packed[12] ^= 0x55;
        assertThat(attemptsOfChat(packed, "content-encoding", "gzip")).isEqualTo(2);
        fixture.transport.clear();
        byte[] cut = Arrays.copyOf(Gzip.pack(new byte[1000]), 12);
        assertThat(attemptsOfChat(cut, "content-encoding", "gzip")).isEqualTo(2);
    }

    @Test
    void a_garbled_stream_is_asked_for_once_more_and_one_over_a_limit_not() {
        assertThat(attemptsOfStream("data: {\"choices\":[{]\n\n")).isEqualTo(2);
        fixture.transport.clear();
        assertThat(attemptsOfStream("data: " + tooDeep() + "\n\n")).isEqualTo(1);
        fixture.transport.clear();
        assertThat(attemptsOfStream("data: " + "x".repeat(1 << 20) + "\n\n")).isEqualTo(1);
    }

    @Test
    void the_other_attempt_may_fail_by_something_that_was_not_paid_for() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(200, "{\"choices\":[{]");
        fixture.time.advance(Duration.ofMillis(1));
        fixture.transport.last().answer(503, "");
        fixture.time.advance(Duration.ofMillis(1));
        fixture.transport.last().answer(200, "{\"choices\":[{]");

        assertThat(failureOf(call)).isInstanceOf(ServerException.class);
        assertThat(failureOf(call).attempts()).isEqualTo(3);
        assertThat(fixture.governor().budget().available())
                .isEqualTo(RetryBudget.CAPACITY - RetryBudget.TRANSIENT_COST - RetryBudget.THROTTLED_COST);
    }

    @Test
    void an_error_in_a_200_is_tried_again_as_usual() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        for (int i = 0; i < 4; i++) {
            fixture.transport.last().answer(200, dialect.error("overloaded_error", "Overloaded"));
            fixture.time.advance(Duration.ofMillis(1));
        }
        call.cancel(true);
        assertThat(fixture.transport.count()).isEqualTo(5);
    }

    @Test
    void an_error_in_a_stream_is_tried_again_as_usual() {
        fixture.retryPolicy = attempt -> attempt.attempt() < 4 && attempt.failure() instanceof OverloadedException
                ? RetryDecision.after(Duration.ofMillis(1))
                : RetryDecision.stop();
        assertThat(attemptsOfStream(Dialect.event(dialect.error("overloaded_error", "x"))))
                .isEqualTo(4);
    }

    @Test
    void a_stream_that_ends_without_having_said_anything_is_tried_again_as_usual() {
        assertThat(attemptsOfStream(dialect.endMark())).isEqualTo(5);
    }

    @Test
    void the_message_says_whether_asking_again_may_help() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> rejected = fixture.chat(engine);
        fixture.transport.last().answer(200, rejectedHere());
        assertThat(failureOf(rejected)).hasMessageContaining("not retried").hasMessageNotContaining("may help");
    }

    private static final class Failure implements Flow.Subscriber<ChatEvent> {
        private volatile @Nullable Throwable seen;

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ChatEvent event) {}

        @Override
        public void onError(Throwable failure) {
            assertThat(failure).isInstanceOf(KimiException.class);
            seen = failure;
        }

        @Override
        public void onComplete() {}
    }
}
