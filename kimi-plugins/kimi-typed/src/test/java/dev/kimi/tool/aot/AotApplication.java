package dev.kimi.tool.aot;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.tool.ToolLoop;
import dev.kimi.tool.ToolMethod;
import dev.kimi.tool.Tools;
import dev.kimi.typed.TypedChat;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Lets Kimi and Claude use the tools of its beans, reads a record, and ends. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class AotApplication {

    public record Place(String name, Optional<String> country) {}

    public record Train(String to, int minutes) {}

    static class Trains {
        @ToolMethod("Trains from a place")
        List<Train> trains(Place from) {
            return List.of(new Train("Zug from " + from.name(), 56));
        }
    }

    @Bean
    Trains timetable() {
        return new Trains();
    }

    @Bean
    Both both(ToolLoop loop, Tools tools, @Qualifier("claude") KimiClient claude, TypedChat typed) {
        return new Both(loop, tools, claude, typed);
    }

    record Both(ToolLoop loop, Tools tools, KimiClient claude, TypedChat typed) {}

    public static void main(String[] args) {
        ChatRequest question = ChatRequest.of("Which train?");
        try (ConfigurableApplicationContext context = SpringApplication.run(AotApplication.class, args)) {
            Both both = context.getBean(Both.class);
            System.out.println(both.loop.run(question).text());
            try (ToolLoop loop = ToolLoop.builder(both.claude).tools(both.tools).build()) {
                System.out.println(loop.run(question, Train.class).value());
            }
            System.out.println(both.typed.chat(question, Train.class).value());
            System.out.println("generated " + System.getProperty("spring.aot.enabled"));
        }
    }
}
