package dev.kimi.internal.leak;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What one client knows of its leaks: objects that must be closed and were dropped instead. What the program holds is a
 * thin handle that nothing of ours refers to; when the garbage collector finds it gone, the cleaning action gives back
 * what was behind it and reports here. Thread-safe.
 *
 * <p>All clients share one {@link Cleaner} and its one daemon thread, which starts with the first client that is
 * tracked: one for each client would be a thread for each client. It holds no state of a client beyond the handles that
 * are open, and dies with the class loader. The only number that is kept for the whole process is that of reclaimed
 * clients, since a client that is gone cannot be asked for it.
 */
public final class Leaks {

    private static final System.Logger LOG = System.getLogger("dev.kimi.leak");
    private static final LongAdder RECLAIMED_CLIENTS = new LongAdder();
    private static final Cleaner.Cleanable UNTRACKED = () -> {};

    private final String client;
    private final boolean tracked;
    private final boolean stacks;
    private final LongAdder streams = new LongAdder();
    private volatile boolean closed;

    /** Made when the first handle is tracked, so that without tracking there is no thread. */
    private static final class Shared {
        // Not with a thread of our own making: the JDK's holds no class loader and no access control context.
        private static final Cleaner CLEANER = Cleaner.create();
    }

    /**
     * @param client the client's name in warnings
     * @param tracked false to look for no leaks at all
     * @param stacks true to remember where each stream was made
     */
    public Leaks(String client, boolean tracked, boolean stacks) {
        this.client = client;
        this.tracked = tracked;
        this.stacks = tracked && stacks;
    }

    /**
     * Runs the action once: when the handle is gone, on the cleaner's thread, or at {@link Cleaner.Cleanable#clean()},
     * whichever comes first. Never, when nothing is tracked.
     *
     * @param action must not refer to the handle; finds out by itself whether there is something to clean
     */
    public Cleaner.Cleanable watch(Object handle, Runnable action) {
        return tracked ? Shared.CLEANER.register(handle, action) : UNTRACKED;
    }

    /** The stack of here, for a client: it is made rarely enough. Null when nothing is tracked. */
    public @Nullable MadeHere clientMade() {
        return tracked ? new MadeHere("the client was made here") : null;
    }

    /** The stack of here, for a stream. Null unless stacks are wanted. */
    public @Nullable MadeHere streamMade() {
        return stacks ? new MadeHere("the stream was made here") : null;
    }

    /** The program closed the client, and with it everything that it had open: nothing is a leak any more. */
    public void clientClosed() {
        closed = true;
    }

    /**
     * Counts and reports a stream that was dropped.
     *
     * @param made where it was made, if known
     */
    public void streamDropped(@Nullable MadeHere made) {
        if (closed) {
            return;
        }
        streams.increment();
        LOG.log(
                System.Logger.Level.WARNING,
                "A ChatStream of the client '" + client + "' was dropped: not read to its end, not subscribed to and"
                        + " not closed. What it held was held until the garbage collector came, and is given back now."
                        + " Write try (ChatStream stream = client.stream(request)) { ... }. "
                        + (made == null
                                ? "To see where it was made, set kimi.leak-detection to stack, or"
                                        + " KimiClientBuilder.leakDetection(LeakDetection.STACK)."
                                : "It was made at " + made.place() + "."),
                made);
    }

    /**
     * Counts and reports a client that was dropped.
     *
     * @param made where it was made, if known
     */
    public void clientDropped(@Nullable MadeHere made) {
        RECLAIMED_CLIENTS.increment();
        LOG.log(
                System.Logger.Level.WARNING,
                "The KimiClient '" + client + "' was dropped without being closed. It is closed now; its connections"
                        + " and threads were there until the garbage collector came. Make one client and keep it, or"
                        + " write try (KimiClient client = KimiClient.builder()...build()) { ... }."
                        + (made == null ? "" : " It was made at " + made.place() + "."),
                made);
    }

    /** Streams of this client that were dropped. */
    public long leakedStreams() {
        return streams.sum();
    }

    /** Clients of this process that were dropped. */
    public static long reclaimedClients() {
        return RECLAIMED_CLIENTS.sum();
    }
}
