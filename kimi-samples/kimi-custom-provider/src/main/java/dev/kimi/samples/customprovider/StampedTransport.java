package dev.kimi.samples.customprovider;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/** Adds a header and passes everything on. */
// snippet:transport-plugin
final class StampedTransport implements Transport {

    static final String HEADER = "x-client-request-id";

    private final Transport carrier;
    private final RandomGenerator random;

    StampedTransport(Transport carrier, RandomGenerator random) {
        this.carrier = carrier;
        this.random = random;
    }

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        Headers stamped = Headers.builder()
                .addAll(request.headers())
                .add(HEADER, HexFormat.of().toHexDigits(random.nextLong()))
                .build();
        return carrier.send(request.toBuilder().headers(stamped).build(), handler);
    }

    @Override
    public CompletionStage<Optional<TransportFailure>> connect(URI origin) {
        return carrier.connect(origin);
    }

    @Override
    public PoolState pool() {
        return carrier.pool();
    }

    @Override
    public void close() {
        carrier.close();
    }
}
// end
