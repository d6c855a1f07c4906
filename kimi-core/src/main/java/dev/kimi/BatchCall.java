package dev.kimi;

import dev.kimi.batch.CallSample;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.time.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * One call of a bulk run: notes what the run's window is to know of it. Written in turns of the call, read anywhere.
 */
final class BatchCall implements CallObserver {

    /** The bulk run that the call belongs to. Called in turns of the call. */
    interface Run {

        /** Calls in flight now. */
        int inFlight();

        /** Takes a sample for the window. */
        void add(CallSample sample);
    }

    /** What is at the service. */
    private static final class Sent {
        private final long nanos;
        private long firstEventNanos;
        private volatile boolean begun;

        private Sent(long nanos) {
            this.nanos = nanos;
        }
    }

    private final int index;
    private final long queuedNanos;
    private final TimeSource time;
    private final BatchStatistics statistics;
    private final Run run;
    private volatile int attempts;
    private volatile @Nullable Sent sent;

    BatchCall(int index, TimeSource time, BatchStatistics statistics, Run run) {
        this.index = index;
        this.queuedNanos = time.nanoTime();
        this.time = time;
        this.statistics = statistics;
        this.run = run;
    }

    int index() {
        return index;
    }

    /** The call as it is now. */
    CallSample sample() {
        return sampleOf(sent).build();
    }

    private CallSample.Builder sampleOf(@Nullable Sent newest) {
        CallSample.Builder sample =
                CallSample.builder(index, queuedNanos).attempt(attempts).inFlight(run.inFlight());
        if (newest != null) {
            sample.sentNanos(newest.nanos);
            if (newest.begun) {
                sample.firstEventNanos(newest.firstEventNanos);
            }
        }
        return sample;
    }

    /** The head of a good response is there. */
    void responseBegan() {
        Sent newest = sent;
        if (newest != null) {
            newest.firstEventNanos = time.nanoTime();
            newest.begun = true;
        }
    }

    @Override
    public void onEvent(CallEvent event) {
        if (event instanceof CallEvent.AttemptStarted attempt) {
            attempts = attempt.attempt();
            sent = new Sent(time.nanoTime());
        } else if (event instanceof CallEvent.AttemptFinished attempt) {
            attemptFinished(attempt);
        } else if (event instanceof CallEvent.RetryScheduled) {
            statistics.retried();
        } else if (event instanceof CallEvent.Finished finished) {
            finished(finished);
        }
    }

    /** An attempt that ended well is added when its tokens are known, which is next. */
    private void attemptFinished(CallEvent.AttemptFinished event) {
        KimiException failure = event.failure();
        if (failure == null) {
            if (event.status() != 0) {
                statistics.succeeded(event.duration());
            }
            return;
        }
        boolean throttled = failure instanceof RateLimitException || failure instanceof OverloadedException;
        if (throttled) {
            statistics.throttled();
        }
        run.add(sampleOf(sent).endedNanos(time.nanoTime()).throttled(throttled).build());
        sent = null;
    }

    private void finished(CallEvent.Finished event) {
        boolean succeeded = event.outcome() == CallEvent.Outcome.SUCCESS;
        if (succeeded || event.attempts() == 0) {
            run.add(sampleOf(sent)
                    .endedNanos(time.nanoTime())
                    .outputTokens(event.completionTokens())
                    .succeeded(succeeded)
                    .build());
        }
        sent = null;
    }
}
