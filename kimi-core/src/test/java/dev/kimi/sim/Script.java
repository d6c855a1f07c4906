package dev.kimi.sim;

import dev.kimi.error.KimiException;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one exchange does, step by step, and what the engine must make of it. */
final class Script {

    /** A step is taken that long after the one before it. */
    sealed interface Step {
        long delayNanos();

        record Head(long delayNanos, int status, Headers headers) implements Step {}

        record Body(long delayNanos, byte[] bytes) implements Step {}

        record Complete(long delayNanos) implements Step {}

        record Fail(long delayNanos, TransportFailure failure) implements Step {}
    }

    final String name;
    final List<Step> steps = new ArrayList<>();

    /** All the text that the response holds, which what is delivered must be the beginning of. */
    String text = "";

    /** The type that the failure must have when the script was played to its end. */
    @Nullable Class<? extends KimiException> failure;

    /** The wait that the response asks for, in nanoseconds; -1 for none. */
    long hintNanos = -1;

    /** Whether that wait is for the calls of one model only. */
    boolean ofModel;

    /** True when the response ends as a good one does. */
    boolean whole;

    /** Whether what the exchange breaks by has kept the request from being processed. */
    boolean unprocessed;

    /** What the exchange breaks by, if it does. */
    TransportFailure.@Nullable Kind brokenBy;

    /** True when nothing can make the engine try again. */
    boolean terminal;

    Script(String name) {
        this.name = name;
    }

    Script head(long delayNanos, int status, Headers headers) {
        steps.add(new Step.Head(delayNanos, status, headers));
        return this;
    }

    Script complete(long delayNanos) {
        steps.add(new Step.Complete(delayNanos));
        return this;
    }

    Script fail(long delayNanos, TransportFailure.Kind kind, boolean unprocessed) {
        steps.add(new Step.Fail(delayNanos, TransportFailure.of(kind, unprocessed, null)));
        brokenBy = kind;
        this.unprocessed = unprocessed;
        return this;
    }

    Script ends(Class<? extends KimiException> type) {
        failure = type;
        return this;
    }

    Script whole() {
        whole = true;
        return this;
    }

    Script forGood() {
        terminal = true;
        return this;
    }

    /** The bytes in chunks of at most that size. */
    Script body(byte[] bytes, int from, int to, int chunk, long gapNanos) {
        for (int at = from; at < to; at += chunk) {
            byte[] part = new byte[Math.min(chunk, to - at)];
            System.arraycopy(bytes, at, part, 0, part.length);
            steps.add(new Step.Body(gapNanos, part));
        }
        return this;
    }

    Script body(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return body(bytes, 0, bytes.length, bytes.length, 0);
    }
}
