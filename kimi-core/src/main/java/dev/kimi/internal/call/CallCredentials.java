package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What one call proves itself with. Used in turns of the call only. */
final class CallCredentials {

    private final CredentialsProvider provider;
    private @Nullable Credentials sentWith;
    private boolean replayed;

    CallCredentials(CredentialsProvider provider) {
        this.provider = provider;
    }

    /** Asks the provider, which may be a plug-in: what it throws comes back as a failed stage. */
    CompletionStage<Credentials> ask() {
        try {
            return provider.credentials();
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    /**
     * What the stage holds already, or null. The usual case, a key or a cached token, so costs no stage of its own.
     * Only the class itself is asked: a minimal stage is a subclass that rejects.
     */
    static @Nullable Credentials readyNow(CompletionStage<Credentials> stage) {
        return stage.getClass() == CompletableFuture.class
                        && ((CompletableFuture<Credentials>) stage).isDone()
                        && !((CompletableFuture<Credentials>) stage).isCompletedExceptionally()
                ? ((CompletableFuture<Credentials>) stage).join()
                : null;
    }

    void sentWith(Credentials used) {
        sentWith = used;
    }

    /** The service rejected them. True, once in a call, when the provider may have others to send it again with. */
    boolean replaceRefused() {
        Credentials rejected = sentWith;
        boolean first = !replayed;
        replayed = true;
        return rejected != null && first && provider.invalidate(rejected);
    }
}
