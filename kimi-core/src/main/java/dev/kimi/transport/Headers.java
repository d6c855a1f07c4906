package dev.kimi.transport;

import dev.kimi.internal.util.HttpText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Headers in order, found without regard to case. Immutable; prints names only, since values may be secrets. CR, LF and
 * NUL are rejected; beyond that a response may have sent anything, and {@link TransportRequest} takes only what may
 * stand in a request.
 */
public final class Headers {

    private static final Headers EMPTY = new Headers(new String[0]);

    /** Names (lower case) and values in turns: small, and quick to walk. */
    private final String[] pairs;

    private Headers(String[] pairs) {
        this.pairs = pairs;
    }

    public static Headers empty() {
        return EMPTY;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The first value of that name, or null. */
    public @Nullable String first(String name) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i].equalsIgnoreCase(name)) {
                return pairs[i + 1];
            }
        }
        return null;
    }

    /** Visits names (lower case) and values in order. */
    public void forEach(BiConsumer<String, String> visitor) {
        for (int i = 0; i < pairs.length; i += 2) {
            visitor.accept(pairs[i], pairs[i + 1]);
        }
    }

    /**
     * These headers without those of some names.
     *
     * @param names in lower case
     */
    public Headers without(Set<String> names) {
        Builder kept = builder();
        forEach((name, value) -> {
            if (!names.contains(name)) {
                kept.add(name, value);
            }
        });
        return kept.build();
    }

    /** Number of header lines. */
    public int size() {
        return pairs.length / 2;
    }

    @Override
    public String toString() {
        List<String> names = new ArrayList<>();
        forEach((name, value) -> names.add(name));
        return "Headers" + names;
    }

    /** Collects headers. Not thread-safe. */
    public static final class Builder {
        private final ArrayList<String> pairs = new ArrayList<>(16);

        private Builder() {}

        /**
         * Adds a header line.
         *
         * @throws IllegalArgumentException if name or value hold CR, LF or NUL, or the name is empty
         */
        public Builder add(String name, String value) {
            Objects.requireNonNull(value, "value");
            boolean unsafeName = name.isEmpty() || HttpText.splits(name);
            if (unsafeName || HttpText.splits(value)) {
                throw new IllegalArgumentException("the header " + (unsafeName ? "name" : name)
                        + " holds a character that could split the request (CR, LF or NUL)");
            }
            pairs.add(lower(name));
            pairs.add(value);
            return this;
        }

        /** Adds all of them. */
        public Builder addAll(Headers headers) {
            headers.forEach(this::add);
            return this;
        }

        public Headers build() {
            return pairs.isEmpty() ? EMPTY : new Headers(pairs.toArray(new String[0]));
        }

        private static String lower(String name) {
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                if (c >= 'A' && c <= 'Z') {
                    return name.toLowerCase(Locale.ROOT);
                }
            }
            return name;
        }
    }
}
