package dev.kimi.gateway.messages;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over the bytes of a request has found.
 *
 * @param model as the client names it
 * @param modelStart offset of the value's opening quote
 * @param modelEnd offset behind its closing quote
 * @param streamed whether a stream is wanted
 * @param maxTokens the cap, 0 when there is none
 * @param userId {@code metadata.user_id}, or null
 * @param sampling the first sampling parameter, or null when there is none
 * @param inputTokens an estimate
 * @param unsigned what to edit so that the thinking is gone which Claude has not signed; empty when there is none
 */
record ScannedBody(
        String model,
        int modelStart,
        int modelEnd,
        boolean streamed,
        long maxTokens,
        @Nullable String userId,
        @Nullable String sampling,
        long inputTokens,
        List<ByteEdits.Edit> unsigned) {}
