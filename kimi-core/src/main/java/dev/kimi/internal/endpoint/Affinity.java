package dev.kimi.internal.endpoint;

import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where conversations have their prompt caches: by {@link CallRequest#sessionId} and model, for as long as a service
 * may keep what it has read. Those not used for longest are forgotten first. Thread-safe, without a lock on the way of
 * a call.
 */
final class Affinity {

    /** How long services keep a prompt that nobody asks them to keep. */
    static final Duration USUAL_LIFETIME = Duration.ofMinutes(5);

    /** No service keeps one for longer, whatever it is asked for. */
    private static final Duration LONGEST = Duration.ofDays(1);

    /** Of sessions in one generation; two are kept. */
    static final int GENERATION = 8_192;

    /** @param model as the caller calls it, null for the standard one; each has a cache of its own */
    private record Key(String session, @Nullable String model) {}

    private record Stay(Endpoint endpoint, long untilNanos) {}

    private final TimeSource time;
    private volatile Map<Key, Stay> young = new ConcurrentHashMap<>();
    private volatile Map<Key, Stay> old = Map.of();

    Affinity(TimeSource time) {
        this.time = time;
    }

    /** Where the conversation was, or null when that is not known or too long ago. */
    @Nullable Endpoint home(CallRequest request) {
        String session = request.sessionId();
        if (session == null) {
            return null;
        }
        Key key = new Key(session, request.model());
        Stay stay = young.get(key);
        if (stay == null) {
            stay = old.get(key);
        }
        return stay == null || stay.untilNanos() - time.nanoTime() <= 0 ? null : stay.endpoint();
    }

    /** The endpoint has read the conversation now. */
    void readAt(Endpoint endpoint, CallRequest request) {
        String session = request.sessionId();
        if (session == null) {
            return;
        }
        Duration wanted = request.cacheLifetime();
        Duration lifetime = wanted == null ? USUAL_LIFETIME : wanted.compareTo(LONGEST) < 0 ? wanted : LONGEST;
        Map<Key, Stay> current = young;
        current.put(new Key(session, request.model()), new Stay(endpoint, time.nanoTime() + lifetime.toNanos()));
        if (current.size() > GENERATION) {
            age(current);
        }
    }

    synchronized void reset() {
        young = new ConcurrentHashMap<>();
        old = Map.of();
    }

    private synchronized void age(Map<Key, Stay> full) {
        if (young == full) {
            old = full;
            young = new ConcurrentHashMap<>();
        }
    }
}
