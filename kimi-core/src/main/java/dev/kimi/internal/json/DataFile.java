package dev.kimi.internal.json;

import dev.kimi.internal.util.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of a JSON resource of this library, read member by member. Other than what reads responses it is strict: a
 * member that is missing, of another type, given twice or not read is an {@link IllegalStateException} that names it.
 */
public final class DataFile {

    private final String place;
    private final Map<String, Object> members;

    private DataFile(String place, Map<?, ?> members) {
        this.place = place;
        this.members = new LinkedHashMap<>();
        members.forEach((name, value) -> {
            if (value == null) {
                throw wrong(String.valueOf(name), "is null");
            }
            this.members.put(String.valueOf(name), value);
        });
    }

    /** Reads a resource beside a class. */
    public static DataFile read(Class<?> beside, String name) {
        return of(name, Resource.bytes(beside, name));
    }

    /** Reads a text; {@code name} is for messages. */
    public static DataFile of(String name, byte[] json) {
        try (JsonReader in = new JsonReader(json)) {
            if (!in.next() || !(in.anyUnique() instanceof Map<?, ?> members) || in.next()) {
                throw new IllegalStateException(name + " is not one JSON object");
            }
            return new DataFile(name, members);
        } catch (JsonException e) {
            throw new IllegalStateException(name + ": " + e.getMessage(), e);
        }
    }

    public String text(String name) {
        return take(name, String.class);
    }

    /** A text, or null when the member is missing. */
    public @Nullable String textOrNull(String name) {
        return members.containsKey(name) ? text(name) : null;
    }

    public int number(String name) {
        return Math.toIntExact(take(name, Long.class));
    }

    public double decimal(String name) {
        return take(name, Number.class).doubleValue();
    }

    public boolean flag(String name) {
        return take(name, Boolean.class);
    }

    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Object element : take(name, List.class)) {
            texts.add(cast(name, element, String.class));
        }
        return List.copyOf(texts);
    }

    public DataFile object(String name) {
        return new DataFile(place + ", " + name, take(name, Map.class));
    }

    public List<DataFile> objects(String name) {
        List<DataFile> objects = new ArrayList<>();
        for (Object element : take(name, List.class)) {
            objects.add(new DataFile(place + ", " + name + "[" + objects.size() + "]", cast(name, element, Map.class)));
        }
        return List.copyOf(objects);
    }

    /** The names that have not been read yet, in order. */
    public List<String> names() {
        return List.copyOf(members.keySet());
    }

    /** Says that nothing else is expected. */
    public void end() {
        if (!members.isEmpty()) {
            throw new IllegalStateException(place + ": unknown members " + members.keySet());
        }
    }

    private <T> T take(String name, Class<T> type) {
        return cast(name, members.remove(name), type);
    }

    private <T> T cast(String name, @Nullable Object value, Class<T> type) {
        if (!type.isInstance(value)) {
            throw wrong(
                    name,
                    value == null ? "is missing" : "is a " + value.getClass().getSimpleName());
        }
        return type.cast(value);
    }

    private IllegalStateException wrong(String name, String how) {
        return new IllegalStateException(place + ": " + name + " " + how);
    }
}
