package dev.kimi.internal.protocol.openai;

import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.transport.Headers;

/** Decoders with limits of their own, for tests of all protocols. */
public final class OpenAiDecoders {

    private OpenAiDecoders() {}

    public static ChatStreamDecoder limited(Headers headers, SseLimits limits) {
        return new OpenAiStreamDecoder(headers, limits);
    }

    public static boolean isOne(ChatStreamDecoder decoder) {
        return decoder instanceof OpenAiStreamDecoder;
    }
}
