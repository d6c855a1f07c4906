package dev.kimi.test;

import dev.kimi.test.internal.ChatQuery;
import dev.kimi.test.internal.Pieces;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** What a reply says, rendered for one request. */
interface Content {

    Rendering render(RenderContext context);

    /**
     * The request, and what the response has to carry.
     *
     * @param query the request
     * @param number position among the inference requests, from 1
     * @param latency the pace in force
     * @param id id of the completion
     * @param requestId id of the request
     * @param created seconds since 1970
     * @param generated is notified of the number of generated tokens
     */
    record RenderContext(
            ChatQuery query,
            long number,
            Latency latency,
            String id,
            String requestId,
            long created,
            IntConsumer generated) {

        RenderContext charging(IntConsumer account) {
            return new RenderContext(query, number, latency, id, requestId, created, account);
        }
    }

    /**
     * A response ready to be sent.
     *
     * @param status HTTP status
     * @param contentType value of the header
     * @param whole the body if it is of one piece, else null
     * @param pieces the body step by step; a body of one piece comes as one step
     * @param delayNanos pause before a body of one piece
     * @param headers further headers
     */
    record Rendering(
            int status,
            String contentType,
            byte @Nullable [] whole,
            Pieces pieces,
            long delayNanos,
            Map<String, String> headers) {

        Rendering with(Map<String, String> more) {
            return new Rendering(status, contentType, whole, pieces, delayNanos, more);
        }
    }
}
