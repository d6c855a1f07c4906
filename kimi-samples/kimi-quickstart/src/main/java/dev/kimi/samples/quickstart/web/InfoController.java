package dev.kimi.samples.quickstart.web;

import dev.kimi.test.KimiSimulator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Profile;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells the page which service and model respond. */
@RestController
@Profile("!batch")
final class InfoController {

    private final Info info;

    InfoController(
            @Value("${kimi.model}") String model,
            @Value("${kimi.base-url}") String endpoint,
            ObjectProvider<KimiSimulator> simulator) {
        this.info = new Info(model, endpoint, simulator.getIfAvailable() != null);
    }

    @GetMapping("/api/info")
    Info info() {
        return info;
    }

    record Info(String model, String endpoint, boolean simulated) {}
}
