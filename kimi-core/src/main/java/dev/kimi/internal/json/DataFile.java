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

    private final @Nullable DataFile parent;
    private final String name;
    /** Place in the list of this name, or -1. */
    private final int index;

    private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

    private DataFile(@Nullable DataFile parent, String name, int index, Map<?, ?> members) {
        this.parent = parent;
        this.name = name;
        this.index = index;
        for (Map.Entry<?, ?> member : members.entrySet()) {
            this.members.put(String.valueOf(member.getKey()), member.getValue());
        }
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
            return new DataFile(null, name, -1, members);
        } catch (JsonException e) {
            throw new IllegalStateException(name + ": " + e.getMessage(), e);
        }
    }

    /** A value of any type, or null when the member is null or missing. */
    public @Nullable Object value(String name) {
        return members.remove(name);
    }

    public String text(String name) {
        return take(name, String.class);
    }

    /** A text, or null when the member is missing. */
    public @Nullable String textOrNull(String name) {
        return members.containsKey(name) ? text(name) : null;
    }

    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Object element : take(name, List.class)) {
            texts.add(cast(name, element, String.class));
        }
        return List.copyOf(texts);
    }

    public DataFile object(String name) {
        return new DataFile(this, name, -1, take(name, Map.class));
    }

    public List<DataFile> objects(String name) {
        List<DataFile> objects = new ArrayList<>();
        for (Object element : take(name, List.class)) {
            objects.add(new DataFile(this, name, objects.size(), cast(name, element, Map.class)));
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
            throw new IllegalStateException(place() + ": unknown members " + members.keySet());
        }
    }

    private <T> T take(String name, Class<T> type) {
        if (members.containsKey(name) && members.get(name) == null) {
            throw wrong(name, "is null");
        }
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
        return new IllegalStateException(place() + ": " + name + " " + how);
    }

    /** Where it stands. Put together only for a message: reading is part of the start of an application. */
    public String place() {
        String here = index < 0 ? name : name + "[" + index + "]";
        return parent == null ? here : parent.place() + ", " + here;
    }
}
