package dev.kimi.samples.chatpage;

import dev.kimi.starter.KimiConnectionDetails;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Says to the page which service and model respond. */
@RestController
final class InfoController {

    private static final String SIMULATOR = "kimiSimulator";

    private final Info info;

    InfoController(@Value("${kimi.model:kimi-k3}") String model, KimiConnectionDetails service, BeanFactory beans) {
        this.info = new Info(model, service.getBaseUrl(), beans.containsBean(SIMULATOR));
    }

    @GetMapping("/api/info")
    Info info() {
        return info;
    }

    record Info(String model, String endpoint, boolean simulated) {}
}
