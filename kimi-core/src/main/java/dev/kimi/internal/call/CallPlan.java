package dev.kimi.internal.call;

import dev.kimi.transport.Headers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a call is to send and how long it may take.
 *
 * @param operation its name in events
 * @param model the model asked for, or null
 * @param method HTTP method
 * @param path path and query below the base URL
 * @param headers headers besides credentials and those of the protocol
 * @param body the body, empty for none
 * @param bookedTokens tokens to reserve
 * @param deadline time for the whole call
 * @param answerLimit time from sending to response headers when streamed, else to the end of the answer
 * @param streamed true when the answer is a stream
 */
record CallPlan(
        String operation,
        @Nullable String model,
        String method,
        String path,
        Headers headers,
        byte[] body,
        long bookedTokens,
        Duration deadline,
        Duration answerLimit,
        boolean streamed) {}
