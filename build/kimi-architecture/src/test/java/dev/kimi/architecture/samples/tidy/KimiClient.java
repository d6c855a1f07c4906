package dev.kimi.architecture.samples.tidy;

import dev.kimi.architecture.samples.tidy.chat.ChatResponse;
import dev.kimi.architecture.samples.tidy.internal.call.Engine;
import java.util.ArrayList;
import java.util.List;

public final class KimiClient {
    private final Engine engine = new Engine();

    public List<ChatResponse> chat() {
        List<ChatResponse> responses = new ArrayList<>();
        Guard.run(() -> responses.addAll(engine.call()));
        return responses;
    }
}
