package dev.kimi.internal.protocol;

import dev.kimi.internal.json.JsonReader;
import dev.kimi.service.ModelCard;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a list of models: {@code {"data":[…]}} or the list alone. Entries without an id are left out. Claude's comes in
 * pages: {@code has_more}, and {@code last_id} to ask for what is after it.
 */
public final class ModelListReader {

    private static final JsonReader.Names ROOT = JsonReader.Names.of("data", "has_more", "last_id");
    private static final JsonReader.Names MODEL =
            JsonReader.Names.of("id", "context_length", "supports_reasoning", "supports_image_in");

    private ModelListReader() {}

    /** @throws dev.kimi.error.ServerException if there is no list */
    public static ModelPage read(ByteBuffer body, ErrorContext context) {
        return UnreadableResponse.atEdge(context, () -> read(body));
    }

    private static ModelPage read(ByteBuffer body) {
        try (JsonReader in = JsonReader.of(body)) {
            if (!in.next()) {
                throw new UnreadableResponse("it is empty");
            }
            if (in.isArray()) {
                return new ModelPage(list(in), null);
            }
            List<ModelCard> models = null;
            boolean more = false;
            String last = null;
            if (in.beginObject()) {
                for (int name = in.nextName(ROOT); name != JsonReader.END; name = in.nextName(ROOT)) {
                    switch (name) {
                        case 0 -> models = in.isArray() ? list(in) : skip(in, models);
                        case 1 -> more = in.bool(false);
                        case 2 -> last = in.text();
                        default -> in.skip();
                    }
                }
            }
            if (models == null) {
                throw new UnreadableResponse("it holds no list of models");
            }
            return new ModelPage(models, more && last != null && !last.isEmpty() ? last : null);
        }
    }

    private static @Nullable List<ModelCard> skip(JsonReader in, @Nullable List<ModelCard> models) {
        in.skip();
        return models;
    }

    private static List<ModelCard> list(JsonReader in) {
        List<ModelCard> models = new ArrayList<>();
        in.beginArray();
        while (in.nextElement()) {
            ModelCard card = in.beginObject() ? model(in) : null;
            if (card != null) {
                models.add(card);
            }
        }
        return List.copyOf(models);
    }

    private static @Nullable ModelCard model(JsonReader in) {
        ModelCard.Builder card = ModelCard.builder("");
        String id = null;
        Map<String, @Nullable Object> extra = new LinkedHashMap<>();
        for (int name = in.nextName(MODEL); name != JsonReader.END; name = in.nextName(MODEL)) {
            switch (name) {
                case 0 -> id = in.text();
                case 1 -> card.contextLength(Math.max(in.number(0), 0));
                case 2 -> card.reasoning(in.bool(false));
                case 3 -> card.imageInput(in.bool(false));
                default -> extra.put(in.name(), in.any());
            }
        }
        ListedFacts.take(card, extra);
        return id == null || id.isEmpty() ? null : card.id(id).extra(extra).build();
    }
}
