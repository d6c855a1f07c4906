package dev.kimi.readme;

import dev.kimi.KimiClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class Answers {

    private final KimiClient kimi;

    Answers(KimiClient kimi) {
        this.kimi = kimi;
    }

    @GetMapping("/answer")
    String answer(@RequestParam String question) {
        return kimi.chat(question).text();
    }
}
