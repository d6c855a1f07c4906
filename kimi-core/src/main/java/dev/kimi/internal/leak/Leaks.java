package dev.kimi.internal.leak;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
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
    private static final int FIRST_PLACES = 256;
    private static final int PLACES_APART = 64;
    private static final Cleaner.Cleanable UNTRACKED = () -> {};

    private final String client;
    private final boolean tracked;
    private final boolean stacks;
    private final LongAdder streams = new LongAdder();
    private final AtomicInteger made = new AtomicInteger();
    private volatile @Nullable MadeHere clientMade;
    private volatile boolean closed;

    /** Made when the first handle is tracked, so that without tracking there is no thread. */
    private static final class Shared {
        // Not with a thread of our own making: the JDK's holds no class loader and no access control context.
        private static final Cleaner CLEANER = Cleaner.create();
    }

    /**
     * @param client the client's name in warnings
     * @param tracked false to look for no leaks at all
     * @param stacks true to remember the whole stack that made each stream, not only its place
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
        clientMade = tracked ? new MadeHere("the client was made here") : null;
        return clientMade;
    }

    /**
     * The stack of here, for a stream, when stacks are wanted; else its place, for the first streams of a client and
     * for some of the others, since walking a stack costs microseconds. Null for all that are not remembered.
     */
    public @Nullable StreamMade streamMade() {
        if (stacks) {
            return StreamMade.withStack();
        }
        if (!tracked) {
            return null;
        }
        int number = made.getAndIncrement();
        return number >= 0 && number < FIRST_PLACES || number % PLACES_APART == 0 ? StreamMade.withPlace() : null;
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
    public void streamDropped(@Nullable StreamMade made) {
        if (closed) {
            return;
        }
        streams.increment();
        LOG.log(
                System.Logger.Level.WARNING,
                "A ChatStream of the client '" + client + "' was dropped: not read to its end, not subscribed to and"
                        + " not closed. What it held was held until the garbage collector came, and is given back now."
                        + " Write try (ChatStream stream = client.stream(request)) { ... }."
                        + place(made)
                        + (stacks
                                ? ""
                                : " For the stack of its making, set kimi.leak-detection to stack, or"
                                        + " KimiClientBuilder.leakDetection(LeakDetection.STACK)."),
                made == null ? null : made.stack());
    }

    private String place(@Nullable StreamMade made) {
        if (made != null) {
            return " It was made at " + made.place() + ".";
        }
        MadeHere ofClient = clientMade;
        return ofClient == null ? "" : " Its client was made at " + ofClient.place() + ".";
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
