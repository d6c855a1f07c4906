package dev.kimi.samples.quickstart;

import dev.kimi.KimiClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The whole response at once. When the call fails, the starter responds with a problem detail. */
@RestController
final class AskController {

    private final KimiClient kimi;

    AskController(KimiClient kimi) {
        this.kimi = kimi;
    }

    @GetMapping("/ask")
    String ask(@RequestParam String question) {
        return kimi.chat(question).text();
    }
}
