package dev.kimi.langchain4j;

import dev.kimi.chat.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Metadata with the client's own response behind it: request id, rate limits, endpoint, notes and what else LangChain4j
 * has no place for. Immutable.
 *
 * <pre>{@code
 * if (response.metadata() instanceof KimiChatResponseMetadata kimi) {
 *     log(kimi.response().requestId(), kimi.response().notes());
 * }
 * }</pre>
 */
public final class KimiChatResponseMetadata extends ChatResponseMetadata {

    private final ChatResponse response;

    private KimiChatResponseMetadata(Builder builder) {
        super(builder);
        this.response = builder.response;
    }

    static Builder builder(ChatResponse response) {
        return new Builder(response);
    }

    /** The client's response; after a tool loop that of the last call, while the usage may be that of all. */
    public ChatResponse response() {
        return response;
    }

    @Override
    public Builder toBuilder() {
        Builder builder = new Builder(response);
        toBuilder(builder);
        return builder;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other) && other instanceof KimiChatResponseMetadata that && response.equals(that.response);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), response);
    }

    /** Collects metadata. Not thread-safe. */
    public static final class Builder extends ChatResponseMetadata.Builder<Builder> {
        private final ChatResponse response;

        private Builder(ChatResponse response) {
            this.response = response;
        }

        @Override
        public KimiChatResponseMetadata build() {
            return new KimiChatResponseMetadata(this);
        }
    }
}
