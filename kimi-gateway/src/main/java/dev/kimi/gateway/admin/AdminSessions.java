package dev.kimi.gateway.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.kimi.gateway.hash.Digests;
import dev.kimi.time.TimeSource;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is logged in at this instance. Kept in memory, the oldest of too many dropped: a restart or another instance asks
 * for the token again. Thread-safe.
 */
final class AdminSessions {

    static final Duration LIFETIME = Duration.ofHours(8);
    static final int MAX_SESSIONS = 64;

    private static final int BYTES = 32;

    private final TimeSource time;
    private final SecureRandom random;
    private final Map<String, Session> sessions = new LinkedHashMap<>();

    AdminSessions(TimeSource time, SecureRandom random) {
        this.time = time;
        this.random = random;
    }

    /** A session that has begun; the only time that its id is seen. */
    record Opened(String id, Session session) {}

    /**
     * @param guard what requests that change something must repeat in a header: another site can make a browser send
     *     the cookie, but cannot read this
     */
    record Session(String guard, long endNanos) {
        boolean guards(@Nullable String repeated) {
            return repeated != null && MessageDigest.isEqual(guard.getBytes(US_ASCII), repeated.getBytes(US_ASCII));
        }
    }

    synchronized Opened open() {
        String id = random(random);
        Session session = new Session(random(random), time.nanoTime() + LIFETIME.toNanos());
        sessions.put(key(id), session);
        Iterator<String> oldest = sessions.keySet().iterator();
        while (sessions.size() > MAX_SESSIONS) {
            oldest.next();
            oldest.remove();
        }
        return new Opened(id, session);
    }

    synchronized @Nullable Session find(String id) {
        String key = key(id);
        Session session = sessions.get(key);
        if (session != null && session.endNanos - time.nanoTime() <= 0) {
            sessions.remove(key);
            return null;
        }
        return session;
    }

    synchronized void close(String id) {
        sessions.remove(key(id));
    }

    /** Looked up by hash, so that the time that it takes says nothing about the ids that there are. */
    private static String key(String id) {
        return HexFormat.of().formatHex(Digests.ofSecret(id));
    }

    /** 256 bits that nobody guesses. */
    static String random(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
