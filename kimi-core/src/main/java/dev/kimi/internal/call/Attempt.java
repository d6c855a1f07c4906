package dev.kimi.internal.call;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.internal.call.AttemptFailure.Evidence;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.util.Gunzip;
import dev.kimi.internal.util.Unpacker;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One exchange with the service, made for a call. It notifies the call of what happens, and keeps the one fact that two
 * threads race for: whether something of this attempt was delivered (the commit point) before it was cancelled.
 */
final class Attempt implements ExchangeHandler, BodySource {

    /** The call that the attempt is made for. Notified on any thread. */
    interface Owner {

        /** The head of a response has come. */
        void headersArrived(Attempt from, ResponseHead head);

        /**
         * The response is as whole as it will get, although its body may have a few bytes to go. Notified of again at
         * the end of a body that trails.
         */
        void responseComplete(Attempt from);

        /** What was read cannot be part of a good response. */
        void streamFailed(Attempt from, StreamFailure failure);

        /** A bug of ours or of a plug-in while reading. */
        void readerBroke(Attempt from, Throwable e);

        /** The exchange broke. */
        void exchangeFailed(Attempt from, TransportFailure failure);
    }

    private final Owner call;
    private final int number;
    private final String endpoint;
    private final long startNanos;
    private final CommitPoint commitPoint;
    private final int side;
    private @Nullable Exchange exchange;
    private @Nullable Upload upload;
    private volatile @Nullable BodyReader reader;
    private volatile boolean over;
    private final AtomicReference<@Nullable Runnable> atTheEnd = new AtomicReference<>();
    private boolean reported;
    private ResponseHead head = ResponseHead.NONE;
    private volatile @Nullable Unpacker unpacker;
    private final Silence silence;

    /** @param endpoint the name of the endpoint that it is sent to */
    Attempt(Owner call, int number, String endpoint, long startNanos, LongSupplier clock) {
        this(call, number, endpoint, startNanos, clock, null);
    }

    /**
     * @param endpoint the name of the endpoint that it is sent to
     * @param rival the commit point of the attempt that this one is made beside, or null
     */
    Attempt(Owner call, int number, String endpoint, long startNanos, LongSupplier clock, @Nullable CommitPoint rival) {
        this.commitPoint = rival == null ? new CommitPoint() : rival;
        this.side = rival == null ? CommitPoint.FIRST : CommitPoint.SECOND;
        this.call = call;
        this.number = number;
        this.endpoint = endpoint;
        this.startNanos = startNanos;
        this.silence = new Silence(clock);
    }

    /** Of an attempt that has none beside it. */
    CommitPoint commitPoint() {
        return commitPoint;
    }

    int number() {
        return number;
    }

    String endpoint() {
        return endpoint;
    }

    long startNanos() {
        return startNanos;
    }

    /** The head of the response, its headers as they are once the body is unpacked. */
    ResponseHead head() {
        return head;
    }

    /** Set by the call in the same turn that sends, so before any response can be handled. */
    void sent(Exchange sentExchange) {
        this.exchange = sentExchange;
    }

    /**
     * The head of the response has come. Nobody here asks for a packed body, but without a word about it RFC 9110 lets
     * a service or a proxy send one, and some label what they did not pack, or do not label what they did.
     *
     * @param isText whether the body can be nothing but text, so that gzip without a label is gzip
     */
    void begun(ResponseHead arrived, boolean isText) {
        boolean[] labelled = {false};
        arrived.headers()
                .forEach((name, value) ->
                        labelled[0] |= name.equalsIgnoreCase("content-encoding") && Unpacker.isCoding(value));
        this.head = labelled[0]
                ? new ResponseHead(
                        arrived.status(), arrived.headers().without(Set.of("content-encoding", "content-length")))
                : arrived;
        if (labelled[0] || isText || !head.isGood()) {
            this.unpacker = new Unpacker(labelled[0]);
        }
    }

    /** Lets the body come. */
    void read(BodyReader bodyReader) {
        this.reader = bodyReader;
        request(bodyReader.firstDemand());
    }

    @Nullable BodyReader reader() {
        return reader;
    }

    /** The request has a body that is streamed; set before it is sent. */
    void sends(Upload streamed) {
        this.upload = streamed;
    }

    /** The moment from which on the service lets others wait: that one, or when it took some of the body since. */
    long waitsSinceNanos(long nanos) {
        Upload streamed = upload;
        long moved = streamed == null ? nanos : streamed.movedNanos();
        return moved - nanos > 0 ? moved : nanos;
    }

    /** Whether content of the response has come to its consumer. */
    boolean contentBegun() {
        BodyReader current = reader;
        return current != null && current.contentBegun();
    }

    /** What a deadline that passes before the headers interrupts. */
    Phase phase() {
        Exchange current = exchange;
        return current == null ? Phase.HEADERS : current.phase();
    }

    @Override
    public void request(long chunks) {
        Exchange current = exchange;
        if (current != null && !over) {
            silence.begins();
            current.request(chunks);
        }
    }

    @Override
    public void requestNext() {
        Exchange current = exchange;
        if (current != null && !over) {
            current.request(1);
        }
    }

    @Override
    public Silence silence() {
        return silence;
    }

    @Override
    public boolean commit() {
        return commitPoint.commit(side);
    }

    @Override
    public boolean committed() {
        return commitPoint.committed(side);
    }

    /** Gives the attempt up unless it has delivered; once true, it never will. */
    boolean kill() {
        return commitPoint.kill(side);
    }

    /** Ends the exchange, whatever it is doing. */
    void abort() {
        kill();
        over();
        Exchange current = exchange;
        if (current != null) {
            current.abort();
        }
    }

    /** Runs the task once the exchange is over; at once if it is. At most one task, given by the engine. */
    void whenOver(Runnable task) {
        atTheEnd.set(task);
        if (over) {
            runAtTheEnd();
        }
    }

    private void over() {
        over = true;
        Unpacker unpacking = unpacker;
        if (unpacking != null) {
            unpacking.close();
        }
        runAtTheEnd();
    }

    private void runAtTheEnd() {
        Runnable task = atTheEnd.getAndSet(null);
        if (task != null) {
            task.run();
        }
    }

    @Override
    public void onHeaders(int status, Headers headers) {
        call.headersArrived(this, new ResponseHead(status, headers));
    }

    @Override
    public void onBody(ByteBuffer chunk) {
        BodyReader current = reader;
        if (current == null || over) {
            return;
        }
        try {
            read(current, chunk);
        } catch (StreamFailure failure) {
            call.streamFailed(this, failure);
        } catch (Gunzip.BadBody bad) {
            if (head.isGood() && !current.complete()) {
                call.streamFailed(this, new StreamFailure("packed body", context -> current.unpackable(bad, context)));
            } else {
                // the status says what went wrong
                call.responseComplete(this);
            }
        } catch (RuntimeException e) {
            call.readerBroke(this, e);
        } catch (Error e) {
            // memory or stack ran out: not ours to handle, but the caller must not wait for a time limit to hear of it
            call.readerBroke(this, e);
            throw e;
        }
    }

    /** What follows the end mark is only drained, so that the connection can serve again, unless somebody gets it. */
    private void read(BodyReader by, ByteBuffer chunk) {
        boolean before = by.complete();
        if (before && !by.trails()) {
            return;
        }
        feed(by, chunk);
        if (by.complete() && !before) {
            call.responseComplete(this);
        }
        if (!by.complete() || by.trails()) {
            by.chunkRead();
        }
    }

    /** Whether more of a body is waited for whose response is complete. */
    boolean trails() {
        BodyReader current = reader;
        return current != null && current.trails() && !over;
    }

    private void feed(BodyReader to, ByteBuffer chunk) {
        Unpacker unpacking = unpacker;
        if (unpacking == null) {
            to.feed(chunk);
            return;
        }
        unpacking.feed(chunk, piece -> feedUnpacked(to, piece));
    }

    private static void feedUnpacked(BodyReader to, ByteBuffer piece) {
        if (!to.complete() || to.trails()) {
            to.feed(piece);
        }
    }

    @Override
    public void onComplete(Headers trailers) {
        over();
        call.responseComplete(this);
    }

    @Override
    public void onFailure(TransportFailure failure) {
        over();
        BodyReader current = reader;
        if (current != null && current.trails()) {
            call.responseComplete(this);
        } else {
            call.exchangeFailed(this, failure);
        }
    }

    /** The body is as whole as it will get: null for a good response, or what it comes to. In turns of the call. */
    @Nullable AttemptFailure conclude(ErrorContext context) {
        BodyReader body = Objects.requireNonNull(reader);
        boolean good = head.isGood();
        try {
            unpackTheRest(body, good);
            body.end(context);
            Unpacker unpacking = unpacker;
            if (unpacking != null && !body.complete()) {
                unpacking.end();
            }
            return null;
        } catch (StreamFailure e) {
            return AttemptFailure.ofResponse(e.toException(context));
        } catch (Gunzip.BadBody e) {
            return AttemptFailure.ofResponse(body.unpackable(e, context));
        } catch (KimiException e) {
            return AttemptFailure.ofResponse(e);
        } catch (RuntimeException e) {
            return new AttemptFailure(Failures.unreadable(e, context), good ? Evidence.PAID : Evidence.NONE);
        }
    }

    private void unpackTheRest(BodyReader body, boolean good) {
        Unpacker unpacking = unpacker;
        if (unpacking == null) {
            return;
        }
        try {
            unpacking.flush(piece -> feedUnpacked(body, piece));
        } catch (Gunzip.BadBody e) {
            // the status of an error says what went wrong
            if (good && !body.complete()) {
                throw e;
            }
        }
    }

    /** The exchange broke: what that comes to. In turns of the call only. */
    AttemptFailure broke(TransportFailure failure, ErrorContext context) {
        BodyReader body = reader;
        return body == null
                ? AttemptFailure.ofTransport(Failures.of(failure, context), failure)
                : AttemptFailure.of(body.broken(failure, context));
    }

    boolean isOver() {
        return over;
    }

    /** True the first time: an attempt's end is reported once. Called in turns of the call only. */
    boolean report() {
        boolean first = !reported;
        reported = true;
        return first;
    }
}
