package dev.kimi.samples.chatpage;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.Usage;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Hands the model's events to the browser, requesting the next one when the socket has taken the last. */
final class ResponseStream implements Flow.Subscriber<ChatEvent> {

    private static final Logger log = LoggerFactory.getLogger(ResponseStream.class);

    private final EventWriter writer;
    private final JsonMapper json;
    private final Pace pace = new Pace();
    private final AtomicBoolean wanting = new AtomicBoolean();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable ChatStream stream;
    private boolean partial;

    ResponseStream(EventWriter writer, JsonMapper json) {
        this.writer = writer;
        this.json = json;
    }

    void begin(KimiClient kimi, ChatRequest question) {
        ChatStream response;
        try {
            response = kimi.stream(question);
        } catch (KimiException e) {
            onError(e);
            return;
        }
        stream = response;
        writer.whenClosed(response::close);
        writer.whenDrained(this::requestIfWanting);
        response.subscribe(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(ChatEvent event) {
        if (event instanceof ChatEvent.Text piece) {
            pace.arrived();
            partial = true;
            send("text", Map.of("text", piece.value()));
        } else if (event instanceof ChatEvent.Reasoning piece) {
            pace.arrived();
            send("reasoning", Map.of("text", piece.value()));
        } else if (event instanceof ChatEvent.Tokens tokens) {
            send("usage", usage(tokens.usage()));
        }
        wanting.set(true);
        if (writer.drained()) {
            requestIfWanting();
        }
    }

    @Override
    public void onError(Throwable failure) {
        FailureKind kind = FailureKind.of(failure);
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("kind", kind.word());
        data.put("retryable", kind.retryable());
        if (failure instanceof CallCancelledException) {
            log.debug("A response was cancelled: its reader went away, or the application ends.");
        } else if (failure instanceof KimiException known) {
            // Its message is for the operator of the application: it names settings and methods.
            log.warn("A response failed ({}): {}", kind.word(), known.getMessage());
            data.putAll(facts(known));
        } else {
            log.error("A response failed within the application.", failure);
        }
        data.put("partial", partial);
        send("failed", data);
        writer.end();
    }

    @Override
    public void onComplete() {
        ChatStream ended = stream;
        if (ended != null) {
            ChatResponse response = ended.response();
            Map<String, @Nullable Object> data = new LinkedHashMap<>();
            data.put("finishReason", response.finishReason().value());
            data.put("firstTokenMillis", pace.firstTokenMillis());
            data.put("tokensPerSecond", pace.tokensPerSecond(response.usage()));
            data.put("model", response.model());
            send("done", data);
        }
        writer.end();
    }

    private void requestIfWanting() {
        Flow.Subscription current = subscription;
        if (current != null && wanting.compareAndSet(true, false)) {
            current.request(1);
        }
    }

    private void send(String event, Object data) {
        writer.send(event, json.writeValueAsBytes(data));
    }

    private static Map<String, Object> facts(KimiException failure) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("attempts", failure.attempts());
        if (failure.status() > 0) {
            facts.put("status", failure.status());
        }
        if (failure.errorType() != null) {
            facts.put("code", failure.errorType());
        }
        if (failure.requestId() != null) {
            facts.put("requestId", failure.requestId());
        }
        if (failure.retryAt() != null) {
            facts.put("retryAt", failure.retryAt().toString());
        }
        return facts;
    }

    private static Map<String, Long> usage(Usage usage) {
        return Map.of(
                "promptTokens", usage.promptTokens(),
                "completionTokens", usage.completionTokens(),
                "reasoningTokens", usage.reasoningTokens(),
                "cachedTokens", usage.cachedTokens());
    }
}
