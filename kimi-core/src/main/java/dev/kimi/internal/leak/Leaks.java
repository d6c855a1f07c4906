package dev.kimi.internal.leak;

import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
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
    private static final int MAX_DROPPED = 100;
    private static final Cleaner.Cleanable UNTRACKED = () -> {};

    private final String client;
    private final boolean tracked;
    private final boolean stacks;
    private final LongAdder streams = new LongAdder();
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicInteger streamsMade = new AtomicInteger();
    private final AtomicInteger callsMade = new AtomicInteger();
    /** Streams that the program may still drop, with what says whether that would be a leak now. */
    private final Map<CallMade, BooleanSupplier> open = new ConcurrentHashMap<>();
    /** The latest streams that were dropped. Guarded by itself. */
    private final Deque<CallMade> dropped = new ArrayDeque<>();

    private volatile @Nullable CreationSite clientMade;
    private volatile boolean closed;

    /** Made when the first handle is tracked, so that without tracking there is no thread. */
    private static final class Shared {
        // Not with a thread of our own making: the JDK's holds no class loader and no access control context.
        private static final Cleaner CLEANER = Cleaner.create();
    }

    /** What a program can drop, and the method that makes it. */
    public enum Kind {
        CHAT("ChatStream", "stream(request)"),
        EXCHANGE("ServiceStream", "exchangeStream(request)"),
        RELAY("RelayResponse", "relay(request).join()");

        private final String type;
        private final String method;

        Kind(String type, String method) {
            this.type = type;
            this.method = method;
        }
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
    public @Nullable CreationSite clientMade() {
        clientMade = tracked ? new CreationSite("the client was made here") : null;
        return clientMade;
    }

    /**
     * The next call that is a stream: with the stack of here when stacks are wanted; else with its place, for the first
     * streams of a client and for some of the others, since walking a stack costs microseconds.
     */
    public CallMade streamMade() {
        long number = numbers.getAndIncrement();
        if (stacks) {
            return CallMade.withStack(number);
        }
        return tracked ? placed(number, streamsMade.getAndIncrement(), PLACES_APART) : CallMade.anywhere(number);
    }

    /** The next call that is no stream, with its place for the first ones of a client: it can be open, but no leak. */
    public CallMade callMade() {
        long number = numbers.getAndIncrement();
        // a counter that is past the first ones is only read: most calls come here
        boolean early = tracked && callsMade.get() < FIRST_PLACES;
        return early ? placed(number, callsMade.getAndIncrement(), Integer.MAX_VALUE) : CallMade.anywhere(number);
    }

    private static CallMade placed(long number, int ofItsKind, int apart) {
        boolean first = ofItsKind >= 0 && ofItsKind < FIRST_PLACES;
        return first || ofItsKind % apart == 0 ? CallMade.withPlace(number) : CallMade.anywhere(number);
    }

    /** Remembers the places of the next calls as of those of a new client. */
    public void rememberPlacesAgain() {
        streamsMade.set(0);
        callsMade.set(0);
    }

    /**
     * Lists the stream as open until its handle is cleaned.
     *
     * @param unread whether the program has still to read, subscribe to or close it
     */
    public void streamOpened(CallMade stream, BooleanSupplier unread) {
        if (tracked) {
            open.put(stream, unread);
        }
    }

    /** The handle of the stream was cleaned. */
    public void streamCleaned(CallMade stream) {
        open.remove(stream);
    }

    /** Streams that the program has still to read, subscribe to or close. None when nothing is tracked. */
    public List<CallMade> unreadStreams() {
        List<CallMade> unread = new ArrayList<>();
        open.forEach((stream, isUnread) -> {
            if (!closed && isUnread.getAsBoolean()) {
                unread.add(stream);
            }
        });
        return unread;
    }

    /** The latest streams that were dropped. */
    public List<CallMade> droppedStreams() {
        synchronized (dropped) {
            return List.copyOf(dropped);
        }
    }

    /** The program closed the client, and with it everything that it had open: nothing is a leak any more. */
    public void clientClosed() {
        closed = true;
    }

    /** Counts and reports a stream that was dropped. */
    public void streamDropped(CallMade stream, Kind kind) {
        if (closed) {
            return;
        }
        synchronized (dropped) {
            if (dropped.size() == MAX_DROPPED) {
                dropped.removeFirst();
            }
            dropped.addLast(stream);
        }
        streams.increment();
        LOG.log(
                System.Logger.Level.WARNING,
                "A " + kind.type + " of the client '" + client
                        + "' was dropped: not read to its end, not subscribed to and"
                        + " not closed. What it held was held until the garbage collector came, and is given back now."
                        + " Write try (" + kind.type + " stream = client." + kind.method + ") { ... }."
                        + place(stream)
                        + (stacks
                                ? ""
                                : " For the stack of its making, set kimi.leak-detection to stack, or"
                                        + " KimiClientBuilder.leakDetection(LeakDetection.STACK)."),
                stream.stack());
    }

    private String place(CallMade stream) {
        String known = stream.place();
        if (known != null) {
            return " It was made at " + known + ".";
        }
        CreationSite ofClient = clientMade;
        return ofClient == null ? "" : " Its client was made at " + ofClient.place() + ".";
    }

    /**
     * Counts and reports a client that was dropped.
     *
     * @param made where it was made, if known
     */
    public void clientDropped(@Nullable CreationSite made) {
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
