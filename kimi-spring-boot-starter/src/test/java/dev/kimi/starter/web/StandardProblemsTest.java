package dev.kimi.starter.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ConfigurationException;
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
import dev.kimi.error.RateLimitException.Limit;
import dev.kimi.error.RejectedException;
import dev.kimi.error.RejectedException.Reason;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.error.TruncatedStreamException.Partial;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.web.ErrorResponse;

@ExtendWith(OutputCaptureExtension.class)
class StandardProblemsTest {

    private static final String MESSAGE = "what is for the operators";

    static Stream<Arguments> failures() {
        return Stream.of(
                arguments(new RateLimitException(MESSAGE, asked(20_000), Limit.UNKNOWN, null), 429, "20"),
                arguments(new RateLimitException(MESSAGE, Details.NONE, Limit.UNKNOWN, null), 429, "5"),
                arguments(late(Phase.QUEUED), 429, "5"),
                arguments(new OverloadedException(MESSAGE, asked(1_000), null), 503, "1"),
                arguments(rejected(Reason.QUEUE_FULL), 503, "5"),
                arguments(rejected(Reason.RETRY_BUDGET_EXHAUSTED), 503, "5"),
                arguments(rejected(Reason.BODY_NOT_REPLAYABLE), 503, "5"),
                arguments(rejected(Reason.THROTTLED), 503, "5"),
                arguments(late(Phase.POOL_WAIT), 503, "5"),
                arguments(new TransportException(MESSAGE, Details.NONE, true, null), 503, "5"),
                arguments(rejected(Reason.CLOSED), 503, null),
                arguments(new CallCancelledException(MESSAGE, Details.NONE, null), 503, null),
                arguments(new QuotaExceededException(MESSAGE, Details.NONE, null), 503, null),
                arguments(late(Phase.CREDENTIALS), 504, null),
                arguments(late(Phase.CONNECT), 504, null),
                arguments(late(Phase.HEADERS), 504, null),
                arguments(late(Phase.FIRST_EVENT), 504, null),
                arguments(late(Phase.IDLE), 504, null),
                arguments(late(Phase.QUIET), 504, null),
                arguments(late(Phase.BACK_OFF), 504, null),
                arguments(new ServerException(MESSAGE, status(504), null), 504, null),
                arguments(new ServerException(MESSAGE, status(408), null), 504, null),
                arguments(new ServerException(MESSAGE, status(500), null), 502, null),
                arguments(new ServerException(MESSAGE, status(200), null), 502, null),
                arguments(new TruncatedStreamException(MESSAGE, Details.NONE, Partial.NOTHING, null), 502, null),
                arguments(new TransportException(MESSAGE, Details.NONE, true, true, null), 502, null),
                arguments(new ContentFilteredException(MESSAGE, status(400), null), 422, null),
                arguments(
                        new InvalidRequestException(
                                MESSAGE, status(400), null, null, InvalidRequestException.Reason.TOO_LONG),
                        413,
                        null),
                arguments(rejected(Reason.OVER_QUOTA), 413, null),
                arguments(new InvalidRequestException(MESSAGE, status(400), null, null), 500, null),
                arguments(new InvalidRequestException(MESSAGE, status(404), "model", null), 500, null),
                arguments(new AuthenticationException(MESSAGE, status(401), null), 500, null),
                arguments(new PermissionException(MESSAGE, status(403), null), 500, null),
                arguments(new ConfigurationException("kimi.model", MESSAGE, MESSAGE), 500, null));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void each_failure_has_its_status_and_says_nothing_of_its_message(
            KimiException failure, int status, @Nullable String retryAfter) {
        ErrorResponse problem = KimiProblems.standard().of(failure);

        assertThat(problem.getStatusCode().value()).isEqualTo(status);
        assertThat(problem.getHeaders().getFirst("Retry-After")).isEqualTo(retryAfter);
        assertThat(problem.getBody().getDetail()).isNotBlank().doesNotContain(MESSAGE);
        if (retryAfter == null) {
            assertThat(problem.getBody().getProperties()).isNullOrEmpty();
        } else {
            assertThat(problem.getBody().getProperties()).containsEntry("retryAfter", Long.valueOf(retryAfter));
        }
    }

    @Test
    void there_is_a_row_for_every_kind_of_failure() {
        Set<String> known =
                failures().map(row -> row.get()[0].getClass().getName()).collect(Collectors.toSet());

        assertThat(known).isEqualTo(kinds());
    }

    @ParameterizedTest
    @CsvSource({"1,1", "999,1", "1000,1", "1001,2", "59999,60", "90000,90"})
    void a_wait_is_rounded_up_to_whole_seconds(long millis, String seconds) {
        RateLimitException failure = new RateLimitException(MESSAGE, asked(millis), Limit.UNKNOWN, null);

        assertThat(KimiProblems.standard().of(failure).getHeaders().getFirst("Retry-After"))
                .isEqualTo(seconds);
    }

    @Test
    void what_needs_an_operator_is_in_the_log_and_a_busy_service_is_not(CapturedOutput log) {
        KimiProblems.standard().of(new OverloadedException("no capacity", Details.NONE, null));
        assertThat(log).doesNotContain("no capacity");

        KimiProblems.standard().of(new AuthenticationException("Check the key", status(401), null));
        assertThat(log).contains("WARN", "status 500", "Check the key");
    }

    private static Set<String> kinds() {
        return new ClassFileImporter()
                .importPackages(KimiException.class.getPackageName()).stream()
                        .filter(type -> type.isAssignableTo(KimiException.class)
                                && !type.getModifiers().contains(JavaModifier.ABSTRACT))
                        .map(JavaClass::getName)
                        .collect(Collectors.toSet());
    }

    private static KimiException late(Phase phase) {
        return new DeadlineExceededException(MESSAGE, Details.NONE, phase, null);
    }

    private static KimiException rejected(Reason reason) {
        return new RejectedException(MESSAGE, Details.NONE, reason, null);
    }

    private static Details status(int status) {
        return Details.builder().status(status).build();
    }

    private static Details asked(long millis) {
        Duration wait = Duration.ofMillis(millis);
        return Details.builder().retry(wait, Instant.EPOCH.plus(wait)).build();
    }
}
