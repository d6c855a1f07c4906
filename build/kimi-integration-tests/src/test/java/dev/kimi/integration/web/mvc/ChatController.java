package dev.kimi.integration.web.mvc;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.starter.web.KimiProblems;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.MediaType;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

// snippet:sse-mvc
@RestController
class ChatController {

    private final KimiClient kimi;
    private final KimiProblems problems;
    private final TaskScheduler scheduler;
    private final Duration heartbeat;

    ChatController(
            KimiClient kimi,
            KimiProblems problems,
            TaskScheduler scheduler,
            @Value("${chat.heartbeat:15s}") Duration heartbeat) {
        this.kimi = kimi;
        this.problems = problems;
        this.scheduler = scheduler;
        this.heartbeat = heartbeat;
    }

    @GetMapping(path = "/chat", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter chat(@RequestParam String question) {
        ChatStream stream = kimi.stream(ChatRequest.of(question));
        SseEmitter emitter = new SseEmitter(0L); // kimi.timeout.total ends it, not Spring's 30 seconds
        Browser browser = new Browser(emitter, stream, problems);
        ScheduledFuture<?> beats = scheduler.scheduleAtFixedRate(browser::beat, heartbeat);
        emitter.onCompletion(() -> {
            beats.cancel(false);
            stream.close();
        });
        stream.subscribe(browser);
        return emitter;
    }
}
// end
