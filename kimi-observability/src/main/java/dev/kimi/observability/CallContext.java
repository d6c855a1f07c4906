package dev.kimi.observability;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;

/**
 * Says that the observation is one side of an exchange with a remote service, so that tracing makes a client span of
 * it. Nothing is added to the request: trace ids are no business of a service outside.
 */
final class CallContext extends SenderContext<CallContext> {

    CallContext(String client) {
        super((carrier, key, value) -> {}, Kind.CLIENT);
        setCarrier(this);
        setRemoteServiceName("kimi " + client);
    }
}
