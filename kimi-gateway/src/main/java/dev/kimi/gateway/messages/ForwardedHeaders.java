package dev.kimi.gateway.messages;

import dev.kimi.service.ServiceRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which headers of a client go to a service of the same protocol, with the values that they have. */
final class ForwardedHeaders {

    private static final String OPEN = "anthropic-";

    private final Set<String> extras;

    /**
     * @param extras names beside {@code anthropic-*}, in any case
     * @throws IllegalArgumentException if the engine or its transport writes one itself, as it does credentials
     */
    ForwardedHeaders(List<String> extras) {
        for (String name : extras) {
            if (ServiceRequest.isReserved(name)) {
                throw new IllegalArgumentException("The header " + name
                        + " of clients cannot go to services: the gateway or its transport writes it. Leave it out of"
                        + " kimi.gateway.messages.forwarded-headers.");
            }
        }
        this.extras =
                extras.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /** @param headers names in lower case */
    Map<String, String> of(Map<String, String> headers) {
        Map<String, String> forwarded = new HashMap<>();
        headers.forEach((name, value) -> {
            if ((name.startsWith(OPEN) || extras.contains(name)) && !ServiceRequest.isReserved(name)) {
                forwarded.put(name, value);
            }
        });
        return forwarded;
    }
}
