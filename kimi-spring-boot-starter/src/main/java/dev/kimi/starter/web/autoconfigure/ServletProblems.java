package dev.kimi.starter.web.autoconfigure;

import dev.kimi.error.KimiException;
import dev.kimi.starter.web.KimiProblems;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import org.springframework.context.MessageSource;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/** Last of all advice in Spring MVC, so that any handler of the application comes first. */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
final class ServletProblems {

    private final KimiProblems problems;
    private final MessageSource messages;

    ServletProblems(KimiProblems problems, MessageSource messages) {
        this.problems = problems;
        this.messages = messages;
    }

    @ExceptionHandler(KimiException.class)
    ErrorResponse problem(KimiException failure, Exception thrown, HttpServletResponse response, Locale locale)
            throws Exception {
        if (response.isCommitted() || !Unwrapped.isWrapperOf(thrown, failure)) {
            throw thrown;
        }
        ErrorResponse problem = problems.of(failure);
        problem.updateAndGetBody(messages, locale);
        return problem;
    }
}
