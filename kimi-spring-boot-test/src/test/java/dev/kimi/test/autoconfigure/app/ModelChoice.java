package dev.kimi.test.autoconfigure.app;

import dev.kimi.KimiClientBuilder;
import dev.kimi.starter.KimiClientCustomizer;
import org.springframework.stereotype.Component;

@Component
class ModelChoice implements KimiClientCustomizer {

    @Override
    public void customize(KimiClientBuilder builder) {
        builder.model("kimi-k2.6");
    }
}
