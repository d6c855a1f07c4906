package dev.kimi.gateway.face;

import dev.kimi.KimiClient;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.time.Timer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call that has been handed to the engine.
 *
 * @param response the response
 * @param firstWord the response as well, or the news that there is none after the time in which its client wants to
 *     hear something
 */
record Sent(CompletableFuture<RelayResponse> response, CompletableFuture<Word> firstWord) {

    /** For a client that waits for the response, however long that takes. */
    static final long NO_HURRY = -1;

    private static final Word NONE = new Word(null);

    /** @param response null when there is none yet */
    record Word(@Nullable RelayResponse response) {}

    /** @param nanos after which the first word is that there is no response yet */
    static Sent of(KimiClient client, RelayRequest request, Timer timer, long nanos) {
        CompletableFuture<Word> first = new CompletableFuture<>();
        Timer.Timeout timeout = nanos == NO_HURRY ? null : timer.schedule(nanos, () -> first.complete(NONE));
        CompletableFuture<RelayResponse> response = client.relay(request);
        response.whenComplete((relayed, failure) -> {
            if (timeout != null) {
                timeout.cancel();
            }
            if (failure == null) {
                first.complete(new Word(relayed));
            } else {
                first.completeExceptionally(failure);
            }
        });
        return new Sent(response, first);
    }

    /** Cancels what has not ended. Idempotent. */
    void close() {
        if (!response.cancel(true)) {
            response.thenAccept(RelayResponse::close);
        }
    }
}
