package dev.kimi.vendor.internal;

import dev.kimi.error.KimiException;
import org.jspecify.annotations.Nullable;

/**
 * What only an SDK can say. Thread-safe.
 *
 * @param <R> its type of a response
 */
public interface VendorSdk<R> {

    /** The response as the SDK reads it. */
    R response(VendorResponse response);

    /** The exception that the SDK throws when there is no response, or none to its end. */
    RuntimeException ioFailure(@Nullable String message, Throwable cause);

    /** The exception of anything else that is no response; never one that the SDK would retry. */
    RuntimeException failure(@Nullable String message, @Nullable Throwable cause);

    /** The failure as the body of the service's error response, in JSON. */
    String errorBody(KimiException failure);
}
