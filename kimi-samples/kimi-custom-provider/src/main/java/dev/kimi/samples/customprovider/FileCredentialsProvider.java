package dev.kimi.samples.customprovider;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/** Reads a file once and keeps what it held until the service rejects it. */
final class FileCredentialsProvider implements CredentialsProvider {

    private final Path file;
    /** The reading under way or done: callers that come meanwhile share it. */
    private final AtomicReference<CompletableFuture<Credentials>> current;

    FileCredentialsProvider(Path file) {
        this.file = file;
        this.current = new AtomicReference<>(read());
    }

    @Override
    public CompletionStage<Credentials> credentials() {
        CompletableFuture<Credentials> known = current.get();
        if (known.isCompletedExceptionally()) {
            readAgain(known);
        }
        // A copy, so that nobody can complete what the others wait for.
        return current.get().copy();
    }

    @Override
    public boolean invalidate(Credentials rejected) {
        CompletableFuture<Credentials> known = current.get();
        if (known.isDone() && !known.isCompletedExceptionally() && known.join() == rejected) {
            readAgain(known);
        }
        return true;
    }

    /** Of many that want it at once, the first reads. */
    private void readAgain(CompletableFuture<Credentials> known) {
        CompletableFuture<Credentials> fresh = new CompletableFuture<>();
        if (current.compareAndSet(known, fresh)) {
            read().whenComplete((credentials, failure) -> {
                if (failure == null) {
                    fresh.complete(credentials);
                } else {
                    fresh.completeExceptionally(failure);
                }
            });
        }
    }

    private CompletableFuture<Credentials> read() {
        // A disk may be slow, and the caller must not be blocked.
        return CompletableFuture.supplyAsync(() -> {
            try {
                return Credentials.bearer(Files.readString(file));
            } catch (IOException | IllegalArgumentException e) {
                throw new AuthenticationException(
                        "The token file " + file.getFileName() + " holds no usable token.",
                        KimiException.Details.NONE,
                        e);
            }
        });
    }
}
