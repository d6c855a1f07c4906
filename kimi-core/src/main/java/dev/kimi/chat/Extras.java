package dev.kimi.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Further fields of a request or message, for one protocol each. Values are checked and copied, so that a wrong one
 * fails where it was written. Immutable.
 *
 * @param own for the protocol of the client
 * @param tagged by protocol
 */
record Extras(Map<String, Object> own, Map<String, Map<String, Object>> tagged) {

    static final Extras NONE = new Extras(Map.of(), Map.of());

    private static final Set<String> PROTOCOLS = Set.of(Provenance.OPENAI, Provenance.ANTHROPIC);

    Extras with(String field, Object value) {
        return new Extras(with(own, field, value), tagged);
    }

    Extras with(String protocol, String field, Object value) {
        if (!PROTOCOLS.contains(protocol)) {
            throw new IllegalArgumentException("there is no protocol \"" + protocol + "\": use " + Provenance.OPENAI
                    + " or " + Provenance.ANTHROPIC);
        }
        Map<String, Map<String, Object>> copy = new LinkedHashMap<>(tagged);
        copy.put(protocol, with(of(protocol), field, value));
        return new Extras(own, Collections.unmodifiableMap(copy));
    }

    Map<String, Object> of(String protocol) {
        return tagged.getOrDefault(protocol, Map.of());
    }

    private static Map<String, Object> with(Map<String, Object> old, String field, Object value) {
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
