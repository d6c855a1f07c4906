package dev.kimi.starter.web.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.method.annotation.ExceptionHandlerMethodResolver;

class ProblemAdviceTest {

    @ParameterizedTest
    @ValueSource(classes = {ReactiveProblems.class, ServletProblems.class})
    void other_exceptions_are_left_to_the_application(Class<?> advice) {
        ExceptionHandlerMethodResolver handlers = new ExceptionHandlerMethodResolver(advice);

        assertThat(handlers.resolveMethodByThrowable(new IllegalStateException("no page here")))
                .isNull();
        KimiException failure = new RateLimitException(
                "Busy.", KimiException.Details.builder().build(), RateLimitException.Limit.UNKNOWN, null);
        assertThat(handlers.resolveMethodByThrowable(failure)).isNotNull();
        assertThat(handlers.resolveMethodByThrowable(new CompletionException(failure)))
                .isNotNull();
    }
}
