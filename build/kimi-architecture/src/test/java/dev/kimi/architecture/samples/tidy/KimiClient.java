package dev.kimi.architecture.samples.tidy;

import dev.kimi.architecture.samples.tidy.chat.ChatResponse;
import dev.kimi.architecture.samples.tidy.internal.call.Engine;
import java.util.List;

public final class KimiClient {
    private final Engine engine = new Engine();

    public List<ChatResponse> chat() {
        return engine.call();
    }
}
