package dev.kimi.vendor.internal;

import dev.kimi.service.ServiceStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * Collects a JSON text without a thread that waits for it: an SDK reads the body within the stage that gets the
 * response, on a thread of the callback executor, and would hold up the callbacks of other calls.
 */
final class WholeBody implements Flow.Subscriber<ByteBuffer> {

    private static final int MOST = 32 << 20;

    private final ServiceStream stream;
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private WholeBody(ServiceStream stream) {
        this.stream = stream;
    }

    static CompletableFuture<byte[]> of(ServiceStream stream) {
        WholeBody body = new WholeBody(stream);
        stream.subscribe(body);
        return body.whole;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer piece) {
        if (bytes.size() + piece.remaining() > MOST) {
            stream.close();
            whole.completeExceptionally(new IOException("the response has more than " + MOST
                    + " bytes of JSON: call the SDK's blocking client, which reads by demand"));
            return;
        }
        byte[] copy = new byte[piece.remaining()];
        piece.get(copy);
        bytes.writeBytes(copy);
    }

    @Override
    public void onError(Throwable failure) {
        whole.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        whole.complete(bytes.toByteArray());
    }
}
