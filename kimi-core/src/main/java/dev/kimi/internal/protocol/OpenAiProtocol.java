package dev.kimi.internal.protocol;

public final class OpenAiProtocol implements Protocol {
    public String chatPath() {
        return "/v1/chat/completions";
    }

    public String modelsPath() {
        return "/v1/models";
    }

    public dev.kimi.transport.Headers fixedHeaders() {
        return dev.kimi.transport.Headers.empty();
    }

    public byte[] encode(dev.kimi.chat.ChatRequest r, String m, boolean s) {
        throw new IllegalStateException();
    }

    public long bookedTokens(dev.kimi.chat.ChatRequest r, String m) {
        return 0;
    }

    public dev.kimi.chat.ChatResponse decode(dev.kimi.transport.Headers h, java.nio.ByteBuffer b, ErrorContext c) {
        throw new IllegalStateException();
    }

    public java.util.List<dev.kimi.service.ModelCard> decodeModels(java.nio.ByteBuffer b, ErrorContext c) {
        throw new IllegalStateException();
    }

    public ChatStreamDecoder decoder(dev.kimi.transport.Headers h) {
        throw new IllegalStateException();
    }

    public dev.kimi.error.KimiException error(
            int s, dev.kimi.transport.Headers h, java.nio.ByteBuffer b, ErrorContext c) {
        throw new IllegalStateException();
    }
}
