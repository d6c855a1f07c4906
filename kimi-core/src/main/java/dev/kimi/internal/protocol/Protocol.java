package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.error.KimiException;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One wire protocol, without state. It writes and reads; it does not send. */
public interface Protocol {

    /** Its name, which tags content and fields: {@link dev.kimi.chat.Provenance#OPENAI} or another. */
    String name();

    /** Path of chat requests below the base URL. */
    String chatPath();

    /** Path of counts of tokens below the base URL. */
    String countPath();

    /**
     * Path and query of the list of models below the base URL.
     *
     * @param after {@link ModelPage#next} of the page before, null for the first
     */
    String modelsPath(@Nullable String after);

    /**
     * Headers that every request of this protocol carries, besides credentials, accept and content type. A chat request
     * brings its own, these among them.
     */
    Headers fixedHeaders();

    /**
     * The headers of a request that a caller wrote: {@link #fixedHeaders}, without those that the caller brings, and
     * the caller's. Two lines of one name would be read as one value with a comma; where the service reads a list, the
     * values of both are in it.
     *
     * @param callers names in lower case
     */
    default Headers fixedHeadersWith(Map<String, String> callers) {
        Headers.Builder headers = Headers.builder().addAll(fixedHeaders().without(callers.keySet()));
        callers.forEach(headers::add);
        return headers.build();
    }

    /**
     * Writes a request as JSON. The same request for the same target gives the same bytes, and so do the messages of
     * each longer one that begins with them. For a count of tokens, what concerns the response is left out, such as a
     * cap, and what the service does not count.
     *
     * @param target where it goes; its model stands in place of any that the request names
     * @throws dev.kimi.error.InvalidRequestException if the service is known to reject it, or would read something else
     *     than was said
     */
    EncodedChat encode(ChatRequest request, EncodeTarget target);

    /**
     * Writes a request that the service has rejected so that the service may take it, with a note that says what was
     * changed.
     *
     * @return null when nothing can be changed because of such a rejection, or shall not be
     */
    default @Nullable EncodedChat encodeAgain(ChatRequest request, EncodeTarget target, KimiException rejection) {
        return null;
    }

    /** How many tokens the model will read, rather too many than too few. */
    long inputTokens(ChatRequest request);

    /**
     * The most tokens that the model may write, by the request or by the service's default; 0 when neither says.
     *
     * @param card what is known of the model
     */
    long outputCap(ChatRequest request, ModelCard card);

    /**
     * Reads a whole response with a 2xx status, in whatever form it came: a stream is put together to one response.
     *
     * @param body readable bytes are the whole body
     * @throws KimiException if it is no such response
     */
    ChatResponse decode(Headers headers, ByteBuffer body, ErrorContext context);

    /** Reads a page of the list of models. */
    ModelPage decodeModels(ByteBuffer body, ErrorContext context);

    /** Reads a count of tokens. */
    long decodeCount(ByteBuffer body, ErrorContext context);

    /** A reader for one streamed response with a 2xx status. */
    ChatStreamDecoder decoder(Headers headers);

    /**
     * A reader for one streamed response with a 2xx status.
     *
     * @param tools those of the request, as evidence for the names of calls that come in pieces
     */
    default ChatStreamDecoder decoder(Headers headers, List<Tool> tools) {
        return decoder(headers);
    }

    /**
     * Turns a response's status, headers and body into an exception. Errors are read alike in every protocol: gateways
     * put those of one before the other.
     *
     * @param body readable bytes are the body, possibly cut after some kilobytes, possibly empty, possibly no JSON
     */
    default KimiException error(int status, Headers headers, ByteBuffer body, ErrorContext context) {
        return ErrorClassifier.classify(status, headers, ErrorBodyReader.parse(FirstEvent.dataOf(body)), context);
    }
}
