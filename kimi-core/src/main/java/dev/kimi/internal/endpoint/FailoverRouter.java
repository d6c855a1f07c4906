package dev.kimi.internal.endpoint;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RejectedException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends chat completions to the endpoints of a list, each call from the first to the last. Other operations know only
 * the first: what they ask for is written for its service. Immutable.
 */
public final class FailoverRouter implements Router {

    private final List<Endpoint> endpoints;

    /** @param endpoints in the order in which they are tried; at least one */
    public FailoverRouter(List<Endpoint> endpoints) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("a route needs an endpoint");
        }
        this.endpoints = List.copyOf(endpoints);
    }

    @Override
    public Endpoint first(CallRequest request) {
        return endpoints.get(0);
    }

    @Override
    public @Nullable Endpoint next(RoutedCall call, KimiException lastFailure) {
        int next = endpoints.indexOf(call.endpoint()) + 1;
        boolean routed = call.request() instanceof CallRequest.Chat && mayDifferElsewhere(lastFailure);
        return routed && next < endpoints.size() ? endpoints.get(next) : null;
    }

    /** Whether the failure is about the endpoint and not about what is asked for, or about this client. */
    private static boolean mayDifferElsewhere(KimiException failure) {
        if (failure instanceof RejectedException rejected) {
            return rejected.reason() != RejectedException.Reason.CLOSED;
        }
        return !(failure instanceof InvalidRequestException)
                && !(failure instanceof ContentFilteredException)
                && !(failure instanceof CallCancelledException);
    }
}
