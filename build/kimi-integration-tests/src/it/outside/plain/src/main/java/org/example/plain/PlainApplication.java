package org.example.plain;

import dev.kimi.KimiClient;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Calls once and ends. */
@SpringBootApplication
public class PlainApplication {

    public static void main(String[] args) {
        SpringApplication.run(PlainApplication.class, args);
    }

    @Bean
    CommandLineRunner call(KimiClient kimi) {
        return args -> System.out.println("Response: " + kimi.chat("Hello?").text());
    }
}
