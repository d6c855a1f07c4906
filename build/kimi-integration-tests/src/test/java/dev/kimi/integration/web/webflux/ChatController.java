package dev.kimi.integration.web.webflux;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.error.KimiException;
import dev.kimi.starter.web.KimiProblems;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;

// snippet:sse-webflux
@RestController
class ChatController {

    private final KimiClient kimi;
    private final KimiProblems problems;
    private final Duration heartbeat;

    ChatController(KimiClient kimi, KimiProblems problems, @Value("${chat.heartbeat:15s}") Duration heartbeat) {
        this.kimi = kimi;
        this.problems = problems;
        this.heartbeat = heartbeat;
    }

    @GetMapping(path = "/chat", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<ServerSentEvent<Object>> chat(@RequestParam String question) {
        return Flux.defer(() -> JdkFlowAdapter.flowPublisherToFlux(kimi.stream(ChatRequest.of(question))))
                .map(event -> ServerSentEvent.<Object>builder(event).build())
                .onErrorResume(KimiException.class, failure -> Flux.just(failed(failure)))
                .publish(events -> events.mergeWith(heartbeats().takeUntilOther(events.ignoreElements())), 1);
    }

    private ServerSentEvent<Object> failed(KimiException failure) {
        return ServerSentEvent.<Object>builder(problems.of(failure).getBody())
                .event("failed")
                .build();
    }

    private Flux<ServerSentEvent<Object>> heartbeats() {
        return Flux.interval(Duration.ZERO, heartbeat)
                .onBackpressureDrop()
                .map(beat -> ServerSentEvent.builder().comment("heartbeat").build());
    }
}
// end
