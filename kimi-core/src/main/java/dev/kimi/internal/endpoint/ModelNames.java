package dev.kimi.internal.endpoint;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is called at an endpoint. Immutable.
 *
 * @param standard the model of requests that name none, or whose model has no name here
 * @param names names here by the name that callers use, where a model that is missing is replaced by {@code standard};
 *     null where callers use the names of this endpoint
 */
public record ModelNames(String standard, @Nullable Map<String, String> names) {

    public ModelNames {
        names = names == null ? null : Map.copyOf(names);
    }

    /** Callers use the names of this endpoint, as they do for the one that a client is made for. */
    public static ModelNames asAsked(String standard) {
        return new ModelNames(standard, null);
    }

    /** The name here of the model that the caller asked for, or of the standard one. */
    public String of(@Nullable String asked) {
        if (asked == null) {
            return standard;
        }
        return names == null ? asked : names.getOrDefault(asked, standard);
    }
}
