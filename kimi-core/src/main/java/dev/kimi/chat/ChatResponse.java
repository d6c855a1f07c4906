package dev.kimi.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A whole answer. Immutable; does not print its content. */
public final class ChatResponse {

    private final String id;
    private final String model;
    private final Message message;
    private final FinishReason finishReason;
    private final Usage usage;
    private final @Nullable String requestId;
    private final Map<String, @Nullable Object> extra;

    private ChatResponse(Builder builder) {
        this.id = builder.id;
        this.model = builder.model;
        this.message = builder.message;
        this.finishReason = builder.finishReason;
        this.usage = builder.usage;
        this.requestId = builder.requestId;
        this.extra = Collections.unmodifiableMap(builder.extra);
    }

    /** For decoders and tests. */
    public static Builder builder(Message message) {
        return new Builder(message);
    }

    /** The service's id of the answer, empty when it gave none. */
    public String id() {
        return id;
    }

    /** The model that answered, empty when the service did not say. */
    public String model() {
        return model;
    }

    /** The assistant's turn, to be kept in the conversation; see {@link ChatRequest#after}. */
    public Message message() {
        return message;
    }

    /** The visible text; empty when there is none, as when the output cap went on reasoning. */
    public String text() {
        return message.text();
    }

    /** The reasoning, empty when there was none. */
    public String reasoning() {
        String reasoning = message.reasoning();
        return reasoning == null ? "" : reasoning;
    }

    /** The tools that the model wants run, in order. */
    public List<ToolCall> toolCalls() {
        return message.toolCalls();
    }

    public FinishReason finishReason() {
        return finishReason;
    }

    /** Tokens used; {@link Usage#NONE} when the service did not say. */
    public Usage usage() {
        return usage;
    }

    /** The id under which the service's support can find the exchange, or null. */
    public @Nullable String requestId() {
        return requestId;
    }

    /** Top-level fields that this library does not know, in order, as Java values. */
    public Map<String, @Nullable Object> extra() {
        return extra;
    }

    @Override
    public String toString() {
        return "ChatResponse[" + model + ", " + finishReason + ", " + usage.totalTokens() + " tokens]";
    }

    /** Collects an answer. Not thread-safe. */
    public static final class Builder {
        private final Message message;
        private String id = "";
        private String model = "";
        private FinishReason finishReason = FinishReason.UNKNOWN;
        private Usage usage = Usage.NONE;
        private @Nullable String requestId;
        private final Map<String, @Nullable Object> extra = new LinkedHashMap<>(0);

        private Builder(Message message) {
            this.message = Objects.requireNonNull(message);
        }

        public Builder id(String value) {
            this.id = value;
            return this;
        }

        public Builder model(String value) {
            this.model = value;
            return this;
        }

        public Builder finishReason(FinishReason value) {
            this.finishReason = value;
            return this;
        }

        public Builder usage(Usage value) {
            this.usage = value;
            return this;
        }

        public Builder requestId(@Nullable String value) {
            this.requestId = value;
            return this;
        }

        public Builder extra(String field, @Nullable Object value) {
            extra.put(field, value);
            return this;
        }

        public ChatResponse build() {
            return new ChatResponse(this);
        }
    }
}
