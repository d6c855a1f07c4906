package dev.kimi.gateway.messages;

import dev.kimi.chat.Usage;

/** Counts of tokens in the terms of the protocol, whose input leaves out what the cache had to do with. */
final class UsageJson {

    private UsageJson() {}

    /** When the response begins and nothing is counted yet. */
    static void write(SseBytes out, long inputTokens) {
        write(out, Math.max(1, inputTokens), 0, 0, 0);
        out.raw("}");
    }

    /**
     * When it has ended.
     *
     * @param inputTokens an estimate, for a service that has counted nothing
     * @param outputTokens the same
     */
    static void write(SseBytes out, Usage usage, long inputTokens, long outputTokens) {
        boolean counted = usage.promptTokens() > 0;
        write(
                out,
                counted ? usage.uncachedTokens() : Math.max(1, inputTokens),
                usage.cacheWriteTokens(),
                usage.cachedTokens(),
                usage.completionTokens() > 0 ? usage.completionTokens() : outputTokens);
        out.raw(",\"output_tokens_details\":{\"thinking_tokens\":")
                .number(usage.reasoningTokens())
                .raw("}}");
    }

    private static void write(SseBytes out, long input, long written, long read, long output) {
        out.raw("{\"input_tokens\":")
                .number(input)
                .raw(",\"cache_creation_input_tokens\":")
                .number(written)
                .raw(",\"cache_read_input_tokens\":")
                .number(read)
                .raw(",\"output_tokens\":")
                .number(output);
    }
}
