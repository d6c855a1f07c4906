package dev.kimi.internal.governor;

import org.jspecify.annotations.Nullable;

/**
 * Where a call goes, in the terms that limits distinguish.
 *
 * @param endpoint the endpoint's address
 * @param model the model, as the service calls it, or null when the operation has none
 * @param modelClass what the service counts the model as, or null without a model
 */
public record LimitTarget(
        String endpoint, @Nullable String model, @Nullable String modelClass) {

    /** What goes to the endpoint without a model. */
    LimitTarget withoutModel() {
        return new LimitTarget(endpoint, null, null);
    }
}
