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

    private static final int MAX_STALE = 3;
    private static final long LONGEST_PAUSE = 1_000_000_000L;
    private static final long LONGEST_BACK_OFF = 20_000_000_000L;
    private static final int PROMPT_TOKENS = 5;
    private static final int COMPLETION_TOKENS = 7;

    private final World world;
    private final Chance chance;
    private final SimCall call;
    private final int number;
    private Limits limits;
    private final Duration deadline;

    private final GateLine line;
    private final AttemptTimes times;
    private long startNanos;
    private long sentNanos;
    private int attempts;
    private int attemptsElsewhere;
    private int switches;
    private int lastPlace;
    private boolean open;
    private boolean sendClaimed;
    private boolean committed;
    private boolean retryAnnounced;
    private boolean owesRetry;
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

    CallRecord(World world, Chance chance, SimCall call, Duration deadline) {
        this.world = world;
        this.chance = chance;
        this.call = call;
        this.number = call.number();
        this.limits = world.accounts.get(0).limits;
        this.line = new GateLine(world, call);
        this.times = new AttemptTimes(call.client().timeouts(), call.streamed());
        this.deadline = deadline;
    }

    void begin() {
        startNanos = world.now();
    }

    long deadlineNanos() {
        return startNanos + deadline.toNanos();
    }

    private long remaining() {
        return deadlineNanos() - world.now();
    }

    void at(Limits here) {
        limits = here;
    }

    boolean isAt(String endpoint) {
        return limits.endpoints.indexOf(endpoint) == lastPlace;
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
        String name = limits.endpoints.get(lastPlace);
        check(address.equals(Schedule.addressOf(name)), "sent to " + address + " in an attempt at " + name);
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
        if (event instanceof CallEvent.Held held) {
            alive("being held");
            check(!open && !committed, "held back in the middle of an attempt");
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
            check(!open && !committed, "went elsewhere too late");
            owesRetry &= elsewhere.reason() == CallEvent.Rerouted.Reason.FAILURE;
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
        int place = limits.endpoints.indexOf(event.endpoint());
        // a call that the first quota never admits begins at the second endpoint
        check(first ? place >= switches : place == lastPlace, "attempt at " + event.endpoint());
        lastPlace = place;
        KimiException before = lastFailure;
        if (!first && !retryAnnounced) {
            credentialReplays++;
            newKeyNeeded = true;
            check(FailureKinds.isRefusedKey(before), "an attempt that was not announced");
            check(credentialReplays == 1, "replayed twice after a 401");
        }
        if (first) {
            limits.firstAttempt(world.now());
        }
        attempts++;
        sentNanos = world.now();
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
        check(finished != null || !owesRetry, "went elsewhere although it could have tried again");
        line.leave();
        switches++;
        check(!open && !committed, "went elsewhere too late");
        check(!FailureKinds.isAboutTheRequest(lastFailure), "went elsewhere after " + lastFailure);
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
        check(sendClaimed || call.client().closed(), "an attempt in which nothing was sent");
        open = false;
        lastFailure = failure;
        times.check(event, exchange(), world.now() - sentNanos, committed, this::check);
        if (world.now() < deadlineNanos()) {
            times.checkSilence(failure, exchange(), this::check);
        }
        if (!wasNotCounted(failure)) {
            call.counted();
        }
        if (failure == null) {
            limits.giveBack(lastCost);
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
            check(!garbled, "a third attempt after two responses that were paid for");
            garbled = true;
        }
        lastReplayFree =
                before instanceof TransportException && isFree(event.delay().toNanos());
        checkHint(before, event);
        if (lastReplayFree) {
            freeReplays++;
        } else {
            chargedRetries++;
            boolean throttled = before instanceof RateLimitException || before instanceof OverloadedException;
            lastCost = limits.charge(throttled);
            check(limits.tokens() >= 0, "a retry that the budget does not allow");
            check(limits.mayRetry(world.now()), "a retry that the ratio does not allow");
            check(chargedRetries < limits.maxAttempts, chargedRetries + " retries are too many");
        }
        notBefore = Math.max(notBefore, due);
        retryAnnounced = true;
        lastFailure = null;
        owesRetry = false;
        world.interleave(chance);
    }

    private void checkHint(@Nullable KimiException before, CallEvent.RetryScheduled event) {
        check(
                before == null || lastReplayFree == (event.source() == CallEvent.DelaySource.REPLAY),
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
            boolean free = kind == Kind.REFUSED
                    || kind == Kind.STALE_CONNECTION && stale < MAX_STALE
                    || kind == Kind.IDLE_CLOSE && limits.replayOnIdleClose && !idleClosed;
            return free ? remaining() > LONGEST_PAUSE : kind != null && script.unprocessed && mayRetry(0);
        }
        if (failure instanceof RateLimitException) {
            long hint = Math.max(0, script.hintNanos);
            return hint <= limits.ceilingNanos && mayRetry(hint + hint / 4);
        }
        boolean passes = failure instanceof OverloadedException || failure instanceof ServerException;
        return passes && script.failure != null && (!isGarbled() || !garbled) && mayRetry(0);
    }

    private boolean mayRetry(long hintNanos) {
        return chargedRetries + 1 < limits.maxAttempts
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
    private TransportFailure.@Nullable Kind brokenBy() {
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
        SimExchange exchange = exchange();
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
            check(!lastReplayFree, "throttled on its way back, although it had been let through");
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
        finished = event;
        line.leave();
        world.ended(call);
        call.finished(event);
        world.interleave(chance);
    }

    private void checkLastStatus(CallEvent.Finished event) {
        SimExchange exchange = exchange();
        if (exchange != null) {
            boolean told = exchange.played() ? event.status() == exchange.status() : event.status() == 0;
            check(told || event.status() == exchange.status(), "status " + event.status() + " at the end");
        }
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
