package dev.kimi.gateway.face;

import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.call.GatewayListener;
import dev.kimi.time.TimeSource;
import java.util.List;
import java.util.function.Consumer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** All listeners as one, none of which can break a call. */
final class CallEvents {

    private static final Log LOG = LogFactory.getLog(CallEvents.class);

    private final GatewayListener[] listeners;
    private final TimeSource time;

    CallEvents(List<GatewayListener> listeners, TimeSource time) {
        this.listeners = listeners.toArray(GatewayListener[]::new);
        this.time = time;
    }

    long nanoTime() {
        return time.nanoTime();
    }

    void started(GatewayCall call) {
        each(listener -> listener.started(call));
    }

    void admitted(GatewayCall call) {
        each(listener -> listener.admitted(call));
    }

    void responded(GatewayCall call) {
        each(listener -> listener.responded(call));
    }

    void firstByte(GatewayCall call) {
        each(listener -> listener.firstByte(call));
    }

    void bytes(GatewayCall call, int count) {
        for (GatewayListener listener : listeners) {
            try {
                listener.bytes(call, count);
            } catch (RuntimeException e) {
                LOG.debug("a listener of calls failed", e);
            }
        }
    }

    void ended(GatewayCall call) {
        each(listener -> listener.ended(call));
    }

    private void each(Consumer<GatewayListener> event) {
        for (GatewayListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                LOG.warn("A listener of calls, " + listener.getClass().getName() + ", failed; the call goes on.", e);
            }
        }
    }
}
