package dev.kimi.langchain4j;

import dev.kimi.KimiClient;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Flow;

/**
 * A {@link StreamingChatModel} whose calls are those of a client, see {@link KimiChatModel}. Immutable and thread-safe;
 * returns at once. Handlers and subscribers run on the client's callback executor.
 *
 * <pre>{@code
 * StreamingChatModel model = KimiStreamingChatModel.of(kimi);
 * model.chat("Why is the sky blue?", handler);
 * }</pre>
 *
 * <p>{@code StreamingHandle.cancel()} of what a handler gets, and cancelling a subscription, cancel the call: the
 * exchange with the service is aborted, and nothing is notified any more, listeners included. Tool calls are complete
 * when the stream is, so {@code onCompleteToolCall} comes at its end.
 */
public final class KimiStreamingChatModel implements StreamingChatModel {

    private final ModelSettings settings;

    private KimiStreamingChatModel(ModelSettings settings) {
        this.settings = settings;
    }

    /** With the client's model and no other parameters. */
    public static KimiStreamingChatModel of(KimiClient client) {
        return builder(client).build();
    }

    /** Starts with the client's model, no other parameters and no listeners. */
    public static Builder builder(KimiClient client) {
        return new Builder(client);
    }

    /**
     * Notifies the handler of all there is, failures of the request itself included. What a handler throws goes to its
     * {@code onError}, and the stream goes on.
     */
    @Override
    public void doChat(ChatRequest chatRequest, StreamingChatResponseHandler handler) {
        new HandlerSubscriber(Objects.requireNonNull(handler, "handler")).begin(settings, chatRequest);
    }

    /**
     * What LangChain4j 1.20 and later calls for a publisher. Each subscription is a call of its own, which delivers as
     * many events as are requested: while none are, reading from the service stops.
     */
    @Override
    public Flow.Publisher<ChatModelStreamingEvent> doChat(ChatRequest chatRequest) {
        return new EventPublisher(settings, chatRequest);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return settings.parameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return settings.listeners();
    }

    /** {@link ModelProvider#ANTHROPIC} for a model of Claude, otherwise {@link ModelProvider#OTHER}. */
    @Override
    public ModelProvider provider() {
        return settings.provider();
    }

    /** As the card of the default model says now, see {@link KimiClient#modelCard}. */
    @Override
    public Set<Capability> supportedCapabilities() {
        return settings.capabilities();
    }

    /** Collects what holds for all requests. Not thread-safe. */
    public static final class Builder {
        private final KimiClient client;
        private ChatRequestParameters parameters = KimiChatRequestParameters.EMPTY;
        private List<ChatModelListener> listeners = List.of();

        private Builder(KimiClient client) {
            this.client = Objects.requireNonNull(client, "client");
        }

        /** What requests that do not say otherwise have; {@link KimiChatRequestParameters} or any other. */
        public Builder defaultRequestParameters(ChatRequestParameters value) {
            this.parameters = Objects.requireNonNull(value, "value");
            return this;
        }

        /** Notified by LangChain4j around each call, in this order. */
        public Builder listeners(List<? extends ChatModelListener> values) {
            this.listeners = List.copyOf(values);
            return this;
        }

        public KimiStreamingChatModel build() {
            return new KimiStreamingChatModel(ModelSettings.of(client, parameters, listeners));
        }
    }
}
