package dev.kimi.samples.benchmark.failover;

import java.util.Locale;

/** How the first service fails, for everybody, from one moment to another. */
enum Fault {
    NONE("none"),
    /** What is under way finishes. */
    REFUSED("connect refused"),
    /** What is under way is cut. */
    KILLED("killed, then connect refused"),
    UNAVAILABLE("503"),
    /** Requests are read, and nothing is said. */
    SILENCE("silence"),
    LIMITED("429, `Retry-After: 3600`"),
    CUT_HEAD("cut after the head"),
    CUT_CONTENT("cut after content");

    private final String label;

    Fault(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    /** Whether nobody listens at the port. */
    boolean closesPort() {
        return this == REFUSED || this == KILLED;
    }

    /** Whether it is the service itself that does it, and no proxy before it. */
    boolean isWithinResponse() {
        return this == CUT_HEAD || this == CUT_CONTENT;
    }

    /** As options and commands have it. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Fault of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
