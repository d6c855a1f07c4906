package dev.kimi.samples.failover;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import java.math.BigDecimal;
import org.springframework.stereotype.Component;

/** Prints why a call goes elsewhere. A listener that is a bean is notified of the calls of all clients. */
@Component
final class Moves implements CallListener {

    @Override
    public CallObserver started(CallEvent.Started call) {
        return event -> {
            if (event instanceof CallEvent.Rerouted move) {
                System.out.println("  goes from " + move.from() + " to " + move.to() + ": " + reason(move));
            }
        };
    }

    private static String reason(CallEvent.Rerouted move) {
        String failure = move.failure() == null
                ? ""
                : ", after " + move.failure().getClass().getSimpleName();
        String wait =
                move.delay().isZero() ? "" : ", would wait " + move.delay().toMillis() + " ms";
        BigDecimal lost = move.lostCache();
        String cache =
                lost == null ? "" : ", the lost prompt cache costs " + lost.toPlainString() + " " + move.currency();
        return move.reason() + failure + wait + cache;
    }
}
