package dev.kimi.test;

import dev.kimi.error.KimiException;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.transport.Headers;
import org.jspecify.annotations.Nullable;

/** What an endpoint responds, and what breaks it off. */
record FakeEndpoint(ServiceResponse response, @Nullable KimiException failure) {

    /** The failure as a response without a body, if the request wants that and it has a status, or else thrown. */
    ServiceResponse error(ServiceRequest request, KimiException thrown) {
        if (request.errorsAsResponses() && thrown.status() >= 400) {
            return new ServiceResponse(thrown.status(), Headers.empty(), new byte[0]);
        }
        throw thrown;
    }
}
