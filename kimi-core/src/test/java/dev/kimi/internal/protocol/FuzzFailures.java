package dev.kimi.internal.protocol;

import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What must hold of every failure and every hint, whatever the service sent. */
final class FuzzFailures {

    static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ofSeconds(1), Instant.parse("2026-01-01T00:00:00Z"));

    private static final int LONGEST_MESSAGE = 2_000;
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
    private static final Protocol PROTOCOL = new OpenAiProtocol();
    private static final Protocol MESSAGES = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);

    private FuzzFailures() {}

    static void error(FuzzInput input) {
        int status = 300 + input.below(300);
        input.plantSecret();
        Headers headers = input.headers();
        byte[] body = input.text();

        KimiException failure = PROTOCOL.error(status, headers, ByteBuffer.wrap(body), CONTEXT);
        failure(failure, input);
        FuzzCheck.same(status, failure.status(), "status");

        ByteBuffer direct = ByteBuffer.allocateDirect(body.length).put(body).flip();
        KimiException again = MESSAGES.error(status, headers, direct, CONTEXT);
        FuzzCheck.same(failure.getClass(), again.getClass(), "outside the heap, in the other protocol");
        FuzzCheck.same(
                String.valueOf(failure.getMessage()), again.getMessage(), "outside the heap, in the other protocol");
    }

    /** Of a failure that reaches the caller. */
    static void failure(KimiException failure, FuzzInput input) {
        String message = String.valueOf(failure.getMessage());
        FuzzCheck.hold(!message.isBlank() && message.length() < LONGEST_MESSAGE, "no message, or too long: " + message);
        FuzzCheck.hold(
                message.chars().noneMatch(Character::isISOControl), "a control character in the message: " + message);
        Throwable cause = failure.getCause();
        FuzzCheck.hold(cause == null || cause instanceof UnreadableResponse, "a cause may quote the answer");
        shown(String.valueOf(cause), input);
        shown(failure.toString(), input);
        shown(failure.errorType(), input);
        shown(failure.requestId(), input);
        if (failure instanceof InvalidRequestException refused) {
            shown(refused.param(), input);
            shown(refused.fix(), input);
        }
        Duration after = failure.retryAfter();
        bounded(after);
        FuzzCheck.hold(
                Objects.equals(
                        failure.retryAt(), after == null ? null : CONTEXT.now().plus(after)),
                "two hints differ");
    }

    private static void shown(@Nullable String text, FuzzInput input) {
        FuzzCheck.hold(text == null || !input.shows(text), "words of the answer are shown: " + text);
    }

    static void hint(FuzzInput input) {
        Headers headers = input.headers();
        String message = new String(input.text(), StandardCharsets.ISO_8859_1);
        Duration hint = RetryHints.find(headers, message, CONTEXT.now());
        bounded(hint);

        Duration without = RetryHints.find(headers, null, CONTEXT.now());
        bounded(without);
        FuzzCheck.hold(
                without == null || hint != null && hint.compareTo(without) >= 0,
                "words take a hint away or shorten it");

        String seconds = headers.first("retry-after");
        if (seconds != null && SECONDS.matcher(seconds.trim()).matches()) {
            Duration asked = Duration.ofSeconds(Long.parseLong(seconds.trim()));
            Duration least = asked.compareTo(RetryHints.LONGEST) > 0 ? RetryHints.LONGEST : asked;
            FuzzCheck.hold(
                    asked.isZero() || hint != null && hint.compareTo(least) >= 0, "less than Retry-After in seconds");
        }
    }

    private static void bounded(@Nullable Duration hint) {
        FuzzCheck.hold(
                hint == null || !hint.isNegative() && !hint.isZero() && hint.compareTo(RetryHints.LONGEST) <= 0,
                "a hint beyond its bounds: " + hint);
    }
}
