package dev.kimi.observability.autoconfigure;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The track record of one client: how its last calls ended, as far as that says anything about the service. */
final class OutcomeTracker {

    /** One failure is an accident; so many without a success between them are a state. */
    private static final int MANY = 3;

    private final AtomicReference<@Nullable Last> last = new AtomicReference<>();

    /** What can be said. */
    enum Finding {
        NOTHING_KNOWN,
        RESPONDS,
        FAILS_AT_TIMES,
        FAILS
    }

    record Verdict(Finding finding, int failuresInARow, String lastError) {}

    private record Last(long atNanos, int failuresInARow, String error, boolean lasting) {}

    private enum Meaning {
        SERVICE_RESPONDS,
        SERVICE_FAILS,
        /** Fails every call until an operator acts: a key, a bill. */
        ACCOUNT_FAILS,
        NOTHING
    }

    void ended(CallEvent.Finished event, long nowNanos) {
        Meaning meaning = meaning(event.failure());
        if (meaning == Meaning.NOTHING || event.outcome() == CallEvent.Outcome.CANCELLED) {
            return;
        }
        KimiException failure = event.failure();
        if (meaning == Meaning.SERVICE_RESPONDS || failure == null) {
            last.set(new Last(nowNanos, 0, "", false));
            return;
        }
        String error = failure.getClass().getSimpleName();
        last.updateAndGet(before -> new Last(
                nowNanos, before == null ? 1 : before.failuresInARow + 1, error, meaning == Meaning.ACCOUNT_FAILS));
    }

    Verdict verdict(long nowNanos, Duration lately) {
        Last known = last.get();
        if (known == null || nowNanos - known.atNanos > lately.toNanos()) {
            return new Verdict(Finding.NOTHING_KNOWN, 0, "");
        }
        Finding finding = Finding.FAILS_AT_TIMES;
        if (known.failuresInARow == 0) {
            finding = Finding.RESPONDS;
        } else if (known.lasting || known.failuresInARow >= MANY) {
            finding = Finding.FAILS;
        }
        return new Verdict(finding, known.failuresInARow, known.error);
    }

    private static Meaning meaning(@Nullable KimiException failure) {
        if (failure instanceof RejectedException || failure instanceof DeadlineExceededException) {
            // what it had been recovering from says more than that it stopped retrying
            if (failure.getCause() instanceof KimiException original && original != failure) {
                return meaning(original);
            }
            return failure instanceof DeadlineExceededException late ? meaning(late.phase()) : Meaning.NOTHING;
        }
        if (failure instanceof AuthenticationException || failure instanceof QuotaExceededException) {
            return Meaning.ACCOUNT_FAILS;
        }
        if (failure instanceof TransportException
                || failure instanceof ServerException
                || failure instanceof OverloadedException
                || failure instanceof TruncatedStreamException) {
            return Meaning.SERVICE_FAILS;
        }
        return failure instanceof CallCancelledException ? Meaning.NOTHING : Meaning.SERVICE_RESPONDS;
    }

    private static Meaning meaning(DeadlineExceededException.Phase phase) {
        return switch (phase) {
            case QUEUED, RATE_LIMITED, POOL_WAIT, BACK_OFF -> Meaning.NOTHING;
            case CREDENTIALS, CONNECT, HEADERS, FIRST_EVENT, IDLE, QUIET -> Meaning.SERVICE_FAILS;
        };
    }
}
