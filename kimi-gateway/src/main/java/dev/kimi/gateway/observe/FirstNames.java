package dev.kimi.gateway.observe;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The first so many values of a tag; those that come later are {@code other}. Thread-safe. */
final class FirstNames {

    static final String OTHER = "other";
    static final String NONE = "none";

    private final ConcurrentMap<String, String> names = new ConcurrentHashMap<>();
    private final int most;

    FirstNames(int most) {
        this.most = most;
    }

    /** The bound is kept to within the number of threads that bring a new name at the same moment. */
    String of(@Nullable String name) {
        if (name == null) {
            return NONE;
        }
        String known = names.get(name);
        if (known != null) {
            return known;
        }
        return names.size() < most ? names.computeIfAbsent(name, first -> first) : OTHER;
    }
}
