package dev.kimi.faults;

import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.test.KimiSimulator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Which of the threads of a program may wait for a call, with the frameworks as they are. */
@Timeout(120)
class EventLoopThreadsTest {

    private KimiSimulator kimi;
    private KimiClient client;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
        kimi.reply(text("yes"));
        client = KimiClient.builder()
                .baseUrl(kimi.baseUrl())
                .apiKey("sk-test")
                .callbackExecutor(Runnable::run)
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        kimi.close();
    }

    /** The text of the response, or the message of what was thrown. */
    private String ask() {
        try {
            return client.chat("why?").text();
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    private String askOn(Executor executor) {
        return CompletableFuture.supplyAsync(this::ask, executor).join();
    }

    private void assertRejected(String outcome, String thread) {
        assertThat(outcome).startsWith("A call cannot be waited for on the event loop thread '" + thread);
        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void a_callback_on_the_transports_own_thread_may_not() {
        CompletableFuture<String> nested = client.chatAsync(ChatRequest.of("why?"))
                .thenApply(response -> Thread.currentThread().getName() + "|" + ask());

        assertThat(nested.join()).contains("vert.x-eventloop-thread").contains("|A call cannot be waited for");
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void a_callback_there_may_make_another_call_without_waiting() {
        kimi.reply(text("yes"));
        assertThat(client.chatAsync(ChatRequest.of("why?"))
                        .thenCompose(first -> client.chatAsync(ChatRequest.of("why?")))
                        .join()
                        .text())
                .isEqualTo("yes");
    }

    @Test
    void a_subscriber_there_may_not() {
        CompletableFuture<String> nested = new CompletableFuture<>();
        try (ChatStream stream = client.stream(ChatRequest.of("why?"))) {
            stream.subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(ChatEvent item) {
                    nested.complete(ask());
                }

                @Override
                public void onError(Throwable failure) {
                    nested.completeExceptionally(failure);
                }

                @Override
                public void onComplete() {}
            });
            assertThat(nested.join()).startsWith("A call cannot be waited for");
        }
    }

    @Test
    void an_event_loop_of_vertx_may_not_and_a_worker_of_it_may() {
        Vertx vertx = Vertx.vertx();
        try {
            CompletableFuture<String> loop = new CompletableFuture<>();
            vertx.runOnContext(ignored -> loop.complete(ask()));
            assertRejected(loop.join(), "vert.x-eventloop-thread");

            assertThat(vertx.executeBlocking(this::ask).await()).isEqualTo("yes");
        } finally {
            vertx.close().await();
        }
    }

    @Test
    void an_event_loop_of_netty_may_not_and_an_executor_for_handlers_that_block_may() throws Exception {
        EventExecutorGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        EventExecutorGroup handlers = new DefaultEventExecutorGroup(1);
        try {
            assertRejected(askOn(loops), "multiThreadIoEventLoopGroup");
            assertThat(askOn(handlers)).isEqualTo("yes");
        } finally {
            loops.shutdownGracefully();
            handlers.shutdownGracefully();
        }
    }

    @Test
    void a_parallel_thread_of_reactor_may_not_and_an_elastic_one_may() {
        Scheduler parallel = Schedulers.newParallel("mine", 1);
        try {
            assertRejected(askOn(parallel::schedule), "mine");
            assertThat(askOn(Schedulers.boundedElastic()::schedule)).isEqualTo("yes");
        } finally {
            parallel.dispose();
        }
    }

    @Test
    void the_common_pool_may() {
        assertThat(askOn(Runnable::run)).isEqualTo("yes");
        kimi.reply(text("yes"));
        assertThat(CompletableFuture.supplyAsync(this::ask).join()).isEqualTo("yes");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void a_virtual_thread_may() throws Exception {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, (Runnable)
                () -> outcome.complete(ask()));
        assertThat(outcome.join()).isEqualTo("yes");
    }
}
