package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.internal.util.LogRecorder;
import dev.kimi.retry.RetryDecision;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lines of the logger {@code dev.kimi.calls}, which operators read and search. */
class CallLogTest {

    private final EngineFixture fixture = new EngineFixture();
    private final LogRecorder log = new LogRecorder("dev.kimi.calls");

    @BeforeEach
    void listen() {
        log.at(Level.FINE);
    }

    @AfterEach
    void close() {
        assertThat(log.records()).extracting(LogRecord::getLevel).allMatch(Level.FINE::equals);
        log.close();
    }

    @Test
    void a_call_has_a_line_for_each_attempt_each_retry_and_its_end() {
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.time.advance(Duration.ofMillis(120));
        fixture.transport.last().answer(503, "", "x-request-id", "req-1");
        fixture.time.advance(Duration.ofMillis(50));
        fixture.time.advance(Duration.ofMillis(800));
        fixture.transport.last().answer(200, "sky", "x-request-id", "req-2");

        String call = "call=0 client=default operation=chat model=kimi-k3 ";
        assertThat(log.messages())
                .containsExactly(
                        "Attempt ended: " + call + "endpoint=default attempt=1 status=503 time=120ms requestId=req-1"
                                + " failure=ServerException message=\"503\"",
                        "Retry scheduled: " + call + "attempt=2 wait=49ms source=back-off status=503"
                                + " reason=ServerException requestId=req-1",
                        "Attempt ended: " + call + "endpoint=default attempt=2 status=200 time=800ms requestId=req-2",
                        "Call ended: " + call
                                + "endpoint=default outcome=success status=200 attempts=2 time=970ms promptTokens=3"
                                + " completionTokens=3");
    }

    @Test
    void what_a_request_could_not_take_along_has_a_line() {
        fixture.protocol = new OpenAiProtocol();
        fixture.engine().chat(NotesTest.MOVED, CallObserver.NONE, Runnable::run);

        assertThat(log.messages())
                .containsExactly("Content changed or left out: call=0 client=default operation=chat model=kimi-k3"
                        + " code=reasoning-omitted message=\"1 block of reasoning was not sent to kimi-k3 at kimi.test:"
                        + " only other at other.test can read it.\"");
    }

    @Test
    void a_wait_that_the_service_asked_for_says_so_and_others_are_held_at_the_gate() {
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "20");
        fixture.time.advance(Duration.ofSeconds(5));
        fixture.chat(engine);

        assertThat(log.messages())
                .anySatisfy(line -> assertThat(line)
                        .startsWith("Retry scheduled: ")
                        .contains(" attempt=2 wait=24999ms source=hint hint=20000ms status=429"
                                + " reason=RateLimitException"))
                .anySatisfy(
                        line -> assertThat(line).startsWith("Call held back: ").endsWith(" wait=15000ms source=gate"));
        assertThat(log.messages()).hasSize(3);
    }

    @Test
    void a_policy_that_comes_back_before_the_service_asked_to_is_not_said_to_heed_it() {
        fixture.retryPolicy = failed -> RetryDecision.after(Duration.ofSeconds(1));
        fixture.chat(fixture.engine());
        fixture.transport.last().answer(503, "", "retry-after", "20");

        assertThat(log.messages())
                .anySatisfy(line -> assertThat(line).contains(" wait=1000ms source=back-off hint=20000ms status=503"));
    }

    @Test
    void a_replay_free_of_charge_says_so() {
        fixture.chat(fixture.engine());
        fixture.transport.last().fail(TransportFailure.Kind.STALE_CONNECTION, true);

        assertThat(log.messages()).hasSize(2).last().asString().contains(" attempt=2 wait=0ms source=replay status=0");
    }

    @Test
    void new_credentials_after_a_401_are_a_retry_too() {
        fixture.credentials = new Rotating();
        fixture.chat(fixture.engine());
        fixture.transport.last().answer(401, "", "x-request-id", "req-1");

        assertThat(log.messages())
                .hasSize(2)
                .last()
                .asString()
                .contains(" attempt=2 wait=0ms source=new-credentials status=401 reason=AuthenticationException"
                        + " requestId=req-1");
    }

    @Test
    void credentials_that_fail_are_the_reason_of_a_retry_without_an_attempt() {
        fixture.credentials = () -> CompletableFuture.failedFuture(
                new ServerException("the token endpoint is down", KimiException.Details.NONE, null));
        fixture.chat(fixture.engine());

        assertThat(log.messages())
                .singleElement()
                .asString()
                .contains("Retry scheduled: ")
                .contains(" attempt=1 ")
                .contains(" reason=ServerException");
    }

    @Test
    void a_stream_tells_when_its_first_event_came_and_a_cancelled_one_that_it_was() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        fixture.time.advance(Duration.ofMillis(90));
        fixture.transport.last().headers(200).body("sky\n");
        fixture.time.advance(Duration.ofMillis(10));
        stream.close();

        assertThat(log.messages())
                .last()
                .asString()
                .startsWith("Call ended: ")
                .contains(" operation=stream ")
                .contains(" outcome=cancelled status=200 attempts=1 time=100ms firstEvent=90ms")
                .contains(" failure=CallCancelledException");
    }

    @Test
    void a_deadline_tells_its_phase() {
        fixture.chat(fixture.engine(), Duration.ofSeconds(1));
        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(log.messages())
                .last()
                .asString()
                .contains(" outcome=failure status=0 ")
                .contains(" detail=first_event ");
    }

    @Test
    void neither_prompts_nor_responses_nor_keys_are_written_and_names_cannot_break_the_line() {
        Engine engine = fixture.engine();
        ChatRequest request = ChatRequest.builder()
                .model("kimi\nINFO forged " + "k".repeat(200))
                .user("my prompt")
                .build();
        engine.chat(request, CallObserver.NONE, Runnable::run);
        fixture.transport.last().answer(503, "my error body");
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.transport.last().answer(200, "my response");

        assertThat(log.messages())
                .hasSize(4)
                .allSatisfy(line -> assertThat(line)
                        .doesNotContain("my prompt", "my error body", "my response", "sk-test", "\n", "k".repeat(100))
                        .contains("model=kimi INFO forged kkk"));
    }

    @Test
    void lines_have_the_number_by_which_open_calls_are_listed() {
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.chat(engine);
        assertThat(engine.openCalls()).extracting(OpenCall::number).containsExactly(0L, 1L);
        fixture.transport.sent(1).answer(200, "sky");
        fixture.transport.sent(0).answer(200, "sky");

        assertThat(log.messages())
                .extracting(line -> line.replaceFirst(".*: (call=\\d+) .*", "$1"))
                .containsExactly("call=1", "call=1", "call=0", "call=0");
    }

    @Test
    void without_debug_nothing_is_written_nor_even_made() {
        log.at(Level.INFO);
        fixture.chat(fixture.engine());
        fixture.transport.last().answer(200, "sky");

        assertThat(log.messages()).isEmpty();
        CallEvent.Started started = new CallEvent.Started("default", 0, "chat", "kimi-k3");
        assertThat(CallLog.of(started)).isSameAs(CallObserver.NONE);
        assertThat(new Listeners("default", List.of()).started(started, CallObserver.NONE))
                .isSameAs(CallObserver.NONE);
    }

    private static final class Rotating implements CredentialsProvider {
        private int number;

        @Override
        public CompletionStage<Credentials> credentials() {
            return CompletableFuture.completedFuture(Credentials.bearer("key-" + number));
        }

        @Override
        public boolean invalidate(Credentials refused) {
            number++;
            return true;
        }
    }
}
