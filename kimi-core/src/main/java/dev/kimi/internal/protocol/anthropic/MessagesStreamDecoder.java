package dev.kimi.internal.protocol.anthropic;

import dev.kimi.internal.protocol.StreamDecoder;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.transport.Headers;

/** Reads a streamed response of the Messages protocol, whose only good end is {@code message_stop}. */
final class MessagesStreamDecoder extends StreamDecoder {

    MessagesStreamDecoder(Headers headers) {
        this(headers, SseLimits.DEFAULT);
    }

    MessagesStreamDecoder(Headers headers, SseLimits limits) {
        super(headers, limits, new MessagesPayloads(headers));
    }
}
