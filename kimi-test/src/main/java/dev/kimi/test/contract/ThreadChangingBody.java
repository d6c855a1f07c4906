package dev.kimi.test.contract;

import dev.kimi.test.support.Eventually;
import dev.kimi.transport.RequestBody;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;

/** A body of one buffer that comes from one thread, and whose end comes from another right after. */
final class ThreadChangingBody implements RequestBody {

    private final Executor elsewhere;
    private final CompletableFuture<Flow.Subscriber<? super ByteBuffer>> requested = new CompletableFuture<>();

    ThreadChangingBody(Executor elsewhere) {
        this.elsewhere = elsewhere;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long buffers) {
                requested.complete(subscriber);
            }

            @Override
            public void cancel() {}
        });
    }

    /** One signal after the other, as the rules of a source have it. */
    void handOutElsewhereAndCompleteHere() {
        Flow.Subscriber<? super ByteBuffer> to =
                Eventually.completes(Duration.ofSeconds(20), requested, "the demand for the body");
        CompletableFuture.runAsync(
                        () -> to.onNext(ByteBuffer.wrap("whole".getBytes(StandardCharsets.US_ASCII))), elsewhere)
                .join();
        to.onComplete();
    }
}
