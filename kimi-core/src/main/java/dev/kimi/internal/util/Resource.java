package dev.kimi.internal.util;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** What lies beside a class in its jar. */
public final class Resource {

    private Resource() {}

    /** Its lines, each once. */
    static Set<String> lines(Class<?> beside, String name) {
        return Set.of(new String(bytes(beside, name), StandardCharsets.UTF_8).split("\n"));
    }

    /**
     * All of it.
     *
     * @throws IllegalStateException if there is none of that name
     */
    public static byte[] bytes(Class<?> beside, String name) {
        try (InputStream resource = beside.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("The resource " + name + " beside " + beside.getName()
                        + " is missing: pack kimi-core with its resources.");
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
