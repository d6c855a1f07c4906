package dev.kimi.test.autoconfigure.local;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.autoconfigure.KimiServiceConnection;
import dev.kimi.test.autoconfigure.app.Application;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

class ApplicationForDevelopment {

    public static void main(String[] args) {
        SpringApplication.from(Application::main).with(Simulated.class).run(args);
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class Simulated {

        @Bean
        @KimiServiceConnection
        KimiSimulator kimiSimulator() {
            return KimiSimulator.builder()
                    .latency(Latency.of(Duration.ofMillis(300), Duration.ofMillis(20)))
                    .start();
        }
    }
}
