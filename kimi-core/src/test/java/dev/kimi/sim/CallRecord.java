package dev.kimi.sim;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the observer of one call hears, held against what is promised: the order of events, the number of attempts, the
 * budget, hints, the commit point and the deadline.
 */
final class CallRecord implements CallObserver {

    private static final long LONGEST_BACK_OFF = 20_000_000_000L;
    private static final int PROMPT_TOKENS = 5;
    private static final int COMPLETION_TOKENS = 7;

    private final World world;
    private final Chance chance;
    private final SimCall call;
    private final int number;
    private Limits limits;
    private final Duration deadline;
    private final SimPath path;

    private final GateLine line;
    private final AttemptTimes times;
    private long startNanos;
    private long sentNanos;
    private int attempts;
    private int attemptsElsewhere;
    private boolean open;
    private boolean sendClaimed;
    private boolean committed;
    private boolean retryAnnounced;
    private boolean owesRetry;
    private long notBefore;
    private Retries retries = new Retries();
    private String lastKey = "";
    private boolean newKeyNeeded;
    private @Nullable KimiException lastFailure;
    private CallEvent.@Nullable Finished finished;

    CallRecord(World world, Chance chance, SimCall call, Duration deadline) {
        this.world = world;
        this.chance = chance;
        this.call = call;
        this.number = call.number();
        this.path = new SimPath(world, call);
        this.limits = path.here().account().limits;
        this.line = new GateLine(world, call);
        this.times = new AttemptTimes(call.client().timeouts(), call.streamed());
        this.deadline = deadline;
    }

    void begin() {
        startNanos = world.now();
    }

    SimPath path() {
        return path;
    }

    long deadlineNanos() {
        return startNanos + deadline.toNanos();
    }

    private long remaining() {
        return deadlineNanos() - world.now();
    }

    boolean isCommitted() {
        return committed;
    }

    /** Whether a stream waits for its head, for no longer than it may. */
    boolean isBeforeHead() {
        SimExchange exchange = exchange();
        boolean waits = open && call.streamed() && (exchange == null || !exchange.answered());
        return waits
                && world.now() - sentNanos < call.client().timeouts().headers().toNanos();
    }

    /** Whether an attempt has failed, and nothing follows yet. */
    boolean failedLast() {
        return lastFailure != null;
    }

    int attempts() {
        return attempts;
    }

    /** Whether it has sent anything where it is. */
    boolean triedHere() {
        return attempts > attemptsElsewhere;
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

    void sentTo(URI address, String key) {
        SimPlace here = path.here();
        check(address.equals(here.address()), "sent to " + address + " in an attempt at " + here.name());
        check(key.startsWith("Bearer " + limits.key), "sent with the key of another account");
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
        world.happens(call);
        limits = path.here().account().limits;
        if (event instanceof CallEvent.Held held) {
            alive("being held");
            check(!open && !committed, "held back in the middle of an attempt");
            path.waits(held.delay().toNanos(), null);
            line.held(limits.gates, held.delay().toNanos(), remaining());
        } else if (event instanceof CallEvent.AttemptStarted started) {
            attemptStarted(started);
        } else if (event instanceof CallEvent.FirstEvent) {
            firstEvent();
        } else if (event instanceof CallEvent.AttemptFinished ended) {
            attemptFinished(ended);
        } else if (event instanceof CallEvent.RetryScheduled retry) {
            retryScheduled(retry);
        } else if (event instanceof CallEvent.Rerouted elsewhere) {
            rerouted(elsewhere);
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
        line.pass(limits.gates, limits.credentialsMayFail);
        boolean first = attempts == attemptsElsewhere;
        check(event.endpoint().equals(path.here().name()), "attempt at " + event.endpoint());
        path.attemptStarted();
        KimiException before = lastFailure;
        if (!first && !retryAnnounced) {
            retries.ofCredentials++;
            newKeyNeeded = true;
            check(FailureKinds.isRefusedKey(before), "an attempt that was not announced");
            check(retries.ofCredentials == 1, "replayed twice after a 401");
        }
        if (first) {
            limits.firstAttempt(world.now());
        }
        attempts++;
        sentNanos = world.now();
        retries.lastFree = false;
        open = true;
        sendClaimed = false;
        retryAnnounced = false;
        lastFailure = null;
        int here = attempts - attemptsElsewhere;
        int allowed = limits.maxAttempts + retries.free + retries.ofCredentials;
        check(here <= allowed, here + " attempts are too many");
        world.interleave(chance);
    }

    /** The call goes elsewhere. What counts for one endpoint begins anew. */
    private void rerouted(CallEvent.Rerouted event) {
        alive("going elsewhere");
        check(!open && !committed && !call.deliveredAny(), "went elsewhere too late");
        boolean failed = event.reason() == CallEvent.Rerouted.Reason.FAILURE;
        check(!failed || !owesRetry, "went elsewhere although it could have tried again");
        check(!FailureKinds.isAboutTheRequest(lastFailure), "went elsewhere after " + lastFailure);
        boolean queued = path.stayed() && call.isWaiting() && !call.fitsNever();
        QueueWatch left = path.here().account().quota.watch();
        path.rerouted(event);
        call.went();
        if (queued && path.visit() > 0) {
            left.left(call);
        }
        limits = path.here().account().limits;
        line.leave();
        owesRetry = false;
        check(
                attempts == attemptsElsewhere || retryAnnounced || !isGarbled(),
                "went elsewhere after a response that was paid for");
        attemptsElsewhere = attempts;
        retries = new Retries();
        retryAnnounced = false;
        lastFailure = null;
        // what one endpoint asked to wait for is the gate's to know
        notBefore = 0;
    }

    private void firstEvent() {
        world.note(number, "first event");
        alive("the first event");
        check(open, "the first event outside of an attempt");
        check(!committed, "a second first event");
        check(call.streamed(), "a first event, and no stream");
        committed = true;
        path.firstEvent();
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
        check(sendClaimed || call.client().closed(), "an attempt in which nothing was sent");
        open = false;
        lastFailure = failure;
        if (failure == null) {
            path.succeeded();
        }
        times.check(event, exchange(), world.now() - sentNanos, committed, this::check);
        if (world.now() < deadlineNanos()) {
            times.checkSilence(failure, exchange(), this::check);
        }
        if (!wasNotCounted(failure)) {
            call.counted();
        }
        if (failure == null) {
            limits.giveBack(retries.lastCost);
            SimExchange exchange = exchange();
            check(exchange != null && exchange.script().whole, "half a response taken for a whole one");
        } else {
            if (!sentForNothing()) {
                boolean ofModel = failure.limitScope() == KimiException.LimitScope.ENDPOINT_MODEL;
                limits.attemptFailed(sentNanos, ofModel ? call.model() : null);
            }
            explain(failure);
        }
        owesRetry = couldGoOn();
        boolean closed =
                failure instanceof RejectedException rejected && rejected.reason() == RejectedException.Reason.CLOSED;
        call.attemptEnded(closed || failure instanceof CallCancelledException);
        world.interleave(chance);
        if (failure != null) {
            path.failed(failure);
        }
    }

    /** Whether the request never reached the service, or was rejected for a limit or its key. */
    private boolean wasNotCounted(@Nullable KimiException failure) {
        SimExchange exchange = exchange();
        if (exchange == null || !exchange.played() || exchange.aborted()) {
            return false;
        }
        boolean rejected = failure instanceof RateLimitException || failure instanceof AuthenticationException;
        Script script = exchange.script();
        // a cancel or a time limit may come at that very moment
        boolean broke =
                script.failure == null ? failure instanceof TransportException : script.failure.isInstance(failure);
        return rejected || brokenBy() != null && script.unprocessed && broke;
    }

    /** The failure of an exchange that was played to its end must be the one that its script stands for. */
    private void explain(KimiException failure) {
        SimExchange exchange = exchange();
        if (exchange == null || !exchange.played() || exchange.aborted()) {
            return;
        }
        Script script = exchange.script();
        boolean foreign = failure instanceof CallCancelledException || failure.status() == 0 && exchange.answered();
        if (script.failure != null && !foreign && !FailureKinds.isFromOutside(failure)) {
            check(script.failure.isInstance(failure), script.name + " became " + failure);
        }
        if (failure instanceof RateLimitException) {
            Duration hint = failure.retryAfter();
            check(script.hintNanos == (hint == null ? -1 : hint.toNanos()), script.name + " was read as " + hint);
            notBefore = Math.max(notBefore, world.now() + script.hintNanos);
            if (script.hintNanos > 0) {
                limits.gates.close(script.ofModel ? call.model() : null, world.now(), script.hintNanos);
            }
        }
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
        KimiException before = limits.credentialsMayFail && FailureKinds.isRefusedKey(lastFailure) ? null : lastFailure;
        check(before != null || limits.credentialsMayFail, "a retry without a failure");
        check(before == null || FailureKinds.canPass(before) && !isTerminal(), "a retry after " + before);
        if (before instanceof ServerException && isGarbled()) {
            check(retries.mayPayAgain(), "a third attempt after two responses that were paid for");
        }
        retries.lastFree = before instanceof TransportException
                && retries.isFree(
                        brokenBy(), limits.replayOnIdleClose, event.delay().toNanos(), this::check);
        checkHint(before, event);
        if (retries.lastFree) {
            retries.free++;
        } else {
            path.waits(event.delay().toNanos(), event.failure());
            charge(before);
        }
        notBefore = Math.max(notBefore, due);
        retryAnnounced = true;
        lastFailure = null;
        owesRetry = false;
        world.interleave(chance);
    }

    private void charge(@Nullable KimiException before) {
        retries.charged++;
        boolean throttled = before instanceof RateLimitException || before instanceof OverloadedException;
        retries.lastCost = limits.charge(throttled);
        check(limits.tokens() >= 0, "a retry that the budget does not allow");
        check(limits.mayRetry(world.now()), "a retry that the ratio does not allow");
        check(retries.charged < limits.maxAttempts, retries.charged + " retries are too many");
    }

    private void checkHint(@Nullable KimiException before, CallEvent.RetryScheduled event) {
        check(
                before == null || retries.lastFree == (event.source() == CallEvent.DelaySource.REPLAY),
                "a wait by " + event.source());
        SimExchange exchange = exchange();
        if (before instanceof RateLimitException && exchange != null && exchange.played()) {
            long hint = exchange.script().hintNanos;
            check(event.delay().toNanos() >= hint, "a retry before the service asked for it");
            check(hint <= limits.ceilingNanos, "a retry after a wait that is longer than allowed");
            check((hint > 0) == (event.source() == CallEvent.DelaySource.HINT), "a wait by " + event.source());
        }
    }

    /** Whether the last attempt failed by something after which all that is promised calls for another. */
    private boolean couldGoOn() {
        KimiException failure = lastFailure;
        SimExchange exchange = exchange();
        if (failure == null || exchange == null || !exchange.played() || exchange.aborted() || world.anyClosed()) {
            return false;
        }
        Script script = exchange.script();
        if (committed || call.deliveredAny() || script.terminal) {
            return false;
        }
        if (failure instanceof TransportException) {
            TransportFailure.Kind kind = brokenBy();
            boolean free = retries.wouldBeFree(kind, limits.replayOnIdleClose);
            return free ? remaining() > Retries.LONGEST_PAUSE : kind != null && script.unprocessed && mayRetry(0);
        }
        if (failure instanceof RateLimitException) {
            long hint = Math.max(0, script.hintNanos);
            return hint <= limits.ceilingNanos && mayRetry(hint + hint / 4);
        }
        boolean passes = failure instanceof OverloadedException || failure instanceof ServerException;
        return passes && script.failure != null && (!isGarbled() || !retries.hasPaid()) && mayRetry(0);
    }

    private boolean mayRetry(long hintNanos) {
        return retries.charged + 1 < limits.maxAttempts
                && limits.plenty(world.now())
                && remaining() > Math.max(hintNanos, LONGEST_BACK_OFF);
    }

    /** The exchange of the present attempt, if something was sent in it. */
    private @Nullable SimExchange exchange() {
        SimExchange exchange = call.exchange();
        return exchange != null && exchange.isOfAttempt(attempts) ? exchange : null;
    }

    private boolean isTerminal() {
        SimExchange exchange = exchange();
        return exchange != null && exchange.played() && exchange.script().terminal;
    }

    /** What the exchange broke by before any response, if it did. */
    TransportFailure.@Nullable Kind brokenBy() {
        SimExchange exchange = exchange();
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
        return played("answer-short") || played("malformed");
    }

    /** Whether that is what the exchange of the present attempt was. */
    boolean played(String script) {
        SimExchange exchange = exchange();
        return exchange != null && exchange.played() && exchange.script().name.equals(script);
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
            check(
                    limits.mayThrottle(call.model(), world.now()),
                    "throttled without a reason, or for longer than a second");
            check(!retries.lastFree, "throttled on its way back, although it had been let through");
        }
        if (failure == null) {
            check(attempts > 0 && lastFailure == null, "success without a good attempt");
            check(
                    event.promptTokens() == PROMPT_TOKENS && event.completionTokens() == COMPLETION_TOKENS,
                    "tokens " + event.promptTokens() + " and " + event.completionTokens());
        } else {
            unexpected(failure);
            check(event.outcome() == CallEvent.Outcome.CANCELLED || !owesRetry, "fails although it could try again");
            line.checkEnd(limits.gates, failure);
        }
        checkLastStatus(event);
        path.finished(event);
        finished = event;
        line.leave();
        world.ended(call);
        call.finished(event);
        world.interleave(chance);
    }

    private void checkLastStatus(CallEvent.Finished event) {
        SimExchange exchange = exchange();
        if (exchange != null) {
            boolean late = !exchange.played() || event.outcome() == CallEvent.Outcome.CANCELLED;
            check(
                    late && event.status() == 0 || event.status() == exchange.status(),
                    "status " + event.status() + " at the end");
        }
    }

    /** A call may fail in many ways, but not by a bug of the engine's own. */
    private void unexpected(KimiException failure) {
        // it may be what the call recovered from elsewhere
        boolean bugs = call.client().route().places.stream().anyMatch(place -> place.account().limits.bugs);
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            boolean ours =
                    cause instanceof KimiException || cause.getClass().getName().startsWith("dev.kimi.internal.");
            check(ours || bugs && cause instanceof UnsupportedOperationException, "failed by " + cause);
        }
    }
}
