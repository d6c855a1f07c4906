package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.ChatRequest;
import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.util.UserAgent;
import dev.kimi.service.ServiceRequest;
import dev.kimi.time.Timeouts;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes of what the caller asks for what is to be sent. Thread-safe. */
final class Planner {

    private static final Duration LONGEST_DEADLINE = Duration.ofDays(365);
    private static final Headers JSON =
            Headers.builder().add("content-type", "application/json").build();

    private final Protocol protocol;
    private final String model;
    private final URI baseUri;
    private final Timeouts timeouts;
    private final String userAgent;

    Planner(Protocol protocol, String userAgent, EngineSettings settings) {
        this.protocol = protocol;
        this.model = settings.model();
        this.baseUri = settings.baseUri();
        this.timeouts = settings.timeouts();
        this.userAgent = userAgent;
    }

    /** @throws KimiException if the service is known to refuse the request */
    CallPlan chat(ChatRequest request, boolean streamed) {
        return new CallPlan(
                streamed ? "stream" : "chat",
                request.model() == null ? model : request.model(),
                "POST",
                protocol.chatPath(),
                JSON,
                protocol.encode(request, model, streamed),
                protocol.bookedTokens(request, model),
                deadline(request.deadline()),
                streamed ? timeouts.headers() : timeouts.firstEvent(),
                streamed);
    }

    CallPlan models() {
        return service("models", ServiceRequest.get(protocol.modelsPath()));
    }

    CallPlan exchange(ServiceRequest request) {
        return service("exchange", request);
    }

    private CallPlan service(String operation, ServiceRequest request) {
        Headers.Builder headers = Headers.builder();
        request.headers().forEach(headers::add);
        return new CallPlan(
                operation,
                null,
                request.method(),
                request.path(),
                headers.build(),
                request.body(),
                0,
                deadline(request.deadline()),
                timeouts.firstEvent(),
                false);
    }

    private Duration deadline(@Nullable Duration wanted) {
        Duration deadline = wanted == null ? timeouts.total() : wanted;
        return deadline.compareTo(LONGEST_DEADLINE) > 0 ? LONGEST_DEADLINE : deadline;
    }

    TransportRequest request(CallPlan plan, Credentials credentials) {
        // What the credentials say wins over a caller's header of the same name.
        Headers asked = plan.headers().without(Set.of(credentials.headerName().toLowerCase(Locale.ROOT)));
        Headers.Builder headers =
                Headers.builder().addAll(protocol.fixedHeaders()).addAll(asked);
        if (asked.first("accept") == null) {
            headers.add("accept", plan.streamed() ? "text/event-stream" : "application/json");
        }
        if (asked.first(UserAgent.HEADER) == null) {
            headers.add(UserAgent.HEADER, userAgent);
        }
        headers.add(credentials.headerName(), credentials.headerValue());
        String prefix = baseUri.getRawPath();
        String target = prefix == null || prefix.isEmpty() ? plan.path() : prefix + plan.path();
        return new TransportRequest(plan.method(), baseUri, target, headers.build(), plan.body());
    }
}
