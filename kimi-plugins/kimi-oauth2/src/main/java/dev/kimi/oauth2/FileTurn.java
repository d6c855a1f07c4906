package dev.kimi.oauth2;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.time.Timer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Exclusive use of something by the lock on a file, which the operating system ends with the process. Waits without a
 * thread.
 *
 * <p>On POSIX systems a process loses its lock when it closes any channel of that file, even another one. So nobody in
 * this JVM opens the file while somebody in it holds the lock: the system properties say so, the one place that all
 * class loaders share.
 */
final class FileTurn implements AutoCloseable {

    private static final long POLL_NANOS = Duration.ofMillis(25).toNanos();

    private final Path lockFile;
    private final Timer timer;
    private final String inThisJvm;
    private final CompletableFuture<FileTurn> begun = new CompletableFuture<>();
    private volatile @Nullable FileChannel channel;

    FileTurn(Path lockFile, Timer timer) {
        this.lockFile = lockFile;
        this.timer = timer;
        this.inThisJvm = "dev.kimi.oauth2.turn:" + lockFile;
    }

    /** Completes when it is this one's turn, which lasts until it is closed. */
    CompletionStage<FileTurn> begin() {
        CompletableFuture.runAsync(this::poll).whenComplete((done, failure) -> {
            if (failure != null) {
                begun.completeExceptionally(failure);
            }
        });
        return begun;
    }

    private void poll() {
        try {
            if (tryBegin()) {
                begun.complete(this);
            } else {
                timer.schedule(POLL_NANOS, this::begin);
            }
        } catch (IOException e) {
            begun.completeExceptionally(new AuthenticationException(
                    "The refresh token cannot be used, since " + lockFile + " cannot be locked ("
                            + e.getClass().getSimpleName() + "). Let this process write in its folder.",
                    KimiException.Details.NONE,
                    null));
        }
    }

    private boolean tryBegin() throws IOException {
        if (System.getProperties().putIfAbsent(inThisJvm, "held") != null) {
            return false;
        }
        boolean locked = false;
        try {
            FileChannel opened = FileChannel.open(
                    lockFile,
                    EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    OwnerOnly.attributes(lockFile));
            channel = opened;
            locked = opened.tryLock() != null;
            return locked;
        } finally {
            if (!locked) {
                close();
            }
        }
    }

    /** Ends the turn. */
    @Override
    public void close() {
        FileChannel held = channel;
        channel = null;
        try {
            if (held != null) {
                held.close();
            }
        } catch (IOException e) {
            // the lock has ended with the descriptor, whatever else went wrong
        } finally {
            System.getProperties().remove(inThisJvm);
        }
    }
}
