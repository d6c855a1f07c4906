package dev.kimi.vendor.internal;

import dev.kimi.error.KimiException;
import dev.kimi.service.ServiceStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the few bytes between the end mark of a response and its end, for which no caller waits. Usually they are
 * there; a service that leaves them out is cut off by the limits of the call.
 */
final class Remainder {

    private static final int MOST = 64 << 10;

    /** Each is busy for the time of one read; only a service that does not end its responses keeps one. */
    private static final int MOST_THREADS = 16;

    private static final Executor THREADS =
            new ThreadPoolExecutor(0, MOST_THREADS, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "kimi-sdk-remainder");
                thread.setDaemon(true);
                return thread;
            });

    private Remainder() {}

    /** @param source the stream's body where it was read before, or null */
    static void read(ServiceStream stream, @Nullable InputStream source) {
        try {
            THREADS.execute(() -> take(stream, source));
        } catch (RejectedExecutionException e) {
            // another connection is cheaper than another thread
            stream.close();
        }
    }

    private static void take(ServiceStream stream, @Nullable InputStream source) {
        try (stream) {
            readToEnd(source == null ? stream.inputStream() : source);
        } catch (KimiException | IOException e) {
            // what the caller wanted had come
        }
    }

    private static void readToEnd(InputStream body) throws IOException {
        byte[] piece = new byte[1024];
        int size = body.read(piece);
        for (int all = 0; size >= 0 && all < MOST; all += size) {
            size = body.read(piece);
        }
    }
}
