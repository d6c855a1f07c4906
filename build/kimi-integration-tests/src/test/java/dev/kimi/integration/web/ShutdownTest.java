package dev.kimi.integration.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.RejectedException;
import dev.kimi.integration.web.WebServer.Stack;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** In which order a web application stops: its requests, the calls of its clients, its server. */
@Timeout(120)
class ShutdownTest {

    private final KimiSimulator service = KimiSimulator.start();

    @AfterEach
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @EnumSource(Stack.class)
    void requests_in_flight_still_make_calls_then_background_calls_end_and_only_then_the_server_stops(Stack stack)
            throws Exception {
        service.reply(
                Reply.text("in the background").after(Duration.ofSeconds(1)),
                Reply.text("first"),
                Reply.text("second"));
        CompletableFuture<String> browser;
        CompletableFuture<ChatResponse> background;
        Phases phases;
        try (WebServer server = WebServer.start(stack, service, List.of(TwoCalls.class))) {
            phases = server.bean(Phases.class);
            background = server.bean(KimiClient.class).chatAsync(ChatRequest.of("Work."));
            service.awaitRequests(1).get(30, TimeUnit.SECONDS);
            browser = CompletableFuture.supplyAsync(() -> server.get("/two").body());
            phases.firstCallMade.await();
        }
        assertThat(browser.get(30, TimeUnit.SECONDS)).isEqualTo("first, second");
        assertThat(background.join().text()).isEqualTo("in the background");
        assertThat(phases.endedBeforeTheServer).isTrue();
        assertThat(phases.rejected)
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(RejectedException.Reason.SHUTTING_DOWN));
    }

    /** What is seen and done in phases of the shutdown. */
    static final class Phases {
        final CountDownLatch firstCallMade = new CountDownLatch(1);
        final CountDownLatch serverWaits = new CountDownLatch(1);
        volatile boolean endedBeforeTheServer;
        volatile Throwable rejected = new AssertionError("no call was made");
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoCalls {

        @Bean
        Phases phases() {
            return new Phases();
        }

        @Bean
        SmartLifecycle whileRequestsEnd(Phases phases) {
            return new At(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE, phases.serverWaits::countDown);
        }

        @Bean
        SmartLifecycle beforeTheServerStops(Phases phases, KimiClient client) {
            return new At(WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE + 1, () -> {
                phases.endedBeforeTheServer = client.openCalls().isEmpty();
                phases.rejected = client.chatAsync(ChatRequest.of("Late."))
                        .handle((response, failure) -> failure)
                        .join();
            });
        }

        @Bean
        Two two(Phases phases, KimiClient client) {
            return new Two(phases, client);
        }
    }

    /** Runs a task when its phase of the shutdown comes. */
    private static final class At implements SmartLifecycle {
        private final int phase;
        private final Runnable task;
        private volatile boolean running;

        private At(int phase, Runnable task) {
            this.phase = phase;
            this.task = task;
        }

        @Override
        public int getPhase() {
            return phase;
        }

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            task.run();
        }

        @Override
        public boolean isRunning() {
            return running;
        }
    }

    /** A request that needs the client twice, the second time when the application stops already. */
    @RestController
    static final class Two {
        private final Phases phases;
        private final KimiClient client;

        private Two(Phases phases, KimiClient client) {
            this.phases = phases;
            this.client = client;
        }

        @GetMapping("/two")
        CompletableFuture<String> two() {
            return client.chatAsync(ChatRequest.of("One.")).thenApplyAsync(first -> {
                phases.firstCallMade.countDown();
                try {
                    phases.serverWaits.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return first.text() + ", " + client.chat("Two.").text();
            });
        }
    }
}
