package dev.kimi.sim;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Plays a script per exchange. */
final class SimTransport implements Transport {

    private final World world;
    private final int faults;
    private final boolean mayThrow;
    private final List<SimExchange> begun = new ArrayList<>();
    private long outageEndsNanos;
    private boolean closed;

    /**
     * @param faults percentage of exchanges that go wrong
     * @param mayThrow true when sending throws now and then, which no transport should
     */
    SimTransport(World world, int faults, boolean mayThrow) {
        this.world = world;
        this.faults = faults;
        this.mayThrow = mayThrow;
    }

    /** The service is out of order from the beginning until then. */
    void outageUntil(long nanos) {
        outageEndsNanos = nanos;
    }

    private Script script(Chance chance, SimCall call, Dialect dialect) {
        String tag = "c" + call.number() + "a" + call.attempts() + ".";
        boolean outage = world.now() < outageEndsNanos;
        RoutePlan plan = call.client().route().plan();
        boolean calm = plan != null && plan.recovers();
        Chance drawn = outage || calm ? chance : call.chanceOfScript(chance);
        Scripts scripts = new Scripts(drawn, dialect, call.streamed(), tag, call.model(), calm);
        RoutePlan.Kind kind =
                plan == null ? null : plan.outageAt(call.record().path().here().name(), world.now());
        if (kind != null) {
            return scripts.of(kind);
        }
        return outage ? scripts.ofOutage() : scripts.draw(faults);
    }

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        SimCall call = world.calls.get(
                SimProtocol.number(Objects.requireNonNull(request.body().bytes())));
        world.check(!call.client().sealed(), call.number(), "sent by a closed client");
        Chance chance = call.chanceOfExchange();
        if (mayThrow && chance.oneIn(10)) {
            world.note(call.number(), "the transport throws");
            call.sent(null, request);
            throw new UnsupportedOperationException("a transport with a bug");
        }
        Dialect dialect = Dialect.of(request.target());
        Script script = script(chance, call, dialect);
        SimExchange exchange = new SimExchange(call, chance, dialect, script, handler);
        call.sent(exchange, request);
        begun.add(exchange);
        world.interleave(chance);
        if (closed) {
            exchange.refuse();
        } else {
            exchange.begin();
        }
        return exchange;
    }

    @Override
    public void close() {
        closed = true;
        begun.forEach(SimExchange::refuse);
    }

    /** Exchanges that have neither ended nor been aborted. */
    int open() {
        int open = 0;
        for (SimExchange exchange : begun) {
            open += exchange.over() ? 0 : 1;
        }
        return open;
    }

    static TransportFailure closedFailure() {
        return TransportFailure.of(TransportFailure.Kind.CLOSED, true, null);
    }
}
