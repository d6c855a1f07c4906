package dev.kimi.gateway.key;

import dev.kimi.service.ModelCard;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a call asks of the limits and budgets of its key. Immutable.
 *
 * @param model by the name that the client uses, or null for what has none, such as a list of models, which counts as a
 *     request without tokens
 * @param inputTokens an estimate, rather too many than too few
 * @param outputCap the most that may be written by the request, 0 where it does not say
 * @param sessionId what the calls of a conversation have in common, or null
 * @param cards what is known of the models that the call may be sent to, at whatever endpoint: the dearest of them is
 *     reserved. Empty where no model is known; {@link #of} is for calls without one.
 */
public record AdmissionRequest(
        @Nullable String model,
        long inputTokens,
        long outputCap,
        @Nullable String sessionId,
        List<ModelCard> cards) {

    public AdmissionRequest {
        if (inputTokens < 0 || outputCap < 0) {
            throw new IllegalArgumentException("tokens cannot be negative");
        }
        cards = List.copyOf(Objects.requireNonNull(cards, "cards"));
    }

    /** Of an operation without a model, such as a list of models or a file. */
    public static AdmissionRequest of(@Nullable String sessionId) {
        return new AdmissionRequest(null, 0, 0, sessionId, List.of());
    }
}
