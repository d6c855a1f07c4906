package dev.kimi.chat;

import dev.kimi.internal.util.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is asked. Immutable and reusable; does not print its content. A field that is not set is not sent, so the
 * service's default holds: Kimi rejects most sampling parameters outright.
 *
 * <pre>{@code
 * ChatRequest request = ChatRequest.builder()
 *         .system("You answer in one sentence.")
 *         .user("Why is the sky blue?")
 *         .maxCompletionTokens(500)
 *         .build();
 * ChatResponse response = kimi.chat(request);
 * ChatRequest next = request.after(response).user("And at sunset?").build();
 * }</pre>
 */
public final class ChatRequest {

    private final @Nullable String model;
    private final List<Message> messages;
    private final List<Tool> tools;
    private final Tool.@Nullable Choice toolChoice;
    private final @Nullable ResponseFormat responseFormat;
    private final int maxCompletionTokens;
    private final List<String> stop;
    private final @Nullable Double temperature;
    private final @Nullable Double topP;
    private final @Nullable String reasoningEffort;
    private final @Nullable Boolean thinking;
    private final @Nullable Boolean parallelToolCalls;
    private final @Nullable Duration cacheLifetime;
    private final @Nullable String userId;
    private final @Nullable String sessionId;
    private final @Nullable Duration deadline;
    private final Extras extras;

    private ChatRequest(Builder builder) {
        this.model = builder.model;
        this.messages = List.copyOf(builder.messages);
        this.tools = List.copyOf(builder.tools);
        this.toolChoice = builder.toolChoice;
        this.responseFormat = builder.responseFormat;
        this.maxCompletionTokens = builder.maxCompletionTokens;
        this.stop = builder.stop;
        this.temperature = builder.temperature;
        this.topP = builder.topP;
        this.reasoningEffort = builder.reasoningEffort;
        this.thinking = builder.thinking;
        this.deadline = builder.deadline;
        this.parallelToolCalls = builder.parallelToolCalls;
        this.cacheLifetime = builder.cacheLifetime;
        this.userId = builder.userId;
        this.sessionId = builder.sessionId;
        this.extras = builder.extras;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** One question. */
    public static ChatRequest of(String userText) {
        return builder().user(userText).build();
    }

    /** Starts from this request. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * Starts from this request with the response added as the assistant's turn: text, reasoning, tool calls and what
     * this library does not know, each with its origin. What the request holds is not changed, so that the service
     * finds the conversation in its prompt cache.
     */
    public Builder after(ChatResponse response) {
        return toBuilder().message(response.message());
    }

    /** The model, or null for the client's default. */
    public @Nullable String model() {
        return model;
    }

    /** The conversation, never empty. */
    public List<Message> messages() {
        return messages;
    }

    /** The tools on offer. */
    public List<Tool> tools() {
        return tools;
    }

    /** Whether and which tools must be called, or null for the service's default. */
    public Tool.@Nullable Choice toolChoice() {
        return toolChoice;
    }

    /** The form of the response, or null for the service's default. */
    public @Nullable ResponseFormat responseFormat() {
        return responseFormat;
    }

    /** Most tokens to write, reasoning included; 0 for the service's default (Kimi K3: 131,072). */
    public int maxCompletionTokens() {
        return maxCompletionTokens;
    }

    /** Texts at which to stop. */
    public List<String> stop() {
        return stop;
    }

    /** Sampling temperature, or null when not set. */
    public @Nullable Double temperature() {
        return temperature;
    }

    /** Nucleus sampling, or null when not set. */
    public @Nullable Double topP() {
        return topP;
    }

    /** How hard to think ({@code low}, {@code high}, {@code max} on Kimi K3), or null for the service's default. */
    public @Nullable String reasoningEffort() {
        return reasoningEffort;
    }

    /** Thinking on or off, or null for the service's default. */
    public @Nullable Boolean thinking() {
        return thinking;
    }

    /** Whether the model may call several tools at once, or null for the service's default. */
    public @Nullable Boolean parallelToolCalls() {
        return parallelToolCalls;
    }

    /** How long the service should keep the prompt in its cache, or null for its own way. */
    public @Nullable Duration cacheLifetime() {
        return cacheLifetime;
    }

    /** On whose behalf the model is asked, or null. */
    public @Nullable String userId() {
        return userId;
    }

    /** What requests of one conversation have in common, or null. */
    public @Nullable String sessionId() {
        return sessionId;
    }

    /** Time for the whole call with all its attempts, or null for the client's total timeout. */
    public @Nullable Duration deadline() {
        return deadline;
    }

    /** Further fields for the protocol of the client, in order. */
    public Map<String, Object> extra() {
        return extras.own();
    }

    /** Further fields for that protocol alone, in order; empty when there are none. */
    public Map<String, Object> extra(String protocol) {
        return extras.of(protocol);
    }

    @Override
    public String toString() {
        return "ChatRequest[" + (model == null ? "default model" : model) + ", " + messages.size() + " messages, "
                + tools.size() + " tools]";
    }

    /** Collects a request. Not thread-safe. */
    public static final class Builder {
        private @Nullable String model;
        private final List<Message> messages = new ArrayList<>(4);
        private final List<Tool> tools = new ArrayList<>(0);
        private Tool.@Nullable Choice toolChoice;
        private @Nullable ResponseFormat responseFormat;
        private int maxCompletionTokens;
        private List<String> stop = List.of();
        private @Nullable Double temperature;
        private @Nullable Double topP;
        private @Nullable String reasoningEffort;
        private @Nullable Boolean thinking;
        private @Nullable Duration deadline;
        private @Nullable Boolean parallelToolCalls;
        private @Nullable Duration cacheLifetime;
        private @Nullable String userId;
        private @Nullable String sessionId;
        private Extras extras = Extras.NONE;

        private Builder() {}

        private Builder(ChatRequest from) {
            this.model = from.model;
            this.messages.addAll(from.messages);
            this.tools.addAll(from.tools);
            this.toolChoice = from.toolChoice;
            this.responseFormat = from.responseFormat;
            this.maxCompletionTokens = from.maxCompletionTokens;
            this.stop = from.stop;
            this.temperature = from.temperature;
            this.topP = from.topP;
            this.reasoningEffort = from.reasoningEffort;
            this.thinking = from.thinking;
            this.deadline = from.deadline;
            this.parallelToolCalls = from.parallelToolCalls;
            this.cacheLifetime = from.cacheLifetime;
            this.userId = from.userId;
            this.sessionId = from.sessionId;
            this.extras = from.extras;
        }

        /** The model; null for the client's default. */
        public Builder model(@Nullable String value) {
            this.model = value;
            return this;
        }

        public Builder system(String text) {
            return message(Message.system(text));
        }

        public Builder user(String text) {
            return message(Message.user(text));
        }

        /** Adds a turn. */
        public Builder message(Message message) {
            messages.add(Objects.requireNonNull(message));
            return this;
        }

        /** Adds turns. */
        public Builder messages(List<Message> more) {
            more.forEach(this::message);
            return this;
        }

        /** Adds the result of a tool call. */
        public Builder toolResult(ToolCall call, String result) {
            return message(Message.toolResult(call.id(), result));
        }

        /** Offers a tool. */
        public Builder tool(Tool tool) {
            tools.add(Objects.requireNonNull(tool));
            return this;
        }

        /** Offers tools. */
        public Builder tools(List<Tool> more) {
            more.forEach(this::tool);
            return this;
        }

        public Builder toolChoice(Tool.Choice value) {
            this.toolChoice = Objects.requireNonNull(value);
            return this;
        }

        public Builder responseFormat(ResponseFormat value) {
            this.responseFormat = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Most tokens to write, at least 1. It counts reasoning. Always worth setting: Kimi books it against the tokens
         * per minute before the model writes a word.
         */
        public Builder maxCompletionTokens(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("maxCompletionTokens must be at least 1, but is " + value);
            }
            this.maxCompletionTokens = value;
            return this;
        }

        /** Texts at which to stop; Kimi takes at most 5, of 32 bytes each. */
        public Builder stop(List<String> values) {
            this.stop = List.copyOf(values);
            return this;
        }

        /** Kimi's current models reject any value but their own: better left unset. */
        public Builder temperature(double value) {
            this.temperature = value;
            return this;
        }

        /** Kimi's current models reject any value but their own: better left unset. */
        public Builder topP(double value) {
            this.topP = value;
            return this;
        }

        /**
         * How hard to think, in a word of the service, sent as it is written: Kimi K3 knows {@code low}, {@code high}
         * and {@code max}, Claude {@code low}, {@code medium}, {@code high}, {@code xhigh} and {@code max}.
         */
        public Builder reasoningEffort(String value) {
            this.reasoningEffort = Objects.requireNonNull(value);
            return this;
        }

        /** Thinking on or off. Models that always think reject {@code false}, some before the request is sent. */
        public Builder thinking(boolean value) {
            this.thinking = value;
            return this;
        }

        /** Time for the whole call with all its attempts; must be positive. */
        public Builder deadline(Duration value) {
            if (value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException("the deadline must be positive, but is " + DurationText.of(value));
            }
            this.deadline = value;
            return this;
        }

        /**
         * Whether the model may call several tools at once. Kimi's description of its service does not name the field
         * that says so.
         */
        public Builder parallelToolCalls(boolean value) {
            this.parallelToolCalls = value;
            return this;
        }

        /**
         * A hint how long the service should keep the prompt in its cache, for services that sell lifetimes: Claude has
         * 5 minutes and an hour, and keeps nothing unless asked to. Where a service has no such choice, or none that is
         * known, the hint is not sent. Unset, the service decides.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder cacheLifetime(Duration value) {
            if (value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException(
                        "the cache lifetime must be positive, but is " + DurationText.of(value));
            }
            this.cacheLifetime = value;
            return this;
        }

        /**
         * On whose behalf the model is asked, so that the service can act against one user instead of the account.
         *
         * @param value an id that reveals nothing to the service, such as a hash; no name and no address
         */
        public Builder userId(String value) {
            this.userId = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * What requests of one conversation have in common, which helps the service to find them in its cache.
         *
         * @param value an id that reveals nothing to the service
         */
        public Builder sessionId(String value) {
            this.sessionId = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sends a further field in the protocol of the client, or replaces one that this library would send. Where the
         * call goes to a service of another protocol, the field is left out, with a {@linkplain ChatResponse#notes()
         * note}.
         *
         * @param field its name
         * @param value String, Boolean, Integer, Long, BigInteger, BigDecimal, Double, List or Map of those
         * @throws IllegalArgumentException if the value is no JSON
         */
        public Builder extra(String field, Object value) {
            this.extras = extras.with(field, value);
            return this;
        }

        /**
         * Sends a further field where the call goes to a service of that protocol, and nowhere else. It wins over one
         * of the same name that is for the protocol of the client.
         *
         * @param protocol {@link Provenance#OPENAI} or {@link Provenance#ANTHROPIC}
         * @param field its name
         * @param value as above
         * @throws IllegalArgumentException if there is no such protocol, or the value is no JSON
         */
        public Builder extra(String protocol, String field, Object value) {
            this.extras = extras.with(protocol, field, value);
            return this;
        }

        /** @throws IllegalArgumentException if there is no message */
        public ChatRequest build() {
            if (messages.isEmpty()) {
                throw new IllegalArgumentException("a request needs at least one message: call user(…)");
            }
            return new ChatRequest(this);
        }
    }
}
