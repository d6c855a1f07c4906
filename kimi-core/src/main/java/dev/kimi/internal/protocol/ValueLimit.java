package dev.kimi.internal.protocol;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is kept of a response as it came. A byte of JSON can be thirty of objects, so that the limits of bytes
 * alone would let a stream grow into gigabytes.
 */
public final class ValueLimit {

    private static final int MAX_VALUES = 1 << 20;

    private long count;

    /**
     * Counts a value and all in it.
     *
     * @throws UnreadableResponse if there are more than any response should hold
     */
    public void add(@Nullable Object value) {
        addAll(1);
        Collection<?> inner =
                value instanceof Map<?, ?> map ? map.values() : value instanceof Collection<?> list ? list : null;
        if (inner != null) {
            inner.forEach(this::add);
        }
    }

    /**
     * Counts as many values.
     *
     * @throws UnreadableResponse if there are more than any response should hold
     */
    public void addAll(long values) {
        count += values;
        if (count > MAX_VALUES) {
            throw new UnreadableResponse("it holds more values than any response should");
        }
    }
}
