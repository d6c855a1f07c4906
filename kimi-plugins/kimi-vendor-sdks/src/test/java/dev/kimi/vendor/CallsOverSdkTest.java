package dev.kimi.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.anthropic.errors.AnthropicServiceException;
import com.openai.errors.OpenAIServiceException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import dev.kimi.retry.RetryDecision;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The SDKs' calls as calls of a Kimi client. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class CallsOverSdkTest {

    @Parameter
    Sdk sdk = Sdk.OPENAI_HTTP1;

    @Test
    void each_form_of_a_call_is_a_success_and_leaves_its_connection_to_the_next() {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            for (int i = 0; i < 4; i++) {
                fixture.kimi.reply(Reply.text("Blue, naïvely 蓝."));
            }

            assertThat(fixture.calls.ask()).isEqualTo("Blue, naïvely 蓝.");
            fixture.awaitOutcomes(CallEvent.Outcome.SUCCESS);
            assertThat(fixture.calls.askAsync().join()).isEqualTo("Blue, naïvely 蓝.");
            int[] events = new int[1];
            try (SdkCalls.Events stream = fixture.calls.stream()) {
                stream.iterator().forEachRemaining(event -> events[0]++);
            }
            SdkFixture.eventually("three have ended", () -> fixture.outcomes.size() == 3);
            assertThat(fixture.calls.countAsync().join()).isEqualTo(events[0]).isPositive();

            fixture.awaitOutcomes(IntStream.range(0, 4)
                    .mapToObj(i -> CallEvent.Outcome.SUCCESS)
                    .toArray(CallEvent.Outcome[]::new));
            assertThat(fixture.kimi.connectionsAccepted()).isEqualTo(1);
        }
    }

    @Test
    void the_clients_credentials_go_with_the_sdks_headers_each_once() {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.calls.ask();

            ReceivedRequest request = fixture.kimi.requests().get(0);
            assertThat(request.headers("x-api-key")).isEqualTo(sdk.isAnthropic() ? List.of("sk-test") : List.of());
            assertThat(request.headers("authorization"))
                    .isEqualTo(sdk.isAnthropic() ? List.of() : List.of("Bearer sk-test"));
            assertThat(request.headers("anthropic-version")).hasSize(sdk.isAnthropic() ? 1 : 0);
            assertThat(request.headers("content-type")).containsExactly("application/json");
            assertThat(request.headers("x-stainless-lang")).containsExactly("java");
            assertThat(request.header("x-stainless-retry-count")).isEmpty();
            assertThat(request.path()).isEqualTo(sdk.isAnthropic() ? "/v1/messages" : "/v1/chat/completions");
        }
    }

    @Test
    void the_client_retries_and_the_sdk_does_not() {
        try (SdkFixture fixture =
                new SdkFixture(sdk, sdk.client().retryPolicy(failed -> RetryDecision.after(Duration.ZERO)))) {
            fixture.kimi.reply(Reply.unavailable(), Reply.text("Blue."));

            assertThat(fixture.calls.ask()).isEqualTo("Blue.");
            fixture.awaitOutcomes(CallEvent.Outcome.SUCCESS);
            assertThat(fixture.kimi.requests()).hasSize(2);
        }
    }

    @Test
    void an_error_response_is_not_sent_again_by_the_sdk_even_where_it_is_set_to() {
        try (SdkFixture fixture = new SdkFixture(sdk, sdk.client().retryPolicy(failed -> RetryDecision.stop()))) {
            fixture.kimi.reply(Reply.unavailable());

            assertThatThrownBy(() -> fixture.calls.askWithRetries(2))
                    .isInstanceOfAny(OpenAIServiceException.class, AnthropicServiceException.class);
            assertThat(fixture.kimi.requests()).hasSize(1);
        }
    }

    @Test
    void a_broken_connection_is_not_sent_again_by_the_sdk_even_where_it_is_set_to() {
        try (SdkFixture fixture = new SdkFixture(sdk, sdk.client().retryPolicy(failed -> RetryDecision.stop()))) {
            fixture.kimi.reply(Reply.noResponse());

            Throwable once = catchThrowable(fixture.calls::ask);
            assertThat(once.getClass().getSimpleName()).endsWith("IoException");
            assertThat(once).hasCauseInstanceOf(KimiException.class);
            fixture.kimi.reply(Reply.noResponse());
            assertThatThrownBy(() -> fixture.calls.askWithRetries(1)).hasMessageContaining("maxRetries to 0");
            assertThat(fixture.kimi.requests()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_error_response_is_the_sdks_exception_with_what_is_known(boolean async) {
        try (SdkFixture fixture = new SdkFixture(sdk, sdk.client().retryPolicy(failed -> RetryDecision.stop()))) {
            fixture.kimi.reply(Reply.rateLimited(Duration.ofSeconds(7)));

            Throwable failure =
                    catchThrowable(async ? () -> fixture.calls.askAsync().join() : fixture.calls::ask);
            Throwable known = failure instanceof CompletionException ? failure.getCause() : failure;

            assertThat(known.getClass().getSimpleName()).isEqualTo("RateLimitException");
            if (known instanceof com.openai.errors.RateLimitException openAi) {
                assertThat(openAi.headers().values("retry-after")).containsExactly("7");
                assertThat(openAi.type()).hasValue("rate_limit_reached_error");
            } else if (known instanceof com.anthropic.errors.RateLimitException anthropic) {
                assertThat(anthropic.headers().values("retry-after")).containsExactly("7");
                assertThat(anthropic.type().orElseThrow().asString()).isEqualTo("rate_limit_error");
                assertThat(anthropic.requestId().orElseThrow()).startsWith("req_");
            }
        }
    }

    @Test
    void the_timeout_of_a_request_is_the_deadline_of_the_call() {
        VirtualTime time = new VirtualTime();
        try (SdkFixture fixture = new SdkFixture(sdk, sdk.client().time(time, time))) {
            fixture.kimi.reply(Reply.text("never").stallBeforeHeaders());
            CompletableFuture<Throwable> ended =
                    CompletableFuture.supplyAsync(() -> catchThrowable(() -> fixture.calls.ask(Duration.ofSeconds(3))));
            fixture.kimi.awaitRequests(1).join();

            time.advance(Duration.ofSeconds(2));
            assertThat(ended).isNotDone();
            time.advance(Duration.ofSeconds(2));

            assertThat(ended.join()).hasRootCauseInstanceOf(DeadlineExceededException.class);
            assertThat(ended.join().getClass().getSimpleName()).endsWith("IoException");
            assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
        }
    }

    @Test
    void a_stream_that_breaks_off_is_an_io_failure_with_its_cause() {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.kimi.reply(Reply.text("one two three").cutAfterEvents(sdk.eventsUntilText(1)));

            try (SdkCalls.Events stream = fixture.calls.stream()) {
                Throwable failure = catchThrowable(() -> stream.iterator().forEachRemaining(event -> {}));
                assertThat(failure.getClass().getSimpleName()).endsWith("IoException");
                assertThat(failure).cause().hasCauseInstanceOf(TruncatedStreamException.class);
            }
        }
    }

    @Test
    void closing_the_sdks_client_leaves_the_kimi_client_open() {
        try (SdkFixture fixture = new SdkFixture(sdk)) {
            fixture.calls.close();

            assertThat(sdk.over(fixture.client).ask()).isNotEmpty();
        }
    }
}
