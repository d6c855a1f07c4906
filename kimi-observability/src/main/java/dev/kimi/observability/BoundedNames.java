package dev.kimi.observability;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets the first so many names through and calls the rest {@code other}, so that names that come from outside cannot
 * make meters without end. Thread-safe.
 */
final class BoundedNames {

    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final int most;

    BoundedNames(int most) {
        this.most = most;
    }

    String bound(String name) {
        return known.contains(name) || add(name) ? name : TagMapper.OTHER;
    }

    private synchronized boolean add(String name) {
        return known.contains(name) || (known.size() < most && known.add(name));
    }
}
