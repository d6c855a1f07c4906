package dev.kimi.springai;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.Provenance;
import dev.kimi.time.TimeSource;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Spring AI's chat model over a {@link KimiClient}: its calls have the client's credentials, quota, retries, timeouts
 * and events. Thread-safe. It does not close the client.
 *
 * <pre>{@code
 * ChatClient chat = ChatClient.create(KimiChatModel.builder(kimi).build());
 * String text = chat.prompt("Why is the sky blue?").call().content();
 * }</pre>
 *
 * <p>Tools are reported and not run: {@code ChatClient} has an advisor that runs them. The assistant's messages keep
 * the whole turn in their metadata, under {@link #BLOCKS}, so that reasoning and its signatures go back to the service
 * as they came; a message whose text or tool calls were changed since is sent as it is, without the rest.
 *
 * <p>Failures are those of the client, below {@link dev.kimi.error.KimiException}; they are neither wrapped nor retried
 * here.
 */
public final class KimiChatModel implements ChatModel {

    /**
     * In the metadata of an assistant's message: the blocks of the turn with their origin, as a list of maps of text,
     * which JSON can store.
     */
    public static final String BLOCKS = "kimi.blocks";

    /**
     * In the metadata of an assistant's message: the reasoning as text; of a piece of a stream, the part that it adds.
     * Not there when there is none.
     */
    public static final String REASONING = "reasoningContent";

    private static final ChatModelObservationConvention DEFAULT_CONVENTION =
            new DefaultChatModelObservationConvention();

    private final KimiClient client;
    private final KimiChatOptions options;
    private final ObservationRegistry observations;
    private final ChatModelObservationConvention convention;
    private final Responses responses;

    private KimiChatModel(Builder builder) {
        this.client = builder.client;
        this.options = withModel(builder.options, client.model());
        this.observations = builder.observations;
        this.convention = builder.convention;
        this.responses = new Responses(TimeSource.system());
    }

    /** Starts with no options, so that the client's settings and the service's defaults hold. */
    public static Builder builder(KimiClient client) {
        return new Builder(client);
    }

    /** So that those who look at the options see which model it will be. */
    private static KimiChatOptions withModel(KimiChatOptions options, String model) {
        return options.getModel() == null && !model.isEmpty()
                ? options.mutate().model(model).build()
                : options;
    }

    /**
     * Those of prompts without options; the model is the client's if none was set. {@code ChatClient} starts from them.
     * A prompt's {@link KimiChatOptions} take their place, options of any other type win over them where they are set.
     */
    @Override
    public KimiChatOptions getOptions() {
        return options;
    }

    /**
     * Asks, blocking until the whole response is there. An interrupt cancels the call.
     *
     * @throws dev.kimi.error.KimiException if the call fails, as {@link KimiClient#chat(ChatRequest)} says
     * @throws IllegalArgumentException if the prompt holds what cannot be sent, such as media other than images
     * @throws IllegalStateException on a thread of an event loop: {@link #stream} instead
     */
    @Override
    public ChatResponse call(Prompt prompt) {
        KimiChatOptions given = options(prompt);
        ChatModelObservationContext context = context(prompt, given, false);
        return Objects.requireNonNull(observation(context).observe(() -> {
            ChatRequest request = Requests.of(prompt, given, client);
            ChatResponse response = responses.whole(request, given, client.chat(request));
            context.setResponse(response);
            return response;
        }));
    }

    /**
     * Asks for the response as it arrives: a call per subscription. Pieces have text, or reasoning in their metadata;
     * the last one has no text and all of the rest: tool calls, the whole turn, usage, finish reason and rate limits.
     * Nothing is read from the socket beyond a small buffer until somebody requests it; cancelling cancels the call and
     * aborts the exchange with the service. The flux fails as {@link #call} throws.
     */
    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        KimiChatOptions given = options(prompt);
        return Flux.deferContextual(view -> {
            ChatModelObservationContext context = context(prompt, given, true);
            Observation parent = view.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
            return Flux.using(
                    () -> started(context, parent),
                    observation -> pieces(prompt, given, context, observation).doOnError(observation::error),
                    Observation::stop);
        });
    }

    /** In the scope of its parent, since tracing prefers the span of the thread where the two differ. */
    private Observation started(ChatModelObservationContext context, @Nullable Observation parent) {
        Observation observation = observation(context);
        if (parent == null) {
            return observation.start();
        }
        return parent.scoped(() -> observation.parentObservation(parent).start());
    }

    /**
     * As all models of Spring AI 2: a chat client has started from those of the model, and an advisor may clear some.
     */
    private KimiChatOptions options(Prompt prompt) {
        ChatOptions given = prompt.getOptions();
        return given instanceof KimiChatOptions own ? withModel(own, client.model()) : over(given);
    }

    /** Whoever runs tools knows those of the prompt only, if it has some. */
    private KimiChatOptions over(@Nullable ChatOptions portable) {
        if (portable == null) {
            return options;
        }
        KimiChatOptions.Builder combined = options.mutate();
        if (portable instanceof ToolCallingChatOptions tools && tools.getToolCallbacks() != null) {
            combined.toolCallbacks(List.of());
        }
        return combined.combineWith(portable.mutate()).build();
    }

    private Flux<ChatResponse> pieces(
            Prompt prompt, KimiChatOptions given, ChatModelObservationContext context, Observation observation) {
        return Flux.defer(() -> {
            ChatRequest request = Requests.of(prompt, given, client);
            ChatStream stream = open(request, observation);
            return pieces(stream).concatWith(Mono.fromSupplier(() -> {
                ChatResponse whole = responses.whole(request, given, stream.response());
                context.setResponse(whole);
                return Responses.end(whole);
            }));
        });
    }

    private static Flux<ChatResponse> pieces(ChatStream stream) {
        return JdkFlowAdapter.flowPublisherToFlux(stream).handle((event, sink) -> {
            ChatResponse piece = Responses.piece(event);
            if (piece != null) {
                sink.next(piece);
            }
        });
    }

    private ChatStream open(ChatRequest request, Observation observation) {
        return observation.scoped(() -> client.stream(request));
    }

    private ChatModelObservationContext context(Prompt prompt, KimiChatOptions given, boolean streaming) {
        return ChatModelObservationContext.builder()
                .prompt(new Prompt(prompt.getInstructions(), given))
                .provider(provider())
                .streaming(streaming)
                .build();
    }

    private Observation observation(ChatModelObservationContext context) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
                convention, DEFAULT_CONVENTION, () -> context, observations);
    }

    /** As OpenTelemetry names them. Kimi's own face of the Anthropic protocol is below that path. */
    private String provider() {
        String path = Objects.requireNonNullElse(client.baseUrl().getPath(), "");
        boolean claude = client.protocol().equals(Provenance.ANTHROPIC) && !path.endsWith("/anthropic");
        return claude ? "anthropic" : "moonshot_ai";
    }

    @Override
    public String toString() {
        return "KimiChatModel[" + client.name() + ", " + options.getModel() + "]";
    }

    /** Collects a chat model. Not thread-safe. */
    public static final class Builder {
        private final KimiClient client;
        private KimiChatOptions options = KimiChatOptions.builder().build();
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private ChatModelObservationConvention convention = DEFAULT_CONVENTION;

        private Builder(KimiClient client) {
            this.client = Objects.requireNonNull(client, "client");
        }

        /** What {@link KimiChatModel#getOptions} returns. */
        public Builder options(KimiChatOptions value) {
            this.options = Objects.requireNonNull(value, "value");
            return this;
        }

        /** Where Spring AI's observation of each call goes; by default nowhere. The client observes for itself. */
        public Builder observationRegistry(ObservationRegistry value) {
            this.observations = Objects.requireNonNull(value, "value");
            return this;
        }

        /** What the observation says; null for Spring AI's own. */
        public Builder observationConvention(@Nullable ChatModelObservationConvention value) {
            this.convention = value == null ? DEFAULT_CONVENTION : value;
            return this;
        }

        public KimiChatModel build() {
            return new KimiChatModel(this);
        }
    }
}
