package dev.kimi.observability;

import dev.kimi.event.CallEvent;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Bounds for tag values that come from outside, each alone and all together. Thread-safe. */
final class TagValues {

    private static final int MAX_COMBINATIONS = 500;
    private static final Series.Key REST = new Series.Key(TagMapper.OTHER, TagMapper.OTHER, TagMapper.OTHER);

    private final BoundedNames clients = new BoundedNames(100);
    private final BoundedNames operations = new BoundedNames(20);
    private final BoundedNames models = new BoundedNames(100);
    private final BoundedNames endpoints = new BoundedNames(100);
    private final Set<Series.Key> combinations = ConcurrentHashMap.newKeySet();

    Series.Key of(CallEvent.Started event) {
        Series.Key key = new Series.Key(
                clients.bound(event.client()),
                operations.bound(event.operation()),
                event.model() == null ? TagMapper.NONE : models.bound(event.model()));
        return combinations.contains(key) || add(key) ? key : REST;
    }

    String endpoint(@Nullable String name) {
        return name == null ? TagMapper.NONE : endpoints.bound(name);
    }

    private synchronized boolean add(Series.Key key) {
        return combinations.contains(key) || (combinations.size() < MAX_COMBINATIONS && combinations.add(key));
    }
}
