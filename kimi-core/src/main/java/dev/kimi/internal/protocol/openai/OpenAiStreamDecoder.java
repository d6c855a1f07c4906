package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.Tool;
import dev.kimi.internal.protocol.StreamDecoder;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.transport.Headers;
import java.util.List;

/** Reads an OpenAI-style response to a request for a stream, whose only good end is {@code [DONE]}. */
final class OpenAiStreamDecoder extends StreamDecoder {

    private final OpenAiPayloads payloads;

    OpenAiStreamDecoder(Headers headers) {
        this(headers, SseLimits.DEFAULT);
    }

    OpenAiStreamDecoder(Headers headers, SseLimits limits) {
        this(headers, limits, true);
    }

    /** A decoder for a response to a request that asked for a stream or did not. */
    OpenAiStreamDecoder(Headers headers, SseLimits limits, boolean askedFor) {
        this(headers, limits, new OpenAiPayloads(headers, askedFor));
    }

    private OpenAiStreamDecoder(Headers headers, SseLimits limits, OpenAiPayloads payloads) {
        super(headers, limits, payloads);
        this.payloads = payloads;
    }

    /** Takes the tools of the request as evidence for names of calls. */
    OpenAiStreamDecoder declare(List<Tool> tools) {
        payloads.declare(tools);
        return this;
    }
}
