package dev.kimi.internal.protocol;

import dev.kimi.chat.Tool;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.service.ModelCard.Fact;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The schemas of tools as a model gets them: as they are or, where its card wants that and the client or the tool too,
 * in Moonshot's flavour. The same schema becomes the same text each time. Thread-safe.
 */
public final class ToolSchemas {

    /** Every model gets them as they are, but those of tools that say otherwise. */
    public static final ToolSchemas AS_IS = new ToolSchemas(false);

    /** A program that makes schemas as it goes gets them written each time beyond that many. */
    private static final int MAX_KEPT = 1_000;

    private final boolean normalises;
    private final Map<String, Written> kept = new ConcurrentHashMap<>();

    /**
     * What became of a schema.
     *
     * @param changes what was changed, or null for nothing
     * @param fault why it cannot be written, or null
     */
    private record Written(
            String json, @Nullable String changes, @Nullable String fault) {}

    private ToolSchemas(boolean normalises) {
        this.normalises = normalises;
    }

    /** Those whose models want Moonshot's flavour get it. */
    public static ToolSchemas normalised() {
        return new ToolSchemas(true);
    }

    /**
     * The schema of the tool's parameters, which is not blank; changes are noted.
     *
     * @throws InvalidRequestException if there is no such schema for the model
     */
    public String of(Tool tool, EncodeTarget target, Omissions omissions) {
        String schema = tool.parameters();
        if (!(normalises || tool.hasNormalisedSchema()) || !target.card().flag(Fact.MOONSHOT_SCHEMAS)) {
            return schema;
        }
        Written written = kept.get(schema);
        if (written == null) {
            written = write(schema);
            if (kept.size() < MAX_KEPT) {
                kept.put(schema, written);
            }
        }
        if (written.fault() != null && tool.hasNormalisedSchema()) {
            return schema;
        }
        if (written.fault() != null) {
            throw CardRules.rejection(
                    "tools",
                    "The schema of the tool " + tool.name() + " " + written.fault() + ".",
                    "Give a schema without recursion, or leave schemas as they are (kimi.tool-schemas: as-is).");
        }
        if (written.changes() != null) {
            omissions.schema(tool.name(), written.changes());
        }
        return written.json();
    }

    private static Written write(String schema) {
        Map<?, ?> root = read(schema);
        if (root == null) {
            return new Written(schema, null, null);
        }
        try {
            MoonshotSchema moonshot = new MoonshotSchema(root);
            Map<String, @Nullable Object> all = moonshot.normalised();
            String changes = moonshot.changes();
            String json = changes == null
                    ? schema
                    : new String(new JsonWriter().any(all).toByteArray(), StandardCharsets.UTF_8);
            return new Written(json, changes, null);
        } catch (MoonshotSchema.Impossible e) {
            return new Written(schema, null, e.getMessage());
        } catch (JsonException e) {
            // nested too deeply
            return new Written(schema, null, MoonshotSchema.TOO_LARGE);
        }
    }

    /** Null for what is no object: whoever writes the request, or the service, says so. */
    private static @Nullable Map<?, ?> read(String schema) {
        try (JsonReader in = new JsonReader(schema.getBytes(StandardCharsets.UTF_8))) {
            return in.next() && in.any() instanceof Map<?, ?> root && !in.next() ? root : null;
        } catch (JsonException e) {
            return null;
        }
    }
}
