package dev.kimi.sim;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the observer of one call hears, held against what is promised: the order of events, the number of attempts, the
 * budget, hints, the commit point and the deadline.
 */
final class CallRecord implements CallObserver {

    private static final int MAX_STALE = 3;
    private static final long LONGEST_PAUSE = 1_000_000_000L;

    private final World world;
    private final Chance chance;
    private final SimCall call;
    private final int number;
    private final Limits limits;
    private final Duration deadline;

    private long startNanos;
    private int attempts;
    private int attemptsElsewhere;
    private int switches;
    private int lastPlace;
    private boolean open;
    private boolean sendClaimed;
    private boolean committed;
    private boolean retryAnnounced;
    private long notBefore;
    private int freeReplays;
    private int refusedStreams;
    private int stale;
    private boolean idleClosed;
    private boolean garbled;
    private boolean lastReplayFree;
    private int chargedRetries;
    private int credentialReplays;
    private int lastCost;
    private String lastKey = "";
    private boolean newKeyNeeded;
    private @Nullable KimiException lastFailure;
    private CallEvent.@Nullable Finished finished;

    CallRecord(World world, Chance chance, SimCall call, Limits limits, Duration deadline) {
        this.world = world;
        this.chance = chance;
        this.call = call;
        this.number = call.number();
        this.limits = limits;
        this.deadline = deadline;
    }

    void begin() {
        startNanos = world.now();
    }

    Duration deadline() {
        return deadline;
    }

    int attempts() {
        return attempts;
    }

    boolean isOpen() {
        return open;
    }

    boolean isFinished() {
        return finished != null;
    }

    boolean isCancelled() {
        CallEvent.Finished event = finished;
        return event != null && event.outcome() == CallEvent.Outcome.CANCELLED;
    }

    CallEvent.@Nullable Finished finished() {
        return finished;
    }

    /** True the first time in an attempt. */
    boolean claimSend() {
        boolean first = !sendClaimed;
        sendClaimed = true;
        return first;
    }

    void sentWith(String key) {
        check(!newKeyNeeded || !key.equals(lastKey), "replayed with the credentials that were refused");
        newKeyNeeded = false;
        lastKey = key;
    }

    private void check(boolean holds, String otherwise) {
        world.check(holds, number, otherwise);
    }

    private void alive(String event) {
        check(finished == null, event + " after the end");
        check(world.now() - startNanos <= deadline.toNanos(), event + " after the deadline");
    }

    @Override
    public void onEvent(CallEvent event) {
        if (event instanceof CallEvent.AttemptStarted started) {
            attemptStarted(started);
        } else if (event instanceof CallEvent.FirstEvent) {
            firstEvent();
        } else if (event instanceof CallEvent.AttemptFinished ended) {
            attemptFinished(ended);
        } else if (event instanceof CallEvent.RetryScheduled retry) {
            retryScheduled(retry);
        } else if (event instanceof CallEvent.Finished end) {
            finished(end);
        }
    }

    private void attemptStarted(CallEvent.AttemptStarted event) {
        world.note(number, "attempt", event.attempt());
        alive("an attempt");
        check(!open, "two attempts at once");
        check(event.attempt() == attempts + 1, "attempt " + event.attempt() + " follows " + attempts);
        check(!committed && !call.deliveredAny(), "an attempt past the commit point");
        check(world.now() >= notBefore, "an attempt before the wait was over");
        check(limits.maySend(world.now()), "sent while the account's gate is closed");
        boolean first = attempts == attemptsElsewhere;
        int place = limits.endpoints.indexOf(event.endpoint());
        // a call that the first quota never admits begins at the second endpoint
        check(first ? place >= switches : place == lastPlace, "attempt at " + event.endpoint());
        lastPlace = place;
        KimiException before = lastFailure;
        if (!first && !retryAnnounced) {
            credentialReplays++;
            newKeyNeeded = true;
            check(isRefusedKey(before), "an attempt that was not announced");
            check(credentialReplays == 1, "replayed twice after a 401");
        }
        if (first) {
            limits.firstAttempt(world.now());
        }
        attempts++;
        lastReplayFree = false;
        open = true;
        sendClaimed = false;
        retryAnnounced = false;
        lastFailure = null;
        int here = attempts - attemptsElsewhere;
        check(here <= limits.maxAttempts + freeReplays + credentialReplays, here + " attempts are too many");
        world.interleave(chance);
    }

    /** The call reserves anew, elsewhere. What counts for one endpoint begins anew. */
    void switched() {
        switches++;
        check(!open && !committed, "went elsewhere too late");
        check(!isAboutTheRequest(lastFailure), "went elsewhere after " + lastFailure);
        check(
                attempts == attemptsElsewhere || retryAnnounced || !isGarbled(),
                "went elsewhere after a response that was paid for");
        attemptsElsewhere = attempts;
        freeReplays = 0;
        credentialReplays = 0;
        chargedRetries = 0;
        refusedStreams = 0;
        stale = 0;
        idleClosed = false;
        garbled = false;
        lastReplayFree = false;
        lastCost = 0;
        retryAnnounced = false;
        lastFailure = null;
        // what one endpoint asked to wait for is the gate's to know
        notBefore = 0;
    }

    private static boolean isAboutTheRequest(@Nullable KimiException failure) {
        return failure instanceof InvalidRequestException || failure instanceof ContentFilteredException;
    }

    private void firstEvent() {
        world.note(number, "first event");
        alive("the first event");
        check(open, "the first event outside of an attempt");
        check(!committed, "a second first event");
        check(call.streamed(), "a first event, and no stream");
        committed = true;
        world.interleave(chance);
    }

    private void attemptFinished(CallEvent.AttemptFinished event) {
        KimiException failure = event.failure();
        world.note(
                number,
                "attempt ends",
                failure == null ? "well" : failure.getClass().getSimpleName());
        alive("the end of an attempt");
        check(open, "the end of no attempt");
        check(event.attempt() == attempts, "the end of another attempt");
        check(sendClaimed || world.closed(), "an attempt in which nothing was sent");
        open = false;
        lastFailure = failure;
        if (failure == null) {
            limits.giveBack(lastCost);
        } else {
            if (!sentForNothing()) {
                limits.attemptFailed();
            }
            explain(failure);
        }
        boolean closed =
                failure instanceof RejectedException rejected && rejected.reason() == RejectedException.Reason.CLOSED;
        call.attemptEnded(closed || failure instanceof CallCancelledException);
        world.interleave(chance);
    }

    /** The failure of an exchange that was played to its end must be the one that its script stands for. */
    private void explain(KimiException failure) {
        SimExchange exchange = call.exchange();
        if (exchange == null || !exchange.played() || exchange.aborted()) {
            return;
        }
        Script script = exchange.script();
        boolean foreign = failure instanceof CallCancelledException || failure.status() == 0 && exchange.answered();
        if (script.failure != null && !foreign && !isFromOutside(failure)) {
            check(script.failure.isInstance(failure), script.name + " became " + failure);
        }
        if (failure instanceof RateLimitException) {
            Duration hint = failure.retryAfter();
            check(script.hintNanos == (hint == null ? -1 : hint.toNanos()), script.name + " was read as " + hint);
            notBefore = Math.max(notBefore, world.now() + script.hintNanos);
            if (script.hintNanos > 0) {
                limits.closeGate(world.now(), script.hintNanos);
            }
        }
    }

    private static boolean isFromOutside(KimiException failure) {
        return failure instanceof RejectedException || failure instanceof DeadlineExceededException;
    }

    private void retryScheduled(CallEvent.RetryScheduled event) {
        world.note(number, "retry after", event.delay());
        alive("a retry");
        check(!open, "a retry is announced within an attempt");
        check(event.nextAttempt() == attempts + 1, "retry " + event.nextAttempt() + " follows " + attempts);
        check(!committed, "a retry past the commit point");
        check(!event.delay().isNegative(), "a negative delay");
        long due = world.now() + event.delay().toNanos();
        check(due < startNanos + deadline.toNanos(), "a retry that the deadline does not allow");
        // after a 401 the new credentials may fail to come, and then it is that which is tried again
        KimiException before = limits.credentialsMayFail && isRefusedKey(lastFailure) ? null : lastFailure;
        check(before != null || limits.credentialsMayFail, "a retry without a failure");
        check(before == null || canPass(before), "a retry after " + before);
        if (before instanceof ServerException && isGarbled()) {
            check(!garbled, "a third attempt after two responses that were paid for");
            garbled = true;
        }
        lastReplayFree =
                before instanceof TransportException && isFree(event.delay().toNanos());
        if (lastReplayFree) {
            freeReplays++;
        } else {
            chargedRetries++;
            boolean throttled = before instanceof RateLimitException || before instanceof OverloadedException;
            lastCost = limits.charge(throttled);
            check(!limits.overdrawn(), "a retry that the budget does not allow");
            check(limits.mayRetry(world.now()), "a retry that the ratio does not allow");
            check(chargedRetries < limits.maxAttempts, chargedRetries + " retries are too many");
        }
        notBefore = Math.max(notBefore, due);
        retryAnnounced = true;
        lastFailure = null;
        world.interleave(chance);
    }

    private static boolean isRefusedKey(@Nullable KimiException failure) {
        return failure instanceof AuthenticationException && failure.status() == 401;
    }

    /** What the exchange broke by before any response, if it did. */
    private TransportFailure.@Nullable Kind brokenBy() {
        SimExchange exchange = call.exchange();
        return exchange != null && exchange.played() && !exchange.answered() ? exchange.script().brokenBy : null;
    }

    /** Says nothing about the service's load. */
    private boolean sentForNothing() {
        TransportFailure.Kind kind = brokenBy();
        return kind == Kind.REFUSED
                || kind == Kind.STALE_CONNECTION
                || kind == Kind.IDLE_CLOSE
                || kind == Kind.UNKNOWN_HOST
                || kind == Kind.CERTIFICATE;
    }

    private boolean isGarbled() {
        SimExchange exchange = call.exchange();
        String name = exchange != null && exchange.played() ? exchange.script().name : "";
        return name.equals("answer-short") || name.equals("malformed");
    }

    private boolean isFree(long delayNanos) {
        TransportFailure.Kind kind = brokenBy();
        if (kind == Kind.REFUSED) {
            int before = refusedStreams++;
            long longest = before == 0 ? 0 : Math.min(LONGEST_PAUSE, 4_000_000L << Math.min(before - 1, 10));
            check(delayNanos >= longest / 2 && delayNanos <= longest, "a pause of " + delayNanos + " ns");
            return true;
        }
        if (kind == Kind.STALE_CONNECTION) {
            return stale++ < MAX_STALE;
        }
        if (kind == Kind.IDLE_CLOSE) {
            check(limits.replayOnIdleClose && !idleClosed, "replayed what the service may have worked on");
            idleClosed = true;
            return true;
        }
        return false;
    }

    private boolean canPass(KimiException failure) {
        SimExchange exchange = call.exchange();
        boolean terminal = exchange != null && exchange.played() && exchange.script().terminal;
        return !terminal
                && !(failure instanceof InvalidRequestException)
                && !(failure instanceof PermissionException)
                && !(failure instanceof QuotaExceededException)
                && !(failure instanceof ContentFilteredException)
                && !(failure instanceof AuthenticationException)
                && !(failure instanceof CallCancelledException);
    }

    private void finished(CallEvent.Finished event) {
        KimiException failure = event.failure();
        world.note(number, "ends:", failure == null ? event.outcome().toString() : event.outcome() + " " + failure);
        alive("a second end");
        check(!open, "the end comes within an attempt");
        check(event.attempts() == attempts, event.attempts() + " attempts were told, and " + attempts + " made");
        check((event.outcome() == CallEvent.Outcome.SUCCESS) == (failure == null), "failure and outcome disagree");
        if (failure != null && event.outcome() == CallEvent.Outcome.CANCELLED) {
            check(failure.attempts() == attempts, "cancelled after " + failure.attempts() + " attempts, it says");
            check(failure.elapsed().toNanos() == world.now() - startNanos, "cancelled after " + failure.elapsed());
        }
        if (failure instanceof RejectedException rejected && rejected.reason() == RejectedException.Reason.THROTTLED) {
            check(limits.mayThrottle(world.now()), "throttled without a reason, or for longer than a second");
            check(!lastReplayFree, "throttled on its way back, although it had been let through");
        }
        if (failure == null) {
            check(attempts > 0 && lastFailure == null, "success without a good attempt");
        } else {
            unexpected(failure);
        }
        finished = event;
        world.ended(call);
        call.finished(event);
        world.interleave(chance);
    }

    /** A call may fail in many ways, but not by a bug of the engine's own. */
    private void unexpected(KimiException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            boolean ours =
                    cause instanceof KimiException || cause.getClass().getName().startsWith("dev.kimi.internal.");
            check(ours || limits.bugs && cause instanceof UnsupportedOperationException, "failed by " + cause);
        }
    }
}
