package dev.kimi.internal.call;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.internal.call.AttemptFailure.Evidence;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One exchange with the service, made for a call. It tells the call what happens, and keeps the one fact that two
 * threads race for: whether something of this attempt was delivered (the commit point) before it was given up.
 */
final class Attempt implements ExchangeHandler {

    private static final int OPEN = 0;
    private static final int COMMITTED = 1;
    private static final int DEAD = 2;

    private final Call call;
    private final int number;
    private final long startNanos;
    private final AtomicInteger fate = new AtomicInteger(OPEN);
    private @Nullable Exchange exchange;
    private volatile @Nullable BodyReader reader;
    private volatile boolean over;
    private final AtomicReference<@Nullable Runnable> atTheEnd = new AtomicReference<>();
    private boolean reported;
    private int status;
    private Headers headers = Headers.empty();
    private volatile @Nullable Unpacker unpacker;
    private final Silence silence;

    Attempt(Call call, int number, long startNanos) {
        this.call = call;
        this.number = number;
        this.startNanos = startNanos;
        this.silence = new Silence(call::nanoTime);
    }

    int number() {
        return number;
    }

    long startNanos() {
        return startNanos;
    }

    int status() {
        return status;
    }

    /** Whether the service says that it did what was asked. */
    boolean isGood() {
        return status >= 200 && status < 300;
    }

    /** Set by the call in the same turn that sends, so before any answer can be handled. */
    void sent(Exchange sentExchange) {
        this.exchange = sentExchange;
    }

    /**
     * The head of the answer has come. Nobody here asks for a packed body, but without a word about it RFC 9110 lets a
     * service or a proxy send one, and some label what they did not pack, or do not label what they did.
     *
     * @param isText whether the body can be nothing but text, so that gzip without a label is gzip
     */
    void answered(int answerStatus, Headers answerHeaders, boolean isText) {
        this.status = answerStatus;
        this.headers = answerHeaders;
        boolean[] labelled = {false};
        answerHeaders.forEach(
                (name, value) -> labelled[0] |= name.equalsIgnoreCase("content-encoding") && Unpacker.isCoding(value));
        if (labelled[0]) {
            this.headers = answerHeaders.without(Set.of("content-encoding", "content-length"));
        }
        if (labelled[0] || isText || !isGood()) {
            this.unpacker = new Unpacker(labelled[0]);
        }
    }

    /** What the service says about its answer, as it is once unpacked. */
    Headers headers() {
        return headers;
    }

    /** Lets the body come. */
    void read(BodyReader bodyReader) {
        this.reader = bodyReader;
        request(bodyReader.firstDemand());
    }

    @Nullable BodyReader reader() {
        return reader;
    }

    /** What a deadline that passes before the headers interrupts. */
    Phase phase() {
        Exchange current = exchange;
        return current == null ? Phase.HEADERS : current.phase();
    }

    void request(long chunks) {
        Exchange current = exchange;
        if (current != null && !over) {
            silence.begins();
            current.request(chunks);
        }
    }

    /** Asks for the next chunk without touching the watch for silence. */
    void requestNext() {
        Exchange current = exchange;
        if (current != null && !over) {
            current.request(1);
        }
    }

    Silence silence() {
        return silence;
    }

    /** Claims the right to deliver; once true, this attempt can no longer be retried. */
    boolean commit() {
        return fate.get() == COMMITTED || fate.compareAndSet(OPEN, COMMITTED);
    }

    boolean committed() {
        return fate.get() == COMMITTED;
    }

    /** Gives the attempt up unless it has delivered; once true, it never will. */
    boolean kill() {
        return fate.compareAndSet(OPEN, DEAD) || fate.get() == DEAD;
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
    public void onHeaders(int answerStatus, Headers answerHeaders) {
        call.headersArrived(this, answerStatus, answerHeaders);
    }

    @Override
    public void onBody(ByteBuffer chunk) {
        BodyReader current = reader;
        if (current == null || over) {
            return;
        }
        try {
            // What follows the end mark is only drained, so that the connection can serve again.
            if (!current.complete()) {
                feed(current, chunk);
                if (current.complete()) {
                    call.answerComplete(this);
                } else {
                    current.chunkRead();
                }
            }
        } catch (StreamFailure failure) {
            call.streamFailed(this, failure);
        } catch (Gunzip.BadBody bad) {
            if (isGood()) {
                call.streamFailed(this, unpackable(bad));
            } else {
                // the status says what went wrong
                call.answerComplete(this);
            }
        } catch (RuntimeException e) {
            call.readerBroke(this, e);
        } catch (Error e) {
            // memory or stack ran out: not ours to handle, but the caller must not wait for a time limit to hear of it
            call.readerBroke(this, e);
            throw e;
        }
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
        if (!to.complete()) {
            to.feed(piece);
        }
    }

    private StreamFailure unpackable(Gunzip.BadBody bad) {
        return new StreamFailure("packed body", context -> unpackable(bad, context));
    }

    private KimiException unpackable(Gunzip.BadBody bad, ErrorContext context) {
        return committed() && reader instanceof StreamReader stream
                ? Failures.garbled(stream.partial(), bad, context)
                : Failures.unpackable(bad, context);
    }

    @Override
    public void onComplete() {
        over();
        call.answerComplete(this);
    }

    @Override
    public void onFailure(TransportFailure failure) {
        over();
        call.exchangeFailed(this, failure);
    }

    /** The body is as whole as it will get: null for a good answer, or what it comes to. In turns of the call only. */
    @Nullable AttemptFailure conclude(Protocol protocol, ErrorContext context) {
        BodyReader body = Objects.requireNonNull(reader);
        Unpacker unpacking = unpacker;
        try {
            if (unpacking != null) {
                unpacking.flush(piece -> feedUnpacked(body, piece));
            }
            if (isGood()) {
                body.end(context);
                if (unpacking != null && !body.complete()) {
                    unpacking.end();
                }
                return null;
            }
        } catch (StreamFailure e) {
            return AttemptFailure.ofResponse(e.toException(context));
        } catch (Gunzip.BadBody e) {
            // the status of an error says what went wrong
            if (isGood()) {
                return AttemptFailure.ofResponse(unpackable(e, context));
            }
        } catch (KimiException e) {
            return AttemptFailure.ofResponse(e);
        } catch (RuntimeException e) {
            return new AttemptFailure(Failures.unreadable(e, context), isGood() ? Evidence.PAID : Evidence.NONE);
        }
        return refusal(protocol, (Collector) body, context);
    }

    private AttemptFailure refusal(Protocol protocol, Collector body, ErrorContext context) {
        try {
            return AttemptFailure.of(protocol.error(status, headers, body.body(), context));
        } catch (RuntimeException e) {
            return AttemptFailure.of(Failures.unreadable(e, context));
        }
    }

    /** The exchange broke: what that comes to. In turns of the call only. */
    AttemptFailure broke(TransportFailure failure, ErrorContext context) {
        BodyReader body = reader;
        if (body instanceof StreamReader stream) {
            return AttemptFailure.of(Failures.truncated(stream.partial(), failure.cause(), context));
        }
        boolean begun = body != null;
        KimiException exception = Failures.of(failure, begun, context);
        return begun ? AttemptFailure.of(exception) : AttemptFailure.ofTransport(exception, failure);
    }

    boolean isOver() {
        return over;
    }

    /** True the first time: an attempt's end is told once. Called in turns of the call only. */
    boolean report() {
        boolean first = !reported;
        reported = true;
        return first;
    }
}
