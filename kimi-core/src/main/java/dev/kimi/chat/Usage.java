package dev.kimi.chat;

/**
 * Tokens that a call used, normalised over services. Counts are 0 where the service said nothing.
 *
 * @param promptTokens tokens read, those from the cache included
 * @param completionTokens tokens written, reasoning included
 * @param totalTokens the service's own total
 * @param cachedTokens how many of the prompt's tokens came from the cache
 * @param reasoningTokens how many of the completion's tokens were reasoning
 */
public record Usage(
        long promptTokens, long completionTokens, long totalTokens, long cachedTokens, long reasoningTokens) {

    /** Nothing was used, or the service did not say. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0);
}
