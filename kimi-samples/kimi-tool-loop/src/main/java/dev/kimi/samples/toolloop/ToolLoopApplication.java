package dev.kimi.samples.toolloop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Start reading at {@link Journeys}, whose methods the model calls, and at {@link Advice}, which asks it. */
@SpringBootApplication
public class ToolLoopApplication {

    public static void main(String[] args) {
        SpringApplication.run(ToolLoopApplication.class, args).close();
    }
}
