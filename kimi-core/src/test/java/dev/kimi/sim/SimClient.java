package dev.kimi.sim;

import dev.kimi.internal.call.Engine;
import dev.kimi.internal.call.EngineState;
import dev.kimi.time.Timeouts;
import java.time.Duration;

/** A client, of which several may share an account. */
final class SimClient {

    private static final EngineState IDLE = new EngineState(0, 0, 0, 0, 0, 0, 0);

    final Engine engine;
    private final SimRoute route;
    private final Timeouts timeouts;
    private final World world;
    private final boolean mayClose;
    private boolean closed;
    private boolean sealed;

    SimClient(World world, Engine engine, SimRoute route, Timeouts timeouts, boolean mayClose) {
        this.world = world;
        this.route = route;
        this.engine = engine;
        this.timeouts = timeouts;
        this.mayClose = mayClose;
    }

    SimRoute route() {
        return route;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    boolean mayClose() {
        return mayClose;
    }

    boolean closed() {
        return closed;
    }

    /** True when nothing may be sent any more: from the moment on when the closing begins. */
    boolean sealed() {
        return sealed;
    }

    void close() {
        sealed = true;
        // without taking from the chance of the schedule
        if (world.now() % 2 == 0) {
            engine.shutdown(Duration.ZERO);
        }
        engine.close();
        closed = true;
        world.afterStep(() -> world.check(engine.liveCalls() == 0, -1, "calls live on after the client was closed"));
    }

    /** All calls have ended, and what they had begun. */
    void checkTheEnd() {
        world.check(engine.liveCalls() == 0, -1, "calls that have ended count as under way");
        world.check(engine.state().equals(IDLE), -1, "something is left under way: " + engine.state());
    }
}
