package dev.kimi.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of a request that LangChain4j has no names for. Immutable. What is not set is not sent.
 *
 * <pre>{@code
 * ChatModel model = KimiChatModel.builder(kimi)
 *         .defaultRequestParameters(KimiChatRequestParameters.builder()
 *                 .maxOutputTokens(2_000)
 *                 .reasoningEffort("low")
 *                 .build())
 *         .build();
 * }</pre>
 */
public final class KimiChatRequestParameters extends DefaultChatRequestParameters {

    /** Nothing is set. */
    public static final KimiChatRequestParameters EMPTY = builder().build();

    private final @Nullable String reasoningEffort;
    private final @Nullable Boolean thinking;
    private final @Nullable Boolean parallelToolCalls;
    private final @Nullable Duration cacheLifetime;
    private final @Nullable Duration deadline;
    private final @Nullable String userId;
    private final @Nullable String sessionId;
    private final Map<String, Object> extra;

    private KimiChatRequestParameters(Builder builder) {
        super(builder);
        this.reasoningEffort = builder.reasoningEffort;
        this.thinking = builder.thinking;
        this.parallelToolCalls = builder.parallelToolCalls;
        this.cacheLifetime = builder.cacheLifetime;
        this.deadline = builder.deadline;
        this.userId = builder.userId;
        this.sessionId = builder.sessionId;
        this.extra = Collections.unmodifiableMap(new LinkedHashMap<>(builder.extra));
    }

    public static Builder builder() {
        return new Builder();
    }

    /** See {@link dev.kimi.chat.ChatRequest#reasoningEffort()}; null when not set. */
    public @Nullable String reasoningEffort() {
        return reasoningEffort;
    }

    /** See {@link dev.kimi.chat.ChatRequest#thinking()}; null when not set. */
    public @Nullable Boolean thinking() {
        return thinking;
    }

    /** See {@link dev.kimi.chat.ChatRequest#parallelToolCalls()}; null when not set. */
    public @Nullable Boolean parallelToolCalls() {
        return parallelToolCalls;
    }

    /** See {@link dev.kimi.chat.ChatRequest#cacheLifetime()}; null when not set. */
    public @Nullable Duration cacheLifetime() {
        return cacheLifetime;
    }

    /** See {@link dev.kimi.chat.ChatRequest#deadline()}; null when not set. */
    public @Nullable Duration deadline() {
        return deadline;
    }

    /** See {@link dev.kimi.chat.ChatRequest#userId()}; null when not set. */
    public @Nullable String userId() {
        return userId;
    }

    /** See {@link dev.kimi.chat.ChatRequest#sessionId()}; null when not set. */
    public @Nullable String sessionId() {
        return sessionId;
    }

    /** Further fields of the request, in order; see {@link dev.kimi.chat.ChatRequest#extra()}. */
    public Map<String, Object> extra() {
        return extra;
    }

    @Override
    public KimiChatRequestParameters overrideWith(ChatRequestParameters that) {
        return builder().overrideWith(this).overrideWith(that).build();
    }

    @Override
    public KimiChatRequestParameters defaultedBy(ChatRequestParameters that) {
        return builder().overrideWith(that).overrideWith(this).build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KimiChatRequestParameters that
                && super.equals(that)
                && Objects.equals(reasoningEffort, that.reasoningEffort)
                && Objects.equals(thinking, that.thinking)
                && Objects.equals(parallelToolCalls, that.parallelToolCalls)
                && Objects.equals(cacheLifetime, that.cacheLifetime)
                && Objects.equals(deadline, that.deadline)
                && Objects.equals(userId, that.userId)
                && Objects.equals(sessionId, that.sessionId)
                && extra.equals(that.extra);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(),
                reasoningEffort,
                thinking,
                parallelToolCalls,
                cacheLifetime,
                deadline,
                userId,
                sessionId,
                extra);
    }

    /** Collects parameters. Not thread-safe. Where the values are checked, {@code ChatRequest.Builder} says. */
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {
        private @Nullable String reasoningEffort;
        private @Nullable Boolean thinking;
        private @Nullable Boolean parallelToolCalls;
        private @Nullable Duration cacheLifetime;
        private @Nullable Duration deadline;
        private @Nullable String userId;
        private @Nullable String sessionId;
        private final Map<String, Object> extra = new LinkedHashMap<>();

        private Builder() {}

        /** How hard to think, in a word of the service, such as {@code low}. */
        public Builder reasoningEffort(@Nullable String value) {
            this.reasoningEffort = value;
            return this;
        }

        /** Thinking on or off. */
        public Builder thinking(@Nullable Boolean value) {
            this.thinking = value;
            return this;
        }

        /** Whether the model may call several tools at once. */
        public Builder parallelToolCalls(@Nullable Boolean value) {
            this.parallelToolCalls = value;
            return this;
        }

        /** How long the service should keep the prompt in its cache. */
        public Builder cacheLifetime(@Nullable Duration value) {
            this.cacheLifetime = value;
            return this;
        }

        /** Time for the whole call with all its attempts; by default the client's. */
        public Builder deadline(@Nullable Duration value) {
            this.deadline = value;
            return this;
        }

        /** On whose behalf the model is asked: an id that reveals nothing. */
        public Builder userId(@Nullable String value) {
            this.userId = value;
            return this;
        }

        /** What requests of one conversation have in common: an id that reveals nothing. */
        public Builder sessionId(@Nullable String value) {
            this.sessionId = value;
            return this;
        }

        /** One more field of the request, or one in place of what would be sent. */
        public Builder extra(String field, Object value) {
            extra.put(Objects.requireNonNull(field, "field"), Objects.requireNonNull(value, "value"));
            return this;
        }

        @Override
        public Builder overrideWith(ChatRequestParameters parameters) {
            super.overrideWith(parameters);
            if (parameters instanceof KimiChatRequestParameters more) {
                reasoningEffort = more.reasoningEffort == null ? reasoningEffort : more.reasoningEffort;
                thinking = more.thinking == null ? thinking : more.thinking;
                parallelToolCalls = more.parallelToolCalls == null ? parallelToolCalls : more.parallelToolCalls;
                cacheLifetime = more.cacheLifetime == null ? cacheLifetime : more.cacheLifetime;
                deadline = more.deadline == null ? deadline : more.deadline;
                userId = more.userId == null ? userId : more.userId;
                sessionId = more.sessionId == null ? sessionId : more.sessionId;
                extra.putAll(more.extra);
            }
            return this;
        }

        @Override
        public KimiChatRequestParameters build() {
            return new KimiChatRequestParameters(this);
        }
    }
}
