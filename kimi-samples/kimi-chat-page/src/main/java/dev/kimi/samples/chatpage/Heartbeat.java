package dev.kimi.samples.chatpage;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;

/**
 * Writes a comment into streams that are silent. A browser that went away is noticed only by writing, and a model that
 * thinks has nothing to write, so without this nobody would stop it.
 */
final class Heartbeat implements DisposableBean {

    private static final long EVERY_MILLIS = Duration.ofMillis(250).toMillis();

    private final ScheduledThreadPoolExecutor beats = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "heartbeat");
        thread.setDaemon(true);
        return thread;
    });

    Heartbeat() {
        beats.setRemoveOnCancelPolicy(true);
    }

    void keepAlive(EventWriter writer) {
        ScheduledFuture<?> beat =
                beats.scheduleWithFixedDelay(writer::beat, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        writer.whenClosed(() -> beat.cancel(false));
    }

    @Override
    public void destroy() {
        beats.shutdownNow();
    }
}
