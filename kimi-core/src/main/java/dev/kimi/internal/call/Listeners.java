package dev.kimi.internal.call;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** The listeners of a client, none of whom can hurt a call or the others. Thread-safe. */
final class Listeners {

    private static final System.Logger LOG = System.getLogger("dev.kimi.callbacks");

    private final String client;
    private final boolean logged;
    private final Guarded[] all;

    Listeners(String client, List<CallListener> listeners) {
        this(client, listeners, true);
    }

    /** @param logged whether the log is notified too */
    Listeners(String client, List<CallListener> listeners, boolean logged) {
        this.client = client;
        this.logged = logged;
        this.all = listeners.stream().map(Guarded::new).toArray(Guarded[]::new);
    }

    /**
     * Notifies all listeners of a call that begins.
     *
     * @param own an observer of this call only, which does not throw
     * @return notifies the log, the call's own observer and those of the listeners, in this order
     */
    CallObserver started(CallEvent.Started event, CallObserver own) {
        CallObserver log = logged ? CallLog.of(event) : CallObserver.NONE;
        if (all.length == 0 && (own == CallObserver.NONE || log == CallObserver.NONE)) {
            return own == CallObserver.NONE ? log : own;
        }
        CallObserver[] observers = new CallObserver[all.length];
        for (int i = 0; i < all.length; i++) {
            observers[i] = all[i].started(event);
        }
        return new Observers(log, own, observers);
    }

    private final class Observers implements CallObserver {
        private final CallObserver log;
        private final CallObserver own;
        /** In the order of their listeners. */
        private final CallObserver[] others;

        Observers(CallObserver log, CallObserver own, CallObserver[] others) {
            this.log = log;
            this.own = own;
            this.others = others;
        }

        @Override
        public void onEvent(CallEvent event) {
            log.onEvent(event);
            own.onEvent(event);
            for (int i = 0; i < others.length; i++) {
                try {
                    others[i].onEvent(event);
                } catch (RuntimeException | Error e) {
                    all[i].threw(e);
                }
            }
        }
    }

    private final class Guarded {
        private final CallListener listener;
        private final AtomicBoolean reported = new AtomicBoolean();

        Guarded(CallListener listener) {
            this.listener = listener;
        }

        CallObserver started(CallEvent.Started event) {
            try {
                return Objects.requireNonNull(listener.started(event), "a listener returned null for an observer");
            } catch (RuntimeException | Error e) {
                threw(e);
                return CallObserver.NONE;
            }
        }

        /** A listener that fails at one call will fail at all: the log is for the first. */
        void threw(Throwable e) {
            if (reported.compareAndSet(false, true)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The call listener " + listener.getClass().getName() + " of client '" + client
                                + "' threw. Calls and other listeners go on, and it is still notified; what it records"
                                + " may be incomplete. Repair it. Reported once.",
                        e);
            }
        }
    }
}
