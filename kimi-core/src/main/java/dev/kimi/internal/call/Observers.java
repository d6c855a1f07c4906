package dev.kimi.internal.call;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Several observers as one, none of whom can hurt the call or the others. */
final class Observers implements CallObserver {

    private static final System.Logger LOG = System.getLogger("dev.kimi.callbacks");

    private final List<CallObserver> all;

    private Observers(List<CallObserver> all) {
        this.all = all;
    }

    static CallObserver of(List<CallListener> listeners, CallObserver own, CallEvent.Started event) {
        CallLog log = CallLog.of(event);
        if (listeners.isEmpty() && own == CallObserver.NONE) {
            return log == null ? own : log;
        }
        List<CallObserver> all = new ArrayList<>(listeners.size() + 2);
        if (log != null) {
            all.add(log);
        }
        if (own != CallObserver.NONE) {
            all.add(own);
        }
        for (CallListener listener : listeners) {
            try {
                all.add(listener.started(event));
            } catch (RuntimeException e) {
                complain(e);
            }
        }
        return new Observers(all);
    }

    @Override
    public void held(CallEvent.Held event) {
        tell(observer -> observer.held(event));
    }

    @Override
    public void noted(CallEvent.Noted event) {
        tell(observer -> observer.noted(event));
    }

    @Override
    public void other(CallEvent.Other event) {
        tell(observer -> observer.other(event));
    }

    @Override
    public void attemptStarted(CallEvent.AttemptStarted event) {
        tell(observer -> observer.attemptStarted(event));
    }

    @Override
    public void firstEvent(CallEvent.FirstEvent event) {
        tell(observer -> observer.firstEvent(event));
    }

    @Override
    public void attemptFinished(CallEvent.AttemptFinished event) {
        tell(observer -> observer.attemptFinished(event));
    }

    @Override
    public void retryScheduled(CallEvent.RetryScheduled event) {
        tell(observer -> observer.retryScheduled(event));
    }

    @Override
    public void finished(CallEvent.Finished event) {
        tell(observer -> observer.finished(event));
    }

    private void tell(Consumer<CallObserver> event) {
        for (CallObserver observer : all) {
            try {
                event.accept(observer);
            } catch (RuntimeException e) {
                complain(e);
            }
        }
    }

    private static void complain(RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "A call listener failed; the call goes on", e);
    }
}
