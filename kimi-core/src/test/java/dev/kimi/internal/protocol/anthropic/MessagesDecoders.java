package dev.kimi.internal.protocol.anthropic;

import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.transport.Headers;

/** Decoders with limits of their own, for tests of all protocols. */
public final class MessagesDecoders {

    private MessagesDecoders() {}

    public static ChatStreamDecoder limited(Headers headers, SseLimits limits) {
        return new MessagesStreamDecoder(headers, limits);
    }
}
