package dev.kimi.transport;

import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Carries one request to the service and its response back. It does not retry, follow redirects, interpret statuses or
 * wait by blocking; it does pool connections. Implementations are thread-safe and pass the contract kit in
 * {@code kimi-test}.
 *
 * <p>What must hold:
 *
 * <ul>
 *   <li>{@link #send} returns at once. The handler is notified of everything after it, also of a failure to begin.
 *   <li>The handler is called by one thread at a time, first {@code onHeaders}, then {@code onBody} as often as was
 *       requested, and last exactly one of {@code onComplete} and {@code onFailure}; nothing after that.
 *   <li>No body byte is delivered before {@link Exchange#request} requests it, and when nobody requests any, reading
 *       from the socket stops.
 *   <li>A streamed {@link RequestBody} is asked for its bytes as the socket takes them, may have sent none, some or all
 *       of them when the response begins, and is cancelled exactly once when the exchange ends before it.
 *   <li>A request whose deadline has passed is not begun to be written, and fails as
 *       {@link TransportFailure.Kind#DEADLINE}; once begun, it is the caller who aborts it when the deadline passes.
 *   <li>{@link Exchange#abort} cancels at any point: the stream is reset or the connection closed, within 100 ms and
 *       without blocking the caller; afterwards the handler is not called any more, but for a call that had begun.
 *   <li>When the exchange is over, in whatever way, everything it held is back in the pool or closed.
 * </ul>
 */
public interface Transport extends AutoCloseable {

    /**
     * Begins an exchange.
     *
     * @param request what to send
     * @param handler notified of what happens, on the transport's own threads; never null
     * @return the handle of the exchange
     */
    Exchange send(TransportRequest request, ExchangeHandler handler);

    /**
     * Opens one connection as far as it can be opened without a request: name, address, TLS, and the settings of
     * HTTP/2. It stays in the pool as an idle one. Nothing is opened where one is open already. Does not block; by
     * default there is nothing to be done.
     *
     * @param origin scheme, host and port; anything after them is ignored
     * @return empty when there is a connection, or else why there is none. The stage does not fail
     */
    default CompletionStage<Optional<TransportFailure>> connect(URI origin) {
        return CompletableFuture.completedStage(Optional.empty());
    }

    /** Aborts what is under way and closes all connections. Idempotent. */
    @Override
    void close();

    /** The state of the connection pool now; {@link PoolState#UNKNOWN} when the transport has none. */
    default PoolState pool() {
        return PoolState.UNKNOWN;
    }
}
