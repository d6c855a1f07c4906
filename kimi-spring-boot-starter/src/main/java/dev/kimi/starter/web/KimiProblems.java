package dev.kimi.starter.web;

import dev.kimi.error.KimiException;
import org.springframework.web.ErrorResponse;

/**
 * Decides what the caller of this application sees of a failed call: an HTTP status, headers and a problem detail (RFC
 * 9457). It is used for each {@link KimiException} that leaves a controller, unless an {@code @ExceptionHandler} of the
 * application takes it, and may be called where no controller can throw any more, as for the last event of a stream. A
 * bean of this type replaces the standard one:
 *
 * <pre>{@code
 * @Bean
 * KimiProblems problems() {
 *     return failure -> {
 *         ErrorResponse problem = KimiProblems.standard().of(failure);
 *         problem.getBody().setProperty("support", "https://example.org/help");
 *         return problem;
 *     };
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
public interface KimiProblems {

    /**
     * The response for a failure. Texts are for the people who use the application; the failure's own message is for
     * those who run it.
     *
     * @param failure what left the controller, without the {@code CompletionException} around it
     */
    ErrorResponse of(KimiException failure);

    /**
     * The standard rules. 429 and 503 have the header {@code Retry-After} and the property {@code retryAfter}, both in
     * whole seconds, where trying again can help. Nothing that the service wrote is in the body.
     */
    static KimiProblems standard() {
        return StandardProblems.INSTANCE;
    }
}
