package org.example.reactive;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

@SpringBootApplication
@RestController
public class ReactiveApplication {

    private final KimiClient kimi;

    ReactiveApplication(KimiClient kimi) {
        this.kimi = kimi;
    }

    public static void main(String[] args) {
        SpringApplication.run(ReactiveApplication.class, args);
    }

    @GetMapping("/chat")
    Mono<String> chat(@RequestParam String q) {
        return Mono.fromFuture(() -> kimi.chatAsync(ChatRequest.of(q))).map(ChatResponse::text);
    }
}
