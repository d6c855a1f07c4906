package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.test.FakeKimiClient;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.exception.RetriableException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {

    private static final Details NONE = Details.NONE;

    static Stream<Arguments> failures() {
        Details notFound = Details.builder().status(404).build();
        return Stream.of(
                Arguments.of(
                        new RateLimitException("m", NONE, RateLimitException.Limit.values()[0], null),
                        dev.langchain4j.exception.RateLimitException.class),
                Arguments.of(
                        new AuthenticationException("m", NONE, null),
                        dev.langchain4j.exception.AuthenticationException.class),
                Arguments.of(
                        new PermissionException("m", NONE, null),
                        dev.langchain4j.exception.AuthenticationException.class),
                Arguments.of(
                        new DeadlineExceededException("m", NONE, DeadlineExceededException.Phase.IDLE, null),
                        TimeoutException.class),
                Arguments.of(
                        new ContentFilteredException("m", NONE, null),
                        dev.langchain4j.exception.ContentFilteredException.class),
                Arguments.of(
                        new InvalidRequestException("m", NONE, null, null),
                        dev.langchain4j.exception.InvalidRequestException.class),
                Arguments.of(new InvalidRequestException("m", notFound, null, null), ModelNotFoundException.class),
                Arguments.of(new ServerException("m", NONE, null), InternalServerException.class),
                Arguments.of(new OverloadedException("m", NONE, null), InternalServerException.class),
                Arguments.of(new TransportException("m", NONE, true, true, null), UnresolvedModelServerException.class),
                Arguments.of(new TransportException("m", NONE, true, null), RetriableException.class),
                Arguments.of(
                        new TruncatedStreamException("m", NONE, TruncatedStreamException.Partial.NOTHING, null),
                        RetriableException.class),
                Arguments.of(rejected(RejectedException.Reason.QUEUE_FULL), RetriableException.class),
                Arguments.of(rejected(RejectedException.Reason.CLOSED), NonRetriableException.class),
                Arguments.of(new QuotaExceededException("m", NONE, null), NonRetriableException.class),
                Arguments.of(new CallCancelledException("m", NONE, null), NonRetriableException.class));
    }

    private static RejectedException rejected(RejectedException.Reason reason) {
        return new RejectedException("m", NONE, reason, null);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void a_failure_is_langchain4js_with_the_clients_as_its_cause(KimiException failure, Class<?> expected) {
        FakeKimiClient client = new FakeKimiClient().fail(failure);

        Throwable thrown = catchThrowable(() -> KimiChatModel.of(client).chat("hello"));

        assertThat(thrown).isExactlyInstanceOf(expected).hasMessage("m").hasCause(failure);
    }
}
