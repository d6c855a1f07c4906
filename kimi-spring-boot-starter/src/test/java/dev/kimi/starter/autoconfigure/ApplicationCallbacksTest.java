package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.starter.KimiClientCustomizer;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import io.micrometer.context.ContextRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** Applications whose callbacks look at the thread that they run on. */
@Timeout(120)
class ApplicationCallbacksTest {

    private static final String EXECUTOR = "applicationTaskExecutor";
    private static final String KEY = "tenant";
    private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

    private final KimiSimulator kimi = KimiSimulator.start();
    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class, KimiAutoConfiguration.class))
            .withPropertyValues("kimi.api-key=sk-test", "kimi.base-url=" + kimi.baseUrl());

    @BeforeEach
    void registerTenant() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, TENANT);
    }

    @AfterEach
    void forgetTenant() {
        ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
        TENANT.remove();
        kimi.close();
    }

    @Test
    void callbacks_run_on_boot_s_executor() {
        contexts.withPropertyValues("spring.task.execution.thread-name-prefix=mine-")
                .run(context -> {
                    assertThat(inStage(context, ApplicationCallbacksTest::threadName))
                            .startsWith("mine-");
                    assertThat(inSubscriber(context, ApplicationCallbacksTest::threadName))
                            .startsWith("mine-");
                });
    }

    @Test
    void without_boot_s_executor_they_run_on_the_common_pool() {
        contexts.withBean("own", Executor.class, () -> new SimpleAsyncTaskExecutor("own-"))
                .run(context -> assertThat(inStage(context, ApplicationCallbacksTest::threadName))
                        .startsWith("ForkJoinPool.commonPool"));
    }

    @Test
    void an_executor_that_a_customizer_sets_wins() {
        Queue<Runnable> bootS = new ConcurrentLinkedQueue<>();
        contexts.withBean(EXECUTOR, Executor.class, () -> bootS::add)
                .withBean(
                        KimiClientCustomizer.class,
                        () -> builder -> builder.callbackExecutor(new SimpleAsyncTaskExecutor("custom-")))
                .run(context -> {
                    TENANT.set("acme");
                    assertThat(inStage(context, () -> threadName() + TENANT.get()))
                            .startsWith("custom-")
                            .endsWith("acme");
                    assertThat(bootS).isEmpty();
                });
    }

    @Test
    void an_executor_with_a_limit_that_would_block_its_caller_is_not_used() {
        contexts.withBean(EXECUTOR, Executor.class, () -> {
                    SimpleAsyncTaskExecutor limited = new SimpleAsyncTaskExecutor("limited-");
                    limited.setConcurrencyLimit(1);
                    return limited;
                })
                .run(context -> assertThat(inStage(context, ApplicationCallbacksTest::threadName))
                        .doesNotStartWith("limited-"));
    }

    @Test
    void thread_locals_of_the_caller_are_seen_in_callbacks_and_others_are_not() {
        contexts.run(context -> {
            TENANT.set("acme");
            assertThat(inStage(context, TENANT::get)).isEqualTo("acme");
            assertThat(inSubscriber(context, TENANT::get)).isEqualTo("acme");
            TENANT.remove();
            assertThat(inStage(context, () -> String.valueOf(TENANT.get()))).isEqualTo("null");
        });
    }

    @Test
    void what_the_caller_did_not_have_is_cleared() {
        Executor leaky = task -> new Thread(() -> {
                    TENANT.set("somebody else");
                    task.run();
                })
                .start();
        contexts.withBean(EXECUTOR, Executor.class, () -> leaky)
                .run(context -> assertThat(inStage(context, () -> String.valueOf(TENANT.get())))
                        .isEqualTo("null"));
    }

    @Test
    void the_caller_s_observation_is_current_in_callbacks() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(any -> true);
        contexts.run(context -> {
            Observation request = Observation.start("http.server.requests", registry);
            try (Observation.Scope scope = request.openScope()) {
                assertThat(scope).isNotNull();
                assertThat(inStage(context, registry::getCurrentObservation)).isSameAs(request);
                assertThat(inSubscriber(context, registry::getCurrentObservation))
                        .isSameAs(request);
            }
        });
    }

    @Test
    void callbacks_have_the_caller_s_class_loader() throws Exception {
        try (URLClassLoader callers = new URLClassLoader(new URL[0])) {
            contexts.run(context -> withLoader(callers, () -> {
                assertThat(inStage(context, ApplicationCallbacksTest::loader)).isSameAs(callers);
                assertThat(inSubscriber(context, ApplicationCallbacksTest::loader))
                        .isSameAs(callers);
            }));
        }
    }

    @Test
    void callbacks_have_the_application_s_class_loader_where_the_caller_s_knows_less() throws Exception {
        ClassLoader jvmS = ClassLoader.getSystemClassLoader();
        try (URLClassLoader jar = new URLClassLoader(new URL[0], jvmS)) {
            contexts.withClassLoader(jar)
                    .run(context -> withLoader(jvmS, () -> {
                        assertThat(inStage(context, ApplicationCallbacksTest::loader))
                                .isSameAs(jar);
                        assertThat(inSubscriber(context, ApplicationCallbacksTest::loader))
                                .isSameAs(jar);
                    }));
        }
    }

    @Test
    void a_pool_whose_threads_all_wait_for_callbacks_goes_on() {
        contexts.withPropertyValues("spring.task.execution.pool.core-size=1").run(context -> {
            KimiClient client = context.getBean(KimiClient.class);
            CompletableFuture<Object> caller = CompletableFuture.supplyAsync(
                    () -> CompletableFuture.allOf(
                                    delayed(client).thenApply(response -> response),
                                    delayed(client).thenApply(response -> response))
                            .thenApply(done -> "done")
                            .join(),
                    context.getBean(EXECUTOR, ThreadPoolTaskExecutor.class));

            assertThat(caller.get()).isEqualTo("done");
        });
    }

    @Test
    void an_executor_that_rejects_loses_nobody() {
        Executor rejecting = task -> {
            throw new RejectedExecutionException("queue is full");
        };
        contexts.withBean(EXECUTOR, Executor.class, () -> rejecting).run(context -> {
            TENANT.set("acme");
            assertThat(inStage(context, TENANT::get)).isEqualTo("acme");
            assertThat(inSubscriber(context, TENANT::get)).isEqualTo("acme");
        });
    }

    /** What a stage sees that runs as a callback; one that is added after the response runs on this thread. */
    private <T> T inStage(AssertableApplicationContext context, Supplier<T> look) {
        record Seen<T>(Thread thread, T value) {}
        Seen<T> seen;
        do {
            seen = delayed(context.getBean(KimiClient.class))
                    .thenApply(response -> new Seen<>(Thread.currentThread(), look.get()))
                    .join();
        } while (seen.thread() == Thread.currentThread());
        return seen.value();
    }

    /** Nearly always late enough for a stage to be there when the response arrives. */
    private CompletableFuture<?> delayed(KimiClient client) {
        kimi.reply(Reply.text("Hello.").after(Duration.ofMillis(50)));
        return client.chatAsync(ChatRequest.of("Hello?"));
    }

    private <T> T inSubscriber(AssertableApplicationContext context, Supplier<T> look) {
        CompletableFuture<T> seen = new CompletableFuture<>();
        kimi.reply(Reply.text("Hello."));
        context.getBean(KimiClient.class).stream(ChatRequest.of("Hello?"))
                .subscribe(new AtTheEnd(end -> seen.complete(look.get())));
        return seen.join();
    }

    private static String threadName() {
        return Thread.currentThread().getName();
    }

    private static ClassLoader loader() {
        return Thread.currentThread().getContextClassLoader();
    }

    private static void withLoader(ClassLoader loader, Runnable action) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            action.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private record AtTheEnd(Consumer<String> end) implements Flow.Subscriber<ChatEvent> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ChatEvent event) {}

        @Override
        public void onError(Throwable failure) {
            end.accept("failed");
        }

        @Override
        public void onComplete() {
            end.accept("complete");
        }
    }
}
