package dev.kimi.test;

import dev.kimi.test.internal.Piece;
import dev.kimi.test.internal.Pieces;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;

/**
 * Plays a body to one client: as fast as the pauses and the client's reading allow. When the client stops reading, the
 * write queue fills and nothing more is made until it drains.
 */
final class Player {

    /** A client that reads fast must not keep the event loop from the others. */
    private static final int PIECES_PER_TURN = 64;

    private final ServerExchange exchange;
    private final Pieces pieces;
    private final boolean resetOnCut;
    private long dueNanos;

    Player(ServerExchange exchange, Pieces pieces, boolean resetOnCut) {
        this.exchange = exchange;
        this.pieces = pieces;
        this.resetOnCut = resetOnCut;
        this.dueNanos = exchange.nanoTime();
    }

    void play() {
        for (int i = 0; i < PIECES_PER_TURN; i++) {
            if (exchange.over()) {
                return;
            }
            if (exchange.response().writeQueueFull()) {
                exchange.whenDrained(this::play);
                return;
            }
            Piece piece = pieces.next();
            if (piece.delayNanos() > 0) {
                exchange.later(pause(piece), () -> {
                    if (send(piece)) {
                        play();
                    }
                });
                return;
            }
            if (!send(piece)) {
                return;
            }
        }
        exchange.nextTurn(this::play);
    }

    /** Counts from the time the last piece was due, so that pauses do not add up their own lateness. */
    private long pause(Piece piece) {
        long now = exchange.nanoTime();
        dueNanos += piece.delayNanos();
        if (dueNanos < now) {
            dueNanos = now;
        }
        return dueNanos - now;
    }

    private boolean send(Piece piece) {
        switch (piece.kind()) {
            case EVENT, DONE, BYTES -> {
                exchange.write(Buffer.buffer(piece.bytes()));
                return true;
            }
            case HOLD -> exchange.when(Objects.requireNonNull(piece.until()), this::play);
            case END -> exchange.finish(null);
            case CUT -> exchange.cutAfterWrites(resetOnCut);
            case TORN -> exchange.tear(piece.bytes(), piece.promised(), resetOnCut);
            case STALL -> {
                // nothing more is sent; the client's close ends the exchange
            }
        }
        return false;
    }
}
