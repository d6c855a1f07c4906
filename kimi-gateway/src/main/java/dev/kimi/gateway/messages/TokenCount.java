package dev.kimi.gateway.messages;

/**
 * How many tokens a request may be read as, rather too many than too few, by the rules that the engine has for its own
 * requests: three bytes a token, and something for each message, tool and image. Not thread-safe.
 */
final class TokenCount {

    private static final int BYTES_PER_TOKEN = 3;
    private static final int PER_MESSAGE = 8;
    private static final int PER_TOOL = 16;
    private static final int PER_IMAGE = 1_600;
    /** A page of a PDF has 20 KB or more and up to 3,000 tokens. */
    private static final int DOCUMENT_BYTES_PER_TOKEN = 8;

    private long tokens;
    private long uncounted;

    void message() {
        tokens += PER_MESSAGE;
    }

    void tool() {
        tokens += PER_TOOL;
    }

    /** Bytes that the model does not read. */
    void uncounted(long bytes) {
        uncounted += bytes;
    }

    /** @param base64 how many bytes it has here; 0 when it is elsewhere */
    void file(String mediaType, long base64) {
        uncounted += base64;
        tokens += mediaType.startsWith("image/") || base64 == 0
                ? PER_IMAGE
                : Math.max(PER_IMAGE, base64 / DOCUMENT_BYTES_PER_TOKEN);
    }

    /** @param bytes of the whole request */
    long of(long bytes) {
        return tokens + (Math.max(0, bytes - uncounted) + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    }
}
