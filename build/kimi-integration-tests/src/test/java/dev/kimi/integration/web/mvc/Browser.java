package dev.kimi.integration.web.mvc;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.starter.web.KimiProblems;
import java.io.IOException;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter.SseEventBuilder;

// snippet:sse-mvc-browser
/** Asks for the next event when the browser has taken the last one. */
final class Browser implements Flow.Subscriber<ChatEvent> {

    private final SseEmitter emitter;
    private final ChatStream stream;
    private final KimiProblems problems;
    private final ReentrantLock sending = new ReentrantLock();
    private volatile Flow.Subscription subscription;

    Browser(SseEmitter emitter, ChatStream stream, KimiProblems problems) {
        this.emitter = emitter;
        this.stream = stream;
        this.problems = problems;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(ChatEvent event) {
        send(SseEmitter.event().data(event, MediaType.APPLICATION_JSON));
        subscription.request(1);
    }

    @Override
    public void onError(Throwable failure) {
        if (failure instanceof KimiException known) {
            send(SseEmitter.event().name("failed").data(problems.of(known).getBody(), MediaType.APPLICATION_JSON));
        }
        emitter.complete();
    }

    @Override
    public void onComplete() {
        emitter.complete();
    }

    /** Skipped while an event is being written, so that a slow browser does not hold up the beats of others. */
    void beat() {
        if (sending.tryLock()) {
            try {
                send(SseEmitter.event().comment("heartbeat"));
            } finally {
                sending.unlock();
            }
        }
    }

    private void send(SseEventBuilder event) {
        sending.lock();
        try {
            emitter.send(event);
        } catch (IOException | IllegalStateException gone) {
            stream.close();
        } finally {
            sending.unlock();
        }
    }
}
// end
