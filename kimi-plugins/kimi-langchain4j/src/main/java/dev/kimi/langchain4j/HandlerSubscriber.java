package dev.kimi.langchain4j;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Notifies a handler of a stream's events. What the handler throws goes to its {@code onError}, as LangChain4j does.
 */
final class HandlerSubscriber implements Flow.Subscriber<ChatEvent>, StreamingHandle {

    private static final System.Logger LOG = System.getLogger("dev.kimi.callbacks");

    private final StreamingChatResponseHandler handler;
    private final PartialResponseContext textContext = new PartialResponseContext(this);
    private final PartialThinkingContext thinkingContext = new PartialThinkingContext(this);
    private final PartialToolCallContext toolCallContext = new PartialToolCallContext(this);
    private final ToolCallProgress toolCalls = new ToolCallProgress();
    private @Nullable ChatStream stream;
    private Flow.@Nullable Subscription subscription;
    private volatile boolean cancelled;

    HandlerSubscriber(StreamingChatResponseHandler handler) {
        this.handler = handler;
    }

    void begin(ModelSettings settings, ChatRequest request) {
        ChatStream opened;
        try {
            opened = settings.client().stream(settings.request(request));
        } catch (LangChain4jException | KimiException e) {
            onError(e);
            return;
        }
        stream = opened;
        opened.subscribe(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        // one event after the other is taken from the stream, and read from the service, as the handler returns
        begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ChatEvent event) {
        if (event instanceof ChatEvent.Text text) {
            guarded(() -> handler.onPartialResponse(new PartialResponse(text.value()), textContext));
        } else if (event instanceof ChatEvent.Reasoning reasoning) {
            guarded(() -> handler.onPartialThinking(new PartialThinking(reasoning.value()), thinkingContext));
        } else if (event instanceof ChatEvent.ToolFragment fragment) {
            toolFragment(fragment);
        } else if (event instanceof ChatEvent.Other other) {
            guarded(() -> handler.onUnmappedRawEvent(other));
        }
    }

    private void toolFragment(ChatEvent.ToolFragment fragment) {
        CompleteToolCall previous = toolCalls.begin(fragment);
        if (previous != null) {
            guarded(() -> handler.onCompleteToolCall(previous));
        }
        PartialToolCall partial = toolCalls.isCompleted(fragment.index()) ? null : Responses.partial(fragment);
        if (partial != null) {
            guarded(() -> handler.onPartialToolCall(partial, toolCallContext));
        }
    }

    @Override
    public void onComplete() {
        ChatResponse response = Responses.of(Objects.requireNonNull(stream).response());
        for (CompleteToolCall call : toolCalls.rest(response)) {
            guarded(() -> handler.onCompleteToolCall(call));
        }
        guarded(() -> handler.onCompleteResponse(response));
    }

    @Override
    public void onError(Throwable failure) {
        report(Failures.ofAny(failure));
    }

    @Override
    public void cancel() {
        cancelled = true;
        Objects.requireNonNull(subscription).cancel();
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    private void guarded(Runnable notification) {
        if (cancelled) {
            return;
        }
        try {
            notification.run();
        } catch (RuntimeException e) {
            report(e);
        }
    }

    private void report(RuntimeException failure) {
        if (cancelled) {
            return;
        }
        try {
            handler.onError(failure);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "A handler's onError failed", e);
        }
    }
}
