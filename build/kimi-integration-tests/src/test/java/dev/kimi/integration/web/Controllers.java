package dev.kimi.integration.web;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Message;
import dev.kimi.service.ModelCard;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What an application may write in either stack; nothing here waits on an event loop. */
@RestController
class Controllers {

    static final String QUESTION = "my secret diary";

    private final KimiClient kimi;

    Controllers(KimiClient kimi) {
        this.kimi = kimi;
    }

    @GetMapping("/future")
    CompletableFuture<ChatResponse> future() {
        return kimi.chatAsync(ChatRequest.of(QUESTION));
    }

    @GetMapping("/dependent-future")
    CompletableFuture<String> dependentFuture() {
        return kimi.chatAsync(ChatRequest.of(QUESTION))
                .thenApply(ChatResponse::text)
                .thenApply(String::strip);
    }

    @GetMapping("/mono")
    Mono<ChatResponse> mono() {
        return Mono.fromFuture(() -> kimi.chatAsync(ChatRequest.of(QUESTION)));
    }

    @GetMapping("/flux")
    Flux<ChatEvent> flux() {
        return Flux.defer(() -> JdkFlowAdapter.flowPublisherToFlux(kimi.stream(ChatRequest.of(QUESTION))));
    }

    @GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<ChatEvent> events() {
        return flux();
    }

    @GetMapping("/thrown")
    Mono<String> thrown() {
        return failure().flatMap(Mono::error);
    }

    @GetMapping("/completion")
    Mono<String> completion() {
        return failure().flatMap(failure -> Mono.error(new CompletionException(failure)));
    }

    @GetMapping("/execution")
    Mono<String> execution() {
        return failure().flatMap(failure -> Mono.error(new ExecutionException(new CompletionException(failure))));
    }

    @GetMapping("/gone")
    Mono<String> statusOfTheApplication() {
        return failure().flatMap(failure -> Mono.error(new ResponseStatusException(HttpStatus.GONE, "mine", failure)));
    }

    @GetMapping("/models")
    Mono<List<ModelCard>> models() {
        return Mono.fromCallable(kimi::models).subscribeOn(Schedulers.boundedElastic());
    }

    @GetMapping("/message")
    CompletableFuture<Message> message() {
        return kimi.chatAsync(ChatRequest.of(QUESTION)).thenApply(ChatResponse::message);
    }

    @GetMapping("/request")
    ChatRequest request() {
        return ChatRequest.of(QUESTION);
    }

    private Mono<Throwable> failure() {
        return mono().map(response -> (Throwable) new IllegalStateException("it did not fail"))
                .onErrorResume(Mono::just);
    }
}
