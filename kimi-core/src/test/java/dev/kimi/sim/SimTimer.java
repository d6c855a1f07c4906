package dev.kimi.sim;

import dev.kimi.time.Timer;
import java.util.ArrayList;
import java.util.List;

/** The engine's timer, which counts what is set apart from the world's own events. */
final class SimTimer implements Timer {

    private final World world;
    private final List<Timeout> set = new ArrayList<>();
    private int pending;
    private boolean closed;

    SimTimer(World world) {
        this.world = world;
    }

    @Override
    public Timeout schedule(long delayNanos, Runnable task) {
        if (closed) {
            throw new IllegalStateException("the timer is closed");
        }
        Set added = new Set(task);
        pending++;
        added.inner = world.time.schedule(delayNanos, added);
        set.add(added);
        return added;
    }

    @Override
    public void close() {
        closed = true;
        set.forEach(Timeout::cancel);
        set.clear();
    }

    @Override
    public int pending() {
        return pending;
    }

    private final class Set implements Timeout, Runnable {
        private final Runnable task;
        private Timeout inner = () -> false;
        private boolean done;

        private Set(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            done = true;
            pending--;
            task.run();
        }

        @Override
        public boolean cancel() {
            if (done) {
                return false;
            }
            done = true;
            pending--;
            return inner.cancel();
        }
    }
}
