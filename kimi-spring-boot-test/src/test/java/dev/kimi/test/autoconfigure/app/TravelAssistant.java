package dev.kimi.test.autoconfigure.app;

import dev.kimi.chat.ChatRequest;
import dev.kimi.tool.ToolLoop;
import org.springframework.stereotype.Service;

@Service
class TravelAssistant {

    private final ToolLoop loop;

    TravelAssistant(ToolLoop loop) {
        this.loop = loop;
    }

    String ask(String question) {
        return loop.run(ChatRequest.of(question)).text();
    }
}
