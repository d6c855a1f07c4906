package dev.kimi.gateway.dialect;

import dev.kimi.chat.Provenance;
import java.util.Map;
import java.util.function.Predicate;

/** A protocol as the gateway speaks it with its clients. Stateless and thread-safe. */
public interface Dialect {

    /** {@link dev.kimi.chat.Provenance#OPENAI} or {@link dev.kimi.chat.Provenance#ANTHROPIC}. */
    String protocol();

    /**
     * Reads a chat request.
     *
     * @param body all of it; kept, and not to be changed
     * @throws GatewayException if it is no JSON, or not what the dialect calls a chat request
     */
    InboundChat read(InboundHead head, byte[] body);

    /**
     * For a response in another protocol.
     *
     * @param chat the request
     * @param requestId the gateway's own id of the call
     */
    ResponseWriter writer(InboundChat chat, String requestId);

    /** What keeps a stream alive in which nothing else flows: an event or a comment. */
    byte[] ping();

    /** The body of an error response. */
    byte[] error(GatewayError error, String requestId);

    /** What ends a stream that has not ended well. */
    byte[] errorEvent(GatewayError error, String requestId);

    /** The headers in which its clients look for the id of a request. */
    default Map<String, String> idHeaders(String requestId) {
        return Map.of("request-id", requestId);
    }

    /**
     * The protocol of who sends a request, as far as its path and headers show, be there anything at the path or not.
     *
     * @param hasHeader whether the request has a header of that name, in lower case
     */
    static String protocolOf(String path, Predicate<String> hasHeader) {
        if (path.contains("/chat/")) {
            return Provenance.OPENAI;
        }
        return path.contains("/messages") || hasHeader.test("anthropic-version") || hasHeader.test("x-api-key")
                ? Provenance.ANTHROPIC
                : Provenance.OPENAI;
    }
}
