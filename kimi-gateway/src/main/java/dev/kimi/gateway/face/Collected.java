package dev.kimi.gateway.face;

import dev.kimi.chat.ChatResponse;
import dev.kimi.relay.RelayItem;
import dev.kimi.relay.RelayResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A response that is read to its end before any of it goes to the client. */
final class Collected implements Flow.Subscriber<RelayItem> {

    private final MonoSink<Collected> sink;
    private final List<ByteBuffer> pieces = new ArrayList<>(4);
    private @Nullable ChatResponse whole;

    private Collected(MonoSink<Collected> sink) {
        this.sink = sink;
    }

    static Mono<Collected> of(RelayResponse response) {
        return Mono.create(sink -> {
            sink.onCancel(response::close);
            response.subscribe(new Collected(sink));
        });
    }

    byte[] bytes() {
        int length = pieces.stream().mapToInt(ByteBuffer::remaining).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (ByteBuffer piece : pieces) {
            int count = piece.remaining();
            piece.duplicate().get(all, at, count);
            at += count;
        }
        return all;
    }

    /** What the response was, or null if it was an error. */
    @Nullable ChatResponse whole() {
        return whole;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(RelayItem item) {
        if (item instanceof RelayItem.Bytes bytes) {
            pieces.add(bytes.bytes());
        } else if (item instanceof RelayItem.Whole last) {
            whole = last.response();
        }
    }

    @Override
    public void onError(Throwable why) {
        sink.error(why);
    }

    @Override
    public void onComplete() {
        sink.success(this);
    }
}
