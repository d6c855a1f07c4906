package dev.kimi.gateway.key;

import dev.kimi.gateway.dialect.GatewayException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Decides who may call. Thread-safe, never blocks. */
public interface Gatekeeper {

    /**
     * Finds out whose credential it is.
     *
     * @param presented what the client has sent, in {@code authorization} (without {@code Bearer}) and
     *     {@code x-api-key}; where both are sent, both must be of one key
     * @throws GatewayException with status 401 if that is no valid key
     */
    Caller identify(Collection<char[]> presented);

    /** Who calls. */
    interface Caller {

        /** Id of the key, for logs, metrics and the admin page. */
        String keyId();

        /** Whether the key may use the model, by the name that the client uses. */
        boolean mayUse(String model);

        /**
         * Takes a place for a call, or says why there is none. What it gives must be settled.
         *
         * @param model by the name that the client uses, or null for what has none, such as a list of models
         * @param inputTokens an estimate
         * @param outputCap the most that may be written, 0 when that is not known
         * @param sessionId what calls of a conversation have in common, or null
         * @throws GatewayException with status 403, 404, 429 or 402
         */
        Admission admit(@Nullable String model, long inputTokens, long outputCap, @Nullable String sessionId);
    }
}
