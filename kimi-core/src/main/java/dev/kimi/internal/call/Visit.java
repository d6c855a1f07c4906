package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.endpoint.EncodedRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.Leg;
import dev.kimi.internal.endpoint.Pass;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.governor.Governor;
import dev.kimi.internal.governor.LimitTarget;
import dev.kimi.internal.governor.Passage;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Settlement;
import dev.kimi.time.TimeSource;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.Headers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one call holds and may do at one endpoint. A call that goes on elsewhere begins another. Used in turns of the
 * call only.
 */
final class Visit {

    /** Bytes of a body that is on its way at once. */
    private static final int SOON_SENT = 256 * 1024;

    private final Endpoint endpoint;
    private final List<ChatResponse.Note> detours;
    private final CallRequest request;
    private final QuotaRequest reserved;
    private final LimitTarget target;
    private final Governor governor;
    private final Passage passage;
    private final CallCredentials credentials;
    private final Recovery recovery;
    /** Dropped once a response has begun: few calls need it again, and it may be large. */
    private @Nullable EncodedRequest encoded;

    /** Why the request is written in another way than at first, or null. */
    private @Nullable KimiException rejection;

    private @Nullable Upload upload;

    /** The attempt is counted as a stream that waits for its head. */
    private boolean awaitsHead;

    private ResponseMark mark;
    /** What was left out or changed, until the observer is notified of it. */
    private List<ChatResponse.Note> notes;

    private Pass pass;
    private int attempts;
    /** Those of them that the service has not counted. */
    private int uncounted;
    /** Headers of the last response. */
    private Headers lastResponse = Headers.empty();

    /**
     * @param leg the way here
     * @param encoded the request as the endpoint has encoded it
     * @param detours what the response says of the way
     */
    Visit(Leg leg, CallRequest request, EncodedRequest encoded, List<ChatResponse.Note> detours) {
        this.endpoint = leg.endpoint();
        this.pass = leg.pass();
        this.detours = detours;
        this.request = request;
        this.encoded = encoded;
        this.mark = encoded.mark().after(detours);
        this.notes = encoded.mark().notes();
        this.reserved = endpoint.quotaRequest(request);
        this.target = endpoint.limitTarget(request);
        this.governor = endpoint.account().governor();
        this.passage = governor.passage(target);
        this.credentials = new CallCredentials(endpoint.credentials());
        this.recovery = new Recovery(endpoint.retry(), governor, this::canSendAgain);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** The model as the endpoint calls it, or null when the operation has none. */
    @Nullable String model() {
        return target.model();
    }

    /** Where the outcomes of attempts are reported. */
    Pass pass() {
        return pass;
    }

    /** The call, which has done nothing yet, stays here. */
    void stays(Pass with) {
        this.pass = with;
    }

    /** What the account's quota is asked for. */
    QuotaLease lease(QuotaLease.Taker call) {
        return new QuotaLease(endpoint.account().admission(), reserved, call);
    }

    CallCredentials credentials() {
        return credentials;
    }

    Recovery recovery() {
        return recovery;
    }

    /** Where the account's calls are held back. */
    Entrance entrance(Entrance.Comer call) {
        return new Entrance(passage, call);
    }

    /** How many attempts were made here. */
    int attempts() {
        return attempts;
    }

    /** An attempt begins at that moment. */
    void attemptStarts(long nanos) {
        attempts++;
        if (attempts == 1) {
            governor.firstAttempt(nanos);
        }
    }

    /** What was left out or changed of the request since the attempt before. */
    List<ChatResponse.Note> takeNotes() {
        List<ChatResponse.Note> taken = notes;
        notes = List.of();
        return taken;
    }

    /** Whether the rejected request was written anew, so that the service may take it; once at an endpoint. */
    boolean rewrites(KimiException failure) {
        boolean ours = rejection == null && !mark.verbatim();
        EncodedRequest again = ours ? endpoint.encodeAgain(request, failure) : null;
        if (again == null) {
            return false;
        }
        List<ChatResponse.Note> news = new ArrayList<>(again.mark().notes());
        news.removeAll(mark.notes());
        rejection = failure;
        encoded = again;
        mark = again.mark().after(detours);
        notes = news;
        return true;
    }

    /** @param deadlineNanos of the call, on the clock */
    Exchange send(Credentials with, TimeSource clock, long deadlineNanos, Attempt attempt) {
        EncodedRequest sent = encoded;
        if (sent == null) {
            sent = written();
            encoded = sent;
        }
        if (sent.body().bytes() == null) {
            Upload streamed = new Upload(sent.body(), clock::nanoTime);
            upload = streamed;
            attempt.sends(streamed);
            sent = sent.with(streamed);
        }
        return endpoint.send(sent, with, clock, deadlineNanos, attempt);
    }

    private EncodedRequest written() {
        EncodedRequest again = rejection == null ? null : endpoint.encodeAgain(request, rejection);
        return again == null ? endpoint.encode(request) : again;
    }

    /** Whether the request can be sent again: not once an attempt has begun to read a body that is good for one. */
    private boolean canSendAgain() {
        Upload last = upload;
        return last == null || last.isReplayable() || !last.begun();
    }

    /** The service rejected the credentials: whether others are there to send the request with again. */
    boolean mayReplaceCredentials() {
        return credentials.replaceRefused() && canSendAgain();
    }

    /**
     * Looks at a stream whose attempt has no response head yet: whether it should leave the endpoint. Those that wait
     * for a connection, or that send for long, say nothing of the service.
     */
    boolean isInVain(Attempt attempt) {
        EncodedRequest sent = encoded;
        boolean waits =
                attempt.phase() == Phase.HEADERS && sent != null && sent.body().length() <= SOON_SENT;
        if (waits && !awaitsHead) {
            awaitsHead = true;
            pass.awaitsHead();
        }
        return pass.isInVain(attempt.startNanos());
    }

    private void awaitsNoMore() {
        if (awaitsHead) {
            awaitsHead = false;
            pass.awaitsNoMore();
        }
    }

    /** The head of a response has come: lets its body come through what reads it. */
    BodyReader read(Attempt from, ResponseHead head, ResponseConsumer consumer) {
        pass.headCame(awaitsHead);
        awaitsHead = false;
        if (request.streamed() && head.isGood()) {
            pass.streamBegins(from.startNanos());
        }
        lastResponse = head.headers();
        from.begun(head, request.isChat());
        BodyReader reader;
        if (head.isGood()) {
            encoded = null;
            reader = consumer.open(from, from.head(), endpoint, mark);
        } else {
            reader = new ErrorResponseBody(from.head(), request, endpoint, mark, consumer);
        }
        from.read(reader);
        return reader;
    }

    /** Learns from a failure what concerns every caller in its scope. */
    void learn(KimiException failure, long sentNanos) {
        passage.learn(failure, sentNanos);
    }

    /** An attempt has failed. */
    void attemptFailed(AttemptFailure failed) {
        awaitsNoMore();
        if (failed.isUncounted()) {
            uncounted++;
        }
    }

    /** A good response is whole. */
    void succeeded() {
        recovery.succeeded();
        pass.succeeded(request.streamed());
    }

    /**
     * An attempt has failed in a way that speaks of the service.
     *
     * @param delivered whether something of its response was delivered
     */
    void failed(KimiException failure, boolean delivered) {
        if (delivered) {
            pass.cut(failure);
        } else {
            pass.failed(request.streamed(), failure);
        }
    }

    /** The call goes on elsewhere or has ended. */
    void left() {
        awaitsNoMore();
        pass.left();
    }

    /** @param usage what was used if it has succeeded, null if it has not */
    Settlement settlement(@Nullable Usage usage) {
        Usage used = usage == null ? Usage.NONE : usage;
        return endpoint.settlement(reserved, outcome(usage != null), used, lastResponse);
    }

    /** Whether the service may have counted an attempt. */
    boolean mayBePaid() {
        return attempts > uncounted;
    }

    private Settlement.Outcome outcome(boolean success) {
        if (success) {
            return Settlement.Outcome.COMPLETED;
        }
        return mayBePaid() ? Settlement.Outcome.UNKNOWN : Settlement.Outcome.NOT_COUNTED;
    }
}
