package dev.kimi.sim;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.nio.ByteBuffer;

/**
 * One exchange that plays its script, within the contract of a transport: one call of the handler at a time, chunks
 * only on demand, and after an abort at most the one call that had begun. What needs no time may happen within the
 * engine's own call ({@code send}, {@code request}), as it may with a transport that responds from a buffer. A few
 * break the contract at the end: they go on talking after it.
 */
final class SimExchange implements Exchange {

    /** So many events may wait for whoever takes them, one of them not read to its end, when more is asked for. */
    private static final int MAX_UNREAD = 33;

    private int matched;
    private int eventsRead;
    private final World world;
    private final SimCall call;
    private final Chance chance;
    private final Dialect dialect;
    private final Script script;
    private final ExchangeHandler handler;
    private final boolean eager;
    private final boolean chatters;
    private int next;
    private long demand;
    private boolean waitsForDemand;
    private boolean inHandler;
    private boolean over;
    private boolean played;
    private boolean aborted;
    private boolean answered;
    private int status;
    private final int attempt;
    private long lastLife;

    SimExchange(SimCall call, Chance chance, Dialect dialect, Script script, ExchangeHandler handler) {
        this.world = call.world();
        this.call = call;
        this.chance = chance;
        this.dialect = dialect;
        this.script = script;
        this.handler = handler;
        this.attempt = call.attempts();
        this.lastLife = world.now();
        this.eager = chance.oneIn(3);
        this.chatters = chance.oneIn(30);
    }

    Script script() {
        return script;
    }

    Dialect dialect() {
        return dialect;
    }

    boolean over() {
        return over;
    }

    /** True when the handler was notified of the end that the script has. */
    boolean played() {
        return played;
    }

    void begin() {
        world.note(call.number(), "  exchange plays", script.name);
        goOn();
    }

    /** Plays whatever needs no time, then has itself woken for what does. */
    private void goOn() {
        while (!over && !waitsForDemand && next < script.steps.size()) {
            Script.Step step = script.steps.get(next);
            if (step.delayNanos() > 0 || !eager) {
                world.at(step.delayNanos(), this::due);
                return;
            }
            if (!ready(step)) {
                return;
            }
            take(step);
        }
    }

    private void due() {
        if (!over && ready(script.steps.get(next))) {
            take(script.steps.get(next));
            goOn();
        }
    }

    private boolean ready(Script.Step step) {
        waitsForDemand = step instanceof Script.Step.Body && demand == 0;
        return !waitsForDemand;
    }

    private void take(Script.Step step) {
        next++;
        inHandler = true;
        tell(step);
        inHandler = false;
        if (over && chatters) {
            chatter();
        }
    }

    private void tell(Script.Step step) {
        if (step instanceof Script.Step.Head head) {
            world.note(call.number(), "  headers", head.status());
            answered = true;
            status = head.status();
            lastLife = world.now();
            if (call.exchange() == this && call.record().isOpen() && !aborted) {
                call.record().path().headCame();
            }
            handler.onHeaders(head.status(), head.headers());
        } else if (step instanceof Script.Step.Body body) {
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            world.note(call.number(), "  chunk of", body.bytes().length);
            lastLife = world.now();
            read(body.bytes());
            handler.onBody(ByteBuffer.wrap(body.bytes()));
        } else if (step instanceof Script.Step.Fail fail) {
            end("  fails:", fail.failure());
            handler.onFailure(fail.failure());
        } else {
            end("  body ends", "");
            handler.onComplete(Headers.empty());
        }
    }

    private void end(String what, Object detail) {
        world.note(call.number(), what, detail);
        played = !over;
        over = true;
    }

    /** A transport with a bug: it talks although it said that it was over. */
    private void chatter() {
        world.note(call.number(), "  talks after its end");
        handler.onHeaders(200, Headers.empty());
        handler.onBody(ByteBuffer.wrap(new byte[] {'d', 'a', 't', 'a', ':'}));
        handler.onFailure(TransportFailure.of(Kind.RESET, true, null));
        handler.onComplete(Headers.empty());
    }

    @Override
    public void request(long chunks) {
        world.check(chunks > 0, call.number(), "asked for " + chunks + " chunks");
        if (over) {
            return;
        }
        lastLife = demand == 0 ? world.now() : lastLife;
        demand = demand + chunks < 0 ? Long.MAX_VALUE : demand + chunks;
        world.check(
                chunks > 1 || call.exchange() != this || !call.isReading() || eventsRead - call.taken() <= MAX_UNREAD,
                call.number(),
                "reads on although nobody takes what was read");
        world.interleave(chance);
        if (waitsForDemand && !over) {
            waitsForDemand = false;
            if (eager && !inHandler) {
                take(script.steps.get(next));
                goOn();
            } else {
                world.at(0, this::due);
            }
        }
    }

    @Override
    public void abort() {
        if (over) {
            return;
        }
        world.note(call.number(), "  aborted");
        if (call.exchange() == this) {
            call.record().path().aborts();
        }
        over = true;
        aborted = true;
        boolean more = next < script.steps.size() && ready(script.steps.get(next));
        if (more && chance.oneIn(4)) {
            // the call of the handler that had begun when the abort came
            Script.Step begun = script.steps.get(next++);
            if (inHandler || chance.oneIn(2)) {
                world.at(chance.nanos(1, 50_000_000), () -> tell(begun));
            } else {
                tell(begun);
            }
        } else {
            world.interleave(chance);
        }
    }

    /** The transport is closed. */
    void refuse() {
        if (!over) {
            over = true;
            world.note(call.number(), "  ended by the closing transport");
            handler.onFailure(SimTransport.closedFailure());
        }
    }

    boolean aborted() {
        return aborted;
    }

    /** The status that the handler got, 0 for none. */
    int status() {
        return status;
    }

    boolean isOfAttempt(int number) {
        return number == attempt;
    }

    /** Whether more is asked for, or was until this moment. */
    boolean isAsked() {
        return demand > 0 || lastLife == world.now();
    }

    /** For how long nothing has come although it was asked for. */
    long silence() {
        return demand > 0 ? world.now() - lastLife : 0;
    }

    /** Counts the events with text. */
    private void read(byte[] bytes) {
        String text = dialect.text;
        for (byte one : bytes) {
            matched = one == text.charAt(matched) ? matched + 1 : one == text.charAt(0) ? 1 : 0;
            if (matched == text.length()) {
                matched = 0;
                eventsRead++;
            }
        }
    }

    /** True when the handler was notified of response headers. */
    boolean answered() {
        return answered;
    }
}
