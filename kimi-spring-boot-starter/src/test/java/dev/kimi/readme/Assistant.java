package dev.kimi.readme;

import dev.kimi.KimiClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class Assistant {

    private final KimiClient kimi;

    Assistant(KimiClient kimi) {
        this.kimi = kimi;
    }

    @GetMapping("/ask")
    String ask(@RequestParam String question) {
        return kimi.chat(question).text();
    }
}
