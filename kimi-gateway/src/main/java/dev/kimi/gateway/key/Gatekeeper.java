package dev.kimi.gateway.key;

import dev.kimi.gateway.dialect.GatewayException;
import java.util.Collection;

/** Decides who may call. Thread-safe, never blocks. */
public interface Gatekeeper {

    /**
     * Finds out whose credential it is.
     *
     * @param presented what the client has sent, in {@code authorization} (without {@code Bearer}) and
     *     {@code x-api-key}; where both are sent, both must be of one key. Not kept; the caller may overwrite it.
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
         * Whether it may use every model and has no budget, which is what something needs that the gateway does not see
         * into, such as a batch. False by default.
         */
        default boolean isUnrestricted() {
            return false;
        }

        /**
         * Takes a place for a call, or says why there is none: all of what it needs, or nothing. What it gives must be
         * settled.
         *
         * @throws GatewayException with status 401 if the key was revoked meanwhile, 403 if it may not use the model,
         *     400 if the call can never fit its limits, 429 with the time to wait if it does not fit now, and 429 or
         *     402 without one if a budget is used up
         */
        Admission admit(AdmissionRequest request);
    }
}
