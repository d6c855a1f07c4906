package dev.kimi.samples.quickstart;

import dev.kimi.KimiClient;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The whole response at once. When the call fails, the starter responds with a problem detail. */
@RestController
final class AskController {

    private final KimiClient kimi;
    private final KimiClient claude;

    AskController(KimiClient kimi, @Qualifier("claude") KimiClient claude) {
        this.kimi = kimi;
        this.claude = claude;
    }

    @GetMapping("/ask")
    String ask(@RequestParam String question) {
        return kimi.chat(question).text();
    }

    @GetMapping("/ask/claude")
    String askClaude(@RequestParam String question) {
        return claude.chat(question).text();
    }
}
