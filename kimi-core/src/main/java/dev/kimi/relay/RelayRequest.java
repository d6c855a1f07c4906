package dev.kimi.relay;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A chat request that another program wrote and that is to be sent on: what the engine must know of it, and a function
 * that gives what is sent to an endpoint. Immutable; prints no content.
 *
 * <pre>{@code
 * RelayRequest request = RelayRequest.builder(target -> target.protocol().equals(Provenance.ANTHROPIC)
 *                 ? new RelayForm.Verbatim("/v1/messages", Map.of(), body)
 *                 : new RelayForm.Translated(chatOf(body), List.of()))
 *         .model("claude-sonnet-5-5")
 *         .streamed(true)
 *         .tokens(inputTokens, outputCap)
 *         .build();
 * }</pre>
 */
public final class RelayRequest {

    private final Function<RelayTarget, RelayForm> forms;
    private final @Nullable String model;
    private final boolean streamed;
    private final long inputTokens;
    private final long outputCap;
    private final @Nullable String sessionId;
    private final @Nullable Duration deadline;

    private RelayRequest(Builder builder) {
        this.forms = builder.forms;
        this.model = builder.model;
        this.streamed = builder.streamed;
        this.inputTokens = builder.inputTokens;
        this.outputCap = builder.outputCap;
        this.sessionId = builder.sessionId;
        this.deadline = builder.deadline;
    }

    /**
     * @param forms gives what is sent to an endpoint; called when the call comes there, on a thread that must not be
     *     blocked, and again where the request has to be written anew. The same target must get the same form. A
     *     {@link dev.kimi.error.KimiException} that it throws is what the call fails with at its first endpoint, and
     *     any other is passed over; whatever else it throws is the cause of the call's failure.
     */
    public static Builder builder(Function<RelayTarget, RelayForm> forms) {
        return new Builder(forms);
    }

    /** What is sent to the endpoint. */
    public RelayForm formFor(RelayTarget target) {
        return forms.apply(target);
    }

    /** The model as the client of the engine names it, or null for that client's own. */
    public @Nullable String model() {
        return model;
    }

    /** Whether the response is to be a stream. */
    public boolean streamed() {
        return streamed;
    }

    /** How many tokens the model will read, rather too many than too few; 0 when that is not known. */
    public long inputTokens() {
        return inputTokens;
    }

    /** The most tokens that the model may write by the request; 0 when it does not say. */
    public long outputCap() {
        return outputCap;
    }

    /** What calls of the same conversation have in common, or null: such calls stay at one key of an account. */
    public @Nullable String sessionId() {
        return sessionId;
    }

    /** Time for the whole call, or null for the client's total timeout. */
    public @Nullable Duration deadline() {
        return deadline;
    }

    @Override
    public String toString() {
        return "RelayRequest[" + model + (streamed ? ", streamed]" : "]");
    }

    /** Not thread-safe. */
    public static final class Builder {
        private final Function<RelayTarget, RelayForm> forms;
        private @Nullable String model;
        private boolean streamed;
        private long inputTokens;
        private long outputCap;
        private @Nullable String sessionId;
        private @Nullable Duration deadline;

        private Builder(Function<RelayTarget, RelayForm> forms) {
            this.forms = Objects.requireNonNull(forms, "forms");
        }

        /** The model; null, the default, for the client's own. */
        public Builder model(@Nullable String value) {
            this.model = value;
            return this;
        }

        /** Whether the response is to be a stream; it is not by default. */
        public Builder streamed(boolean value) {
            this.streamed = value;
            return this;
        }

        /**
         * What the account's quota is to reserve; 0 and 0 by default, which reserves a request alone.
         *
         * @param input how many tokens the model will read, rather too many than too few
         * @param cap the most tokens that it may write; 0 for the service's own limit
         * @throws IllegalArgumentException if one is negative
         */
        public Builder tokens(long input, long cap) {
            if (input < 0 || cap < 0) {
                throw new IllegalArgumentException("tokens cannot be negative");
            }
            this.inputTokens = input;
            this.outputCap = cap;
            return this;
        }

        /** What calls of the same conversation have in common; null, the default, for none. */
        public Builder sessionId(@Nullable String value) {
            this.sessionId = value;
            return this;
        }

        /** Time for the whole call; null, the default, for the client's total timeout. */
        public Builder deadline(@Nullable Duration value) {
            this.deadline = value;
            return this;
        }

        public RelayRequest build() {
            return new RelayRequest(this);
        }
    }
}
