package dev.kimi.gateway.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.kimi.chat.Provenance;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.RejectedException.Reason;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorsTest {

    private static final Duration WAIT = Duration.ofSeconds(7);

    private static Details status(int status) {
        return Details.builder().status(status).attempts(1).build();
    }

    private static Details waiting() {
        return Details.builder().status(429).attempts(1).retry(WAIT, null).build();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                arguments(new AuthenticationException("m", status(401), null), Kind.API, 502, null, null),
                arguments(new PermissionException("m", status(403), null), Kind.API, 502, null, null),
                arguments(
                        new InvalidRequestException("m", status(400), null, null),
                        Kind.INVALID_REQUEST,
                        400,
                        null,
                        null),
                arguments(new InvalidRequestException("m", status(404), null, null), Kind.NOT_FOUND, 404, null, null),
                arguments(new InvalidRequestException("m", status(413), null, null), Kind.TOO_LARGE, 413, null, null),
                arguments(tooLong(), Kind.PROMPT_TOO_LONG, 400, null, null),
                arguments(new ContentFilteredException("m", status(400), null), Kind.INVALID_REQUEST, 400, null, null),
                arguments(new QuotaExceededException("m", waiting(), null), Kind.BUDGET, 429, null, false),
                arguments(limited(), Kind.RATE_LIMIT, 429, WAIT, null),
                arguments(new OverloadedException("m", waiting(), null), Kind.OVERLOADED, 529, WAIT, null),
                arguments(
                        new OverloadedException("m", status(429), null),
                        Kind.OVERLOADED,
                        529,
                        Duration.ofSeconds(1),
                        null),
                arguments(rejected(Reason.QUEUE_FULL), Kind.OVERLOADED, 529, Duration.ofSeconds(1), null),
                arguments(rejected(Reason.THROTTLED), Kind.OVERLOADED, 529, Duration.ofSeconds(1), null),
                arguments(rejected(Reason.RETRY_BUDGET_EXHAUSTED), Kind.OVERLOADED, 529, Duration.ofSeconds(1), null),
                arguments(rejected(Reason.OVER_QUOTA), Kind.BUDGET, 429, null, false),
                arguments(late(Phase.RATE_LIMITED), Kind.RATE_LIMIT, 429, Duration.ofSeconds(1), null),
                arguments(late(Phase.QUEUED), Kind.OVERLOADED, 529, Duration.ofSeconds(1), null),
                arguments(late(Phase.FIRST_EVENT), Kind.TIMEOUT, 504, null, null),
                arguments(late(Phase.IDLE), Kind.TIMEOUT, 504, null, null),
                arguments(new ServerException("m", status(500), null), Kind.API, 502, null, null),
                arguments(new ServerException("m", status(504), null), Kind.TIMEOUT, 504, null, null),
                arguments(new TransportException("m", Details.NONE, true, null), Kind.API, 502, null, null),
                arguments(
                        new TruncatedStreamException("m", Details.NONE, TruncatedStreamException.Partial.NOTHING, null),
                        Kind.API,
                        502,
                        null,
                        null),
                arguments(
                        new CallCancelledException("m", Details.NONE, null),
                        Kind.OVERLOADED,
                        529,
                        Duration.ofSeconds(1),
                        null));
    }

    private static KimiException tooLong() {
        return new InvalidRequestException("m", status(400), null, null, InvalidRequestException.Reason.TOO_LONG);
    }

    private static KimiException limited() {
        return new RateLimitException("m", waiting(), RateLimitException.Limit.REQUESTS_PER_MINUTE, null);
    }

    private static KimiException rejected(Reason reason) {
        return new RejectedException("m", Details.NONE, reason, null);
    }

    private static KimiException late(Phase phase) {
        return new DeadlineExceededException("m", Details.NONE, phase, null);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void each_failure_of_the_engine_has_one_meaning_for_clients(
            KimiException failure, Kind kind, int status, Duration wait, Boolean shouldRetry) {
        GatewayError error = Errors.ofThrowable(new CompletionException(failure), Provenance.ANTHROPIC);

        assertThat(error.kind()).isEqualTo(kind);
        assertThat(error.status()).isEqualTo(status);
        assertThat(error.retryAfter()).isEqualTo(wait);
        assertThat(error.shouldRetry()).isEqualTo(shouldRetry);
    }

    @Test
    void clients_of_chat_completions_get_a_status_that_http_knows() {
        GatewayError error = Errors.of(new OverloadedException("m", status(429), null), null, Provenance.OPENAI);

        assertThat(error.status()).isEqualTo(503);
    }

    @Test
    void a_body_that_was_read_once_fails_as_the_attempt_did() {
        RejectedException once = new RejectedException("m", Details.NONE, Reason.BODY_NOT_REPLAYABLE, limited());

        assertThat(Errors.of(once, null, Provenance.OPENAI).kind()).isEqualTo(Kind.RATE_LIMIT);
    }

    @Test
    void what_nobody_expects_says_nothing_of_itself() {
        GatewayError error = Errors.ofThrowable(new IllegalStateException("secret"), Provenance.OPENAI);

        assertThat(error.status()).isEqualTo(500);
        assertThat(error.message()).doesNotContain("secret");
    }

    @Test
    void what_a_service_says_is_for_the_client() {
        GatewayError error = Errors.of(tooLong(), "their words", Provenance.ANTHROPIC);

        assertThat(error.message()).isEqualTo("prompt is too long: their words");
    }
}
