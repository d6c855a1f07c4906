package dev.kimi.internal.protocol;

import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import java.nio.charset.StandardCharsets;

/** JSON text of the arguments of a tool call. */
public final class ToolArguments {

    private ToolArguments() {}

    /**
     * Whether the text is one JSON object in which no name comes twice: of two members of one name the service's
     * filters and the tool may each see another.
     */
    public static boolean areWhole(String json) {
        try (JsonReader in = new JsonReader(json.getBytes(StandardCharsets.UTF_8))) {
            return in.next() && in.isObject() && in.skipUnique() && !in.next();
        } catch (JsonException e) {
            return false;
        }
    }
}
