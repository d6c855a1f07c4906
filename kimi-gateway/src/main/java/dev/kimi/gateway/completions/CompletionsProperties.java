package dev.kimi.gateway.completions;

import dev.kimi.service.ServiceRequest;
import java.util.List;
import java.util.Locale;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What clients that speak chat completions may do.
 *
 * @param passHeaders headers of clients that are sent on to services of the same protocol, such as openai-organization
 *     or x-msh-request-nonce. Credentials, and headers of the connection, cannot be.
 */
@ConfigurationProperties("kimi.gateway.completions")
record CompletionsProperties(@DefaultValue List<String> passHeaders) {

    CompletionsProperties {
        passHeaders = passHeaders.stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .toList();
        for (String name : passHeaders) {
            if (!name.matches("[a-z0-9_-]+") || ServiceRequest.isReserved(name)) {
                throw new IllegalArgumentException("kimi.gateway.completions.pass-headers: \"" + name
                        + "\" cannot be passed on. Write names of headers that are neither credentials nor the"
                        + " connection's own.");
            }
        }
    }
}
