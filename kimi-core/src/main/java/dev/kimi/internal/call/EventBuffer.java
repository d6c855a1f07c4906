package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The buffer of a chat's events, and the whole response once they have ended. */
final class EventBuffer extends StreamBuffer<ChatEvent> implements ResponseConsumer, EventSink {

    /** Events. */
    private static final int LOW_MARK = 32;

    private volatile @Nullable ChatResponse response;

    EventBuffer(Executor executor, Leaks leaks, CallMade made) {
        super(Leaks.Kind.CHAT, LOW_MARK, executor, leaks, made);
        opened();
    }

    @Override
    int weight(ChatEvent event) {
        return 1;
    }

    @Override
    public BodyReader open(BodySource body, ResponseHead head, Endpoint endpoint, ResponseMark mark) {
        return new StreamReader(body, endpoint.decoder(head.headers(), mark), this, mark);
    }

    @Override
    public void completed(ChatResponse whole) {
        response = whole;
        completed();
    }

    ChatResponse response() {
        if (!ended()) {
            throw new IllegalStateException("the stream has not ended: take its events first");
        }
        ChatResponse whole = response;
        if (whole == null) {
            throw new IllegalStateException("the stream did not end well, so there is no complete response", failure());
        }
        return whole;
    }
}
