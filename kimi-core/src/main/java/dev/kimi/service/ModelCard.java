package dev.kimi.service;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model that the service offers.
 *
 * @param id its name in requests
 * @param contextLength tokens that fit, prompt and response together; 0 when the service did not say
 * @param reasoning true when it reasons
 * @param imageInput true when it reads images
 * @param extra further fields as Java values, in order
 */
public record ModelCard(
        String id, long contextLength, boolean reasoning, boolean imageInput, Map<String, @Nullable Object> extra) {

    public ModelCard {
        Objects.requireNonNull(id, "id");
        extra = Collections.unmodifiableMap(new LinkedHashMap<>(extra));
    }
}
