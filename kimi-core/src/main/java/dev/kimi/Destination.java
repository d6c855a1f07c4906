package dev.kimi;

import dev.kimi.chat.Provenance;
import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.endpoint.BookingPolicy;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the calls of a client go, and how: what its builder was given, and what follows from that where it was given
 * nothing.
 *
 * @param protocol how requests are written and responses read
 * @param baseUrl where the service is
 * @param model the model of requests that name none
 * @param booking what the service counts
 * @param keyHeader the header that a static key goes into, or null for {@code Authorization: Bearer}
 */
record Destination(
        Protocol protocol,
        URI baseUrl,
        String model,
        BookingPolicy booking,
        @Nullable String keyHeader) {

    static final URI KIMI = URI.create("https://api.moonshot.ai");
    static final URI CLAUDE = URI.create("https://api.anthropic.com");
    static final String KIMI_MODEL = "kimi-k3";

    private static final List<String> KIMIS = List.of("moonshot.ai", "moonshot.cn", "kimi.com", "kimi.ai");

    /** The path below which services whose own protocol is another one speak that of Messages. */
    private static final String SECOND_FACE = "/anthropic";

    /** @throws ConfigurationException if there is no such place, or clear text is not allowed there */
    static Destination of(EndpointDescription endpoint) {
        boolean messages = isMessages(endpoint.protocol, endpoint.baseUrl);
        URI baseUrl = endpoint.baseUrl != null ? endpoint.baseUrl : messages ? CLAUDE : KIMI;
        // Kimi, and others that have such a path, count as they do for their own protocol
        boolean second = path(baseUrl).endsWith(SECOND_FACE) || isKimi(baseUrl);
        boolean claude = messages && !second;
        BaseUrl.check(baseUrl, endpoint.allowInsecure);
        String version = endpoint.anthropicVersion != null
                ? endpoint.anthropicVersion
                : second ? MessagesProtocol.OLD_VERSION : MessagesProtocol.LATEST_VERSION;
        return new Destination(
                messages ? messages(endpoint, version) : new OpenAiProtocol(endpoint.toolSchemas),
                baseUrl,
                model(endpoint.model, claude, baseUrl),
                claude ? BookingPolicy.WRITTEN_COUNTED : BookingPolicy.CAP_BOOKED,
                messages && isAnthropic(baseUrl) ? "x-api-key" : null);
    }

    /** Who names the models there: for services of one provider they are the same. */
    String provider() {
        String host = baseUrl.getHost().toLowerCase(Locale.ROOT);
        return isKimi(baseUrl) ? "kimi" : isAnthropic(baseUrl) ? "anthropic" : host;
    }

    /** Whether this library has cards of the models there. */
    boolean hasKnownModels() {
        return isKimi(baseUrl) || isAnthropic(baseUrl);
    }

    private static Protocol messages(EndpointDescription endpoint, String version) {
        return new MessagesProtocol(version, endpoint.anthropicBeta, endpoint.thinkingMismatch, endpoint.toolSchemas);
    }

    /** Whether the protocol is that of Messages, which follows from the base URL where it is not set. */
    static boolean isMessages(@Nullable String protocol, @Nullable URI baseUrl) {
        if (protocol == null) {
            return baseUrl != null && (isAnthropic(baseUrl) || path(baseUrl).endsWith(SECOND_FACE));
        }
        return switch (protocol) {
            case Provenance.OPENAI -> false;
            case Provenance.ANTHROPIC -> true;
            default ->
                throw new ConfigurationException(
                        "kimi.protocol",
                        "There is no protocol " + protocol + ".",
                        "Write openai for chat completions or anthropic for Messages, or leave kimi.protocol out:"
                                + " it follows from kimi.base-url then.");
        };
    }

    private static boolean isAnthropic(URI baseUrl) {
        return isBelow(baseUrl, "anthropic.com");
    }

    private static boolean isKimi(URI baseUrl) {
        return KIMIS.stream().anyMatch(domain -> isBelow(baseUrl, domain));
    }

    private static boolean isBelow(URI baseUrl, String domain) {
        String host = baseUrl.getHost().toLowerCase(Locale.ROOT);
        return host.equals(domain) || host.endsWith("." + domain);
    }

    private static String path(URI baseUrl) {
        return baseUrl.getRawPath() == null ? "" : baseUrl.getRawPath();
    }

    private static String model(@Nullable String model, boolean claude, URI baseUrl) {
        if (model == null && claude) {
            throw new ConfigurationException(
                    "kimi.model",
                    "No model is set, and none is usual for the service at " + baseUrl.getHost() + ".",
                    "Name one in kimi.model, such as claude-sonnet-5-5.");
        }
        if (model != null && model.isBlank()) {
            throw new ConfigurationException(
                    "kimi.model", "The model has no name.", "Name one, such as kimi-k3, or leave kimi.model out.");
        }
        return model == null ? KIMI_MODEL : model;
    }
}
