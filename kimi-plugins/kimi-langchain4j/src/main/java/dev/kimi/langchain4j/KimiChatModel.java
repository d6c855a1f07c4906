package dev.kimi.langchain4j;

import dev.kimi.KimiClient;
import dev.kimi.error.KimiException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A {@link ChatModel} whose calls are those of a client: its retries, quota, timeouts, cancellation and events are
 * around each of them, and nothing is added to them here. Immutable and thread-safe. The client stays the caller's to
 * close.
 *
 * <pre>{@code
 * ChatModel model = KimiChatModel.of(kimi);
 * Assistant assistant = AiServices.create(Assistant.class, model);
 * }</pre>
 *
 * <p>Failures are LangChain4j's own exceptions with the client's as their cause. Blocks, unless called through
 * {@code chatAsync} of LangChain4j 1.20 and later; see {@link KimiClient} for where it must not.
 */
public final class KimiChatModel implements ChatModel {

    private final ModelSettings settings;

    private KimiChatModel(ModelSettings settings) {
        this.settings = settings;
    }

    /** With the client's model and no other parameters. */
    public static KimiChatModel of(KimiClient client) {
        return builder(client).build();
    }

    /** Starts with the client's model, no other parameters and no listeners. */
    public static Builder builder(KimiClient client) {
        return new Builder(client);
    }

    /** @throws LangChain4jException if the call fails, or the request holds what the services cannot take */
    @Override
    public ChatResponse doChat(ChatRequest chatRequest) {
        dev.kimi.chat.ChatRequest request = settings.request(chatRequest);
        try {
            return Responses.of(settings.client().chat(request));
        } catch (KimiException e) {
            throw Failures.of(e);
        }
    }

    /**
     * What LangChain4j 1.20 and later calls for {@code chatAsync}. Never blocks; cancelling the future cancels the
     * call. It fails as {@link #doChat} does.
     */
    @Override
    public CompletableFuture<ChatResponse> doChatAsync(ChatRequest chatRequest) {
        CompletableFuture<dev.kimi.chat.ChatResponse> call;
        try {
            call = settings.client().chatAsync(settings.request(chatRequest));
        } catch (LangChain4jException e) {
            return CompletableFuture.failedFuture(e);
        } catch (KimiException e) {
            return CompletableFuture.failedFuture(Failures.of(e));
        }
        CompletableFuture<ChatResponse> result = call.handle((response, failure) -> {
            if (failure != null) {
                throw Failures.ofAny(failure);
            }
            return Responses.of(response);
        });
        result.whenComplete((response, failure) -> {
            if (result.isCancelled()) {
                call.cancel(true);
            }
        });
        return result;
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

        public KimiChatModel build() {
            return new KimiChatModel(ModelSettings.of(client, parameters, listeners));
        }
    }
}
