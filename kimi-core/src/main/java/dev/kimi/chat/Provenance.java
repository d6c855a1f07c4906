package dev.kimi.chat;

import java.util.Objects;

/**
 * Who made a piece of content. Reasoning, and content that only its protocol knows, goes back to the service that made
 * it and to no other.
 *
 * @param protocol the form in which it came, {@link #OPENAI} or {@link #ANTHROPIC}; later versions may know more
 * @param service where it came from: host, port unless it is the scheme's own, and path of the base URL, such as
 *     {@code api.moonshot.ai}
 * @param model the model that was asked, as that service calls it
 */
public record Provenance(String protocol, String service, String model) {

    /** Chat completions, as OpenAI made them and Kimi and many others speak them. */
    public static final String OPENAI = "openai";

    /** Messages, as Anthropic made them. */
    public static final String ANTHROPIC = "anthropic";

    public Provenance {
        Objects.requireNonNull(protocol, "protocol");
        Objects.requireNonNull(service, "service");
        Objects.requireNonNull(model, "model");
    }

    /** Whether the other comes from the same service in the same form, from whatever model. */
    public boolean sameService(Provenance other) {
        return protocol.equals(other.protocol) && service.equals(other.service);
    }
}
