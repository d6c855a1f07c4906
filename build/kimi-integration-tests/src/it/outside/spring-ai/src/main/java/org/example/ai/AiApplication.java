package org.example.ai;

import org.springframework.ai.tool.annotation.Tool;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.stereotype.Component;

/** Knows Spring AI, and Kimi by its settings only. */
@SpringBootApplication
public class AiApplication {

    public static void main(String[] args) {
        SpringApplication.run(AiApplication.class, args);
    }

    @Component
    static class Forecast {

        @Tool(description = "Millimetres of rain in a city within the next hours")
        int rain(String city, int hours) {
            return 4 * hours;
        }
    }
}
