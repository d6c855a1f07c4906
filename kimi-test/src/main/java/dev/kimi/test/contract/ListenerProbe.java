package dev.kimi.test.contract;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Stands between a client and the listener that is tested, and looks at what the listener does. Thread-safe. */
final class ListenerProbe implements CallListener {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int MAX_FAULTS = 20;
    private static final int MAX_COLLECTIONS = 20;

    private final CallListener listener;
    /** Whether no other thread calls the listener, whose lock it could have to wait for. */
    private boolean alone = true;

    private final Set<Class<?>> kinds = ConcurrentHashMap.newKeySet();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    /** Observers, events and failures: all that a listener could keep of a call. */
    private final List<WeakReference<Object>> ofCalls = new ArrayList<>();

    ListenerProbe(CallListener listener) {
        this.listener = listener;
    }

    /** Calls come from several threads, which may wait for each other for a moment. */
    ListenerProbe ofManyThreads() {
        alone = false;
        return this;
    }

    @Override
    public CallObserver started(CallEvent.Started event) {
        kinds.add(event.getClass());
        remember(event);
        CallObserver observer = begin(event);
        if (observer == null) {
            return CallObserver.NONE;
        }
        remember(observer);
        return next -> {
            kinds.add(next.getClass());
            remember(next);
            watch(next, () -> observer.onEvent(next));
        };
    }

    private @Nullable CallObserver begin(CallEvent.Started event) {
        CallObserver[] observer = new CallObserver[1];
        if (watch(event, () -> observer[0] = listener.started(event)) && observer[0] == null) {
            fault("returned null for an observer; CallObserver.NONE ignores all events");
        }
        return observer[0];
    }

    /** Whether it returned normally. */
    private boolean watch(CallEvent event, Runnable notification) {
        String kind = event.getClass().getSimpleName();
        boolean interrupted = Thread.currentThread().isInterrupted();
        long before = waits();
        boolean returned = false;
        try {
            notification.run();
            returned = true;
        } catch (RuntimeException | Error e) {
            fault("threw " + e + " at " + kind);
        }
        if (alone && waits() != before) {
            fault("waited at " + kind + ": the thread may be one that carries the exchanges of all calls");
        }
        if (interrupted && !Thread.currentThread().isInterrupted()) {
            fault("cleared the interrupt of its caller at " + kind);
        }
        return returned;
    }

    /** How often this thread has slept, parked or waited, for however short a time. */
    private static long waits() {
        return THREADS.getThreadInfo(Thread.currentThread().getId()).getWaitedCount();
    }

    private void fault(String what) {
        if (faults.size() < MAX_FAULTS) {
            faults.add("the listener " + what);
        }
    }

    private void remember(Object ofCall) {
        synchronized (ofCalls) {
            if (ofCalls.stream().noneMatch(known -> known.refersTo(ofCall))) {
                ofCalls.add(new WeakReference<>(ofCall));
            }
            if (ofCall instanceof CallEvent.Finished end && end.failure() != null) {
                ofCalls.add(new WeakReference<>(end.failure()));
            }
        }
    }

    /** What the listener did that it must not. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** Which kinds of events it was notified of. */
    Set<Class<?>> kinds() {
        return kinds;
    }

    /**
     * How many objects of calls are left when garbage has been collected.
     *
     * @param enough stops looking when no more are left
     */
    int kept(int enough) throws InterruptedException {
        int kept = left();
        for (int i = 0; i < MAX_COLLECTIONS && kept > enough; i++) {
            collect();
            kept = left();
        }
        return kept;
    }

    private int left() {
        synchronized (ofCalls) {
            return (int) ofCalls.stream().filter(known -> !known.refersTo(null)).count();
        }
    }

    private static void collect() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> probe = new WeakReference<>(new Object(), queue);
        System.gc();
        queue.remove(100);
        probe.clear();
    }
}
