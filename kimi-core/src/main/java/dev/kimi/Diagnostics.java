package dev.kimi;

import dev.kimi.transport.PoolState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client is doing and what it has lost, at one moment. With nothing under way all but the tokens, the totals of
 * leaks and the pool's connections that are idle, needed or kept are zero. Calls are counted one after another while
 * they go on, so that under load the numbers are each right and not all of the same instant. Immutable.
 *
 * @param calls calls that have started and not ended
 * @param openStreams those of them that are streams; a stream whose response has arrived whole is not open
 * @param lingering exchanges that are over for their call, and whose last bytes are awaited so that the connection can
 *     serve again; for a second at most
 * @param retryTokens what is left of the budget that all retries of the client's account share, 500 when it is full
 * @param leakedStreams streams of this client that were dropped unread and reclaimed, since it was made
 * @param reclaimedClients clients that were dropped without being closed and were reclaimed since the process began; of
 *     all clients, as those can no longer be asked
 * @param pool the connection pool, as of {@link KimiClient#pool()}
 * @param circuits those of the client's route, in its order; empty where the client has one endpoint
 */
public record Diagnostics(
        Calls calls,
        int openStreams,
        int lingering,
        int retryTokens,
        long leakedStreams,
        long reclaimedClients,
        PoolState pool,
        List<Circuit> circuits) {

    public Diagnostics {
        circuits = List.copyOf(circuits);
    }

    /**
     * Whether calls for one model go to one endpoint of a route.
     *
     * @param endpoint its name
     * @param model as that endpoint calls it; {@code other} stands for all beyond the first 256
     * @param state who may go there
     */
    public record Circuit(String endpoint, String model, State state) {

        /** Who may go to an endpoint. */
        public enum State {
            /** Every call. */
            CLOSED,
            /** One, to find out whether it has recovered; or after that a number that grows within two seconds. */
            HALF_OPEN,
            /** None that can go elsewhere. */
            OPEN
        }
    }

    /**
     * A call that has not ended, or a stream that the program has not finished with. See {@link KimiClient#openCalls}.
     *
     * @param number its number among the calls of the client, which grows with each
     * @param what for people: the operation and what it is doing, such as {@code chat: sending}
     * @param madeAt the line of the program that made it, or null when it is not remembered, as
     *     {@link KimiClientBuilder.LeakDetection} says
     */
    public record OpenCall(
            long number, String what, @Nullable String madeAt) {}

    /**
     * Calls by what they are doing; each is counted once.
     *
     * @param queued waiting for the account's quota, or held back after the service rejected calls of the account
     * @param waitingForCredentials waiting for a key or token
     * @param sending sent, and waiting for response headers; waiting for a connection is part of it
     * @param receiving reading the response, or waiting for the stream's consumer
     * @param inBackOff waiting to try again
     */
    public record Calls(int queued, int waitingForCredentials, int sending, int receiving, int inBackOff) {

        /** All of them. */
        public int total() {
            return queued + waitingForCredentials + sending + receiving + inBackOff;
        }
    }
}
