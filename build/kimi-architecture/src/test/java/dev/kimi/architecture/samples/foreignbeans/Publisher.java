package dev.kimi.architecture.samples.foreignbeans;

import java.util.concurrent.Executor;
import org.springframework.context.annotation.Bean;

final class Publisher {
    @Bean
    Executor executor() {
        return Runnable::run;
    }
}
