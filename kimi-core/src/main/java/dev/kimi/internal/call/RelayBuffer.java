package dev.kimi.internal.call;

import dev.kimi.chat.Usage;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.relay.RelayItem;
import java.util.concurrent.Executor;

/** The buffer of a relayed response, and what is known of it while it arrives. */
final class RelayBuffer extends StreamBuffer<RelayItem> {

    /** Bytes that an event counts for: as many of them wait as of a chat. */
    private static final int EVENT = BodyBuffer.LOW_MARK / 32;

    private volatile Usage usage = Usage.NONE;
    private volatile boolean errorRelayed;

    RelayBuffer(Executor executor, Leaks leaks, CallMade made) {
        super(Leaks.Kind.RELAY, BodyBuffer.LOW_MARK, executor, leaks, made);
    }

    @Override
    int weight(RelayItem item) {
        if (item instanceof RelayItem.Bytes piece) {
            return piece.bytes().remaining();
        }
        return item instanceof RelayItem.Event ? EVENT : 0;
    }

    void used(Usage reported) {
        if (usage != reported) {
            usage = reported;
        }
    }

    Usage usage() {
        return usage;
    }

    /** The service itself reports an error, in the bytes added last. */
    void relaysError() {
        errorRelayed = true;
    }

    boolean errorRelayed() {
        return errorRelayed;
    }
}
