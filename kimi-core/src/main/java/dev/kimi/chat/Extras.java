package dev.kimi.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks and copies the free JSON values that go into requests, so that a wrong one fails where it was written. */
final class Extras {

    private Extras() {}

    static Map<String, Object> with(Map<String, Object> old, String field, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(old);
        copy.put(Objects.requireNonNull(field, "field"), Objects.requireNonNull(checked(field, value)));
        return Collections.unmodifiableMap(copy);
    }

    private static @Nullable Object checked(String field, @Nullable Object value) {
        if (value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof BigInteger
                || value instanceof BigDecimal) {
            return value;
        }
        if (value instanceof Double number && Double.isFinite(number)) {
            return value;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>(list.size());
            list.forEach(item -> copy.add(checked(field, item)));
            return Collections.unmodifiableList(copy);
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put(String.valueOf(key), checked(field, item)));
            return Collections.unmodifiableMap(copy);
        }
        throw new IllegalArgumentException("the field " + field + " holds no JSON but a "
                + value.getClass().getName()
                + "; use String, Boolean, Integer, Long, BigInteger, BigDecimal, finite Double,"
                + " List, Map or null inside those");
    }
}
