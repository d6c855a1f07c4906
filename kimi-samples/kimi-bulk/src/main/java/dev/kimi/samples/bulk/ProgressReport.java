package dev.kimi.samples.bulk;

import dev.kimi.BatchRun;
import dev.kimi.time.TimeSource;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows on a terminal a bar that moves, elsewhere a line now and then. Thread-safe. */
final class ProgressReport implements AutoCloseable {

    private static final Duration MOVING = Duration.ofMillis(200);
    private static final Duration LINES = Duration.ofSeconds(5);
    private static final int CELLS = 24;
    private static final String ERASE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean moving;
    private final int total;
    private final TimeSource time = TimeSource.system();
    private final long began = time.nanoTime();
    private final Supplier<@Nullable State> state;
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * What there is to show.
     *
     * @param counts outcomes so far
     * @param run the run behind them
     * @param rateLimited responses with status 429 so far
     */
    record State(Tally.Counts counts, BatchRun.Progress run, long rateLimited) {}

    ProgressReport(PrintStream out, boolean moving, int total, Supplier<@Nullable State> state) {
        this.out = out;
        this.moving = moving;
        this.total = total;
        this.state = state;
        long every = (moving ? MOVING : LINES).toMillis();
        ticks.scheduleWithFixedDelay(this::show, every, every, TimeUnit.MILLISECONDS);
    }

    Duration elapsed() {
        return Duration.ofNanos(time.nanoTime() - began);
    }

    /** Prints a line of its own, above the bar if there is one. */
    synchronized void say(String line) {
        out.println((moving ? ERASE : "") + line);
    }

    private synchronized void show() {
        State now = state.get();
        if (now == null || ticks.isShutdown()) {
            return;
        }
        String line = line(now, total, elapsed());
        if (moving) {
            out.print(ERASE + line);
            out.flush();
        } else {
            out.println(line);
        }
    }

    static String line(State now, int total, Duration elapsed) {
        Tally.Counts counts = now.counts();
        int done = counts.outcomes();
        double share = total == 0 ? 1 : Math.min(1, (double) done / total);
        int cells = (int) (share * CELLS);
        double rate = counts.completed() / Math.max(1e-3, elapsed.toNanos() / 1e9);
        String bar = "#".repeat(cells) + "-".repeat(CELLS - cells);
        return String.format(
                Locale.ROOT,
                "[%s] %d/%d %d %%  %.1f/s  failed %d  429s %d  retries %d  in flight %d  ETA %s",
                bar,
                done,
                total,
                (int) (share * 100),
                rate,
                counts.failed() + counts.badLines(),
                now.rateLimited(),
                now.run().retries(),
                now.run().inFlight(),
                counts.completed() == 0 ? "unknown" : eta((total - done) / rate));
    }

    private static String eta(double seconds) {
        long whole = (long) Math.ceil(seconds);
        return whole < 60 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
    }

    @Override
    public void close() {
        finish();
    }

    /** Takes the bar away; lines can still be said. */
    void finish() {
        ticks.shutdownNow();
        synchronized (this) {
            if (moving) {
                out.print(ERASE);
                out.flush();
            }
        }
    }
}
