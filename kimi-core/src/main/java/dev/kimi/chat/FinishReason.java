package dev.kimi.chat;

import java.util.Objects;

/**
 * Why the model stopped. Services add reasons without notice, so this is an open set: compare with the constants and
 * expect values that are none of them.
 */
public final class FinishReason {

    /** The response is complete. */
    public static final FinishReason STOP = new FinishReason("stop");
    /** The output cap was met; it counts reasoning, so the text may even be empty. */
    public static final FinishReason LENGTH = new FinishReason("length");
    /** The model wants tools run. */
    public static final FinishReason TOOL_CALLS = new FinishReason("tool_calls");
    /** The service withheld content. */
    public static final FinishReason CONTENT_FILTER = new FinishReason("content_filter");
    /** The service gave no reason. */
    public static final FinishReason UNKNOWN = new FinishReason("unknown");

    private final String value;

    private FinishReason(String value) {
        this.value = value;
    }

    /** The reason for a value on the wire; an empty value gives {@link #UNKNOWN}. */
    public static FinishReason of(String value) {
        Objects.requireNonNull(value, "value");
        return switch (value) {
            case "stop" -> STOP;
            case "length" -> LENGTH;
            case "tool_calls" -> TOOL_CALLS;
            case "content_filter" -> CONTENT_FILTER;
            case "", "unknown" -> UNKNOWN;
            default -> new FinishReason(value);
        };
    }

    /** The value on the wire. */
    public String value() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FinishReason reason && reason.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
