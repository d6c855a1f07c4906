package dev.kimi.springai;

import dev.kimi.chat.ChatRequest;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/**
 * Spring AI's options, and everything else that a {@link ChatRequest} can say. Immutable and thread-safe.
 *
 * <pre>{@code
 * KimiChatOptions options = KimiChatOptions.builder()
 *         .maxTokens(2_000)
 *         .request(request -> request.reasoningEffort("low").deadline(Duration.ofSeconds(90)))
 *         .build();
 * }</pre>
 *
 * <p>What is not set is not sent, so that the service's default holds. Frequency and presence penalty go to services of
 * the OpenAI protocol, {@code topK} to those of the Anthropic protocol; a service of the other protocol does not get
 * them.
 */
public final class KimiChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {

    private final @Nullable String outputSchema;
    private final List<Consumer<ChatRequest.Builder>> requests;

    private KimiChatOptions(
            ToolCallingChatOptions common,
            @Nullable String outputSchema,
            List<Consumer<ChatRequest.Builder>> requests) {
        super(
                common.getToolCallbacks(),
                common.getToolContext(),
                common.getModel(),
                common.getFrequencyPenalty(),
                common.getMaxTokens(),
                common.getPresencePenalty(),
                common.getStopSequences(),
                common.getTemperature(),
                common.getTopK(),
                common.getTopP());
        this.outputSchema = outputSchema;
        this.requests = requests;
    }

    /** Starts with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** JSON Schema text that the response must follow, or null. */
    @Override
    public @Nullable String getOutputSchema() {
        return outputSchema;
    }

    /** Says what Spring AI has no option for. */
    void applyTo(ChatRequest.Builder request) {
        requests.forEach(each -> each.accept(request));
    }

    @Override
    public Builder mutate() {
        Builder builder = builder()
                .model(getModel())
                .frequencyPenalty(getFrequencyPenalty())
                .maxTokens(getMaxTokens())
                .presencePenalty(getPresencePenalty())
                .stopSequences(getStopSequences())
                .temperature(getTemperature())
                .topK(getTopK())
                .topP(getTopP())
                .toolCallbacks(getToolCallbacks())
                .toolContext(getToolContext())
                .outputSchema(outputSchema);
        builder.requests = requests;
        return builder;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KimiChatOptions options
                && super.equals(other)
                && Objects.equals(outputSchema, options.outputSchema)
                && requests.equals(options.requests);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), outputSchema, requests);
    }

    /** Collects options. Not thread-safe. */
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {

        private @Nullable String outputSchema;
        private List<Consumer<ChatRequest.Builder>> requests = List.of();

        private Builder() {}

        /** JSON Schema text that the response must follow, sent as the response format; null for none. */
        @Override
        public Builder outputSchema(@Nullable String value) {
            this.outputSchema = value;
            return this;
        }

        /**
         * Says something of the request that Spring AI has no option for, or says it otherwise: applied to each request
         * after all other options and the messages, in the order of these calls.
         */
        public Builder request(Consumer<ChatRequest.Builder> change) {
            this.requests = joined(requests, List.of(change));
            return this;
        }

        /**
         * The other's options where it has some: its tools and stop sequences are added, and what it says of requests
         * comes later.
         */
        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            super.combineWith(other);
            if (other instanceof Builder that) {
                outputSchema = that.outputSchema == null ? outputSchema : that.outputSchema;
                requests = joined(requests, that.requests);
            } else if (other.build() instanceof StructuredOutputChatOptions that) {
                outputSchema = that.getOutputSchema() == null ? outputSchema : that.getOutputSchema();
            }
            return this;
        }

        private static <T> List<T> joined(List<T> some, List<T> more) {
            return Stream.concat(some.stream(), more.stream()).toList();
        }

        @Override
        public KimiChatOptions build() {
            return new KimiChatOptions(super.build(), outputSchema, requests);
        }
    }
}
