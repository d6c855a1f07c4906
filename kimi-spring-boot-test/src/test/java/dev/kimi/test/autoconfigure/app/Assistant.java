package dev.kimi.test.autoconfigure.app;

import dev.kimi.KimiClient;
import org.springframework.stereotype.Service;

@Service
class Assistant {

    private final KimiClient kimi;

    Assistant(KimiClient kimi) {
        this.kimi = kimi;
    }

    String about(String topic) {
        return kimi.chat("Explain " + topic + " in two sentences.").text();
    }
}
