package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.event.CallObserver;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where callers' code runs, in which context, and what becomes of it when the executor has no thread for it. */
@Timeout(60)
class CallbacksTest {

    private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

    private final EngineFixture fixture = new EngineFixture();
    private final List<Runnable> handedToExecutor = new ArrayList<>();

    private CompletableFuture<ChatResponse> chat(Engine engine) {
        return engine.chat(ChatRequest.of("hello"), CallObserver.NONE, engine.callbackExecutor());
    }

    private void succeed() {
        fixture.transport.last().headers(200).body("a\n.\n").complete();
    }

    @Test
    void services_of_the_caller_s_class_loader_are_found_in_callbacks(@TempDir Path services) throws IOException {
        try (URLClassLoader loader = applicationLoader(services)) {
            Engine engine = fixture.engine();
            CompletableFuture<String> found =
                    withLoader(loader, () -> chat(engine).thenApply(r -> service()));
            succeed();
            Recorder subscriber = new Recorder();
            withLoader(loader, () -> engine.stream(ChatRequest.of("hello"))).subscribe(subscriber);
            succeed();

            assertThat(found.join()).isEqualTo(Offered.class.getName());
            assertThat(subscriber.loaders).hasSize(2).containsOnly(loader);
        }
    }

    @Test
    void the_thread_of_a_callback_gets_its_own_class_loader_back() throws IOException {
        try (URLClassLoader loader = new URLClassLoader(new URL[0])) {
            fixture.callbacks = handedToExecutor::add;
            Engine engine = fixture.engine();
            CompletableFuture<ClassLoader> seen =
                    withLoader(loader, () -> chat(engine).thenApply(r -> contextLoader()));
            succeed();
            ClassLoader before = contextLoader();

            handedToExecutor.get(0).run();

            assertThat(seen).isCompletedWithValue(loader);
            assertThat(contextLoader()).isSameAs(before);
        }
    }

    @Test
    void a_context_is_taken_when_the_call_is_made() {
        fixture.callbacks = handedToExecutor::add;
        fixture.callbackContext = CallbacksTest::withTenant;
        Engine engine = fixture.engine();
        TENANT.set("first");
        CompletableFuture<String> seen = chat(engine).thenApply(r -> TENANT.get());
        TENANT.set("second");

        succeed();
        handedToExecutor.get(0).run();

        assertThat(seen).isCompletedWithValue("first");
        TENANT.remove();
    }

    private static Executor withTenant(Executor executor) {
        String tenant = TENANT.get();
        return task -> executor.execute(() -> {
            TENANT.set(tenant);
            task.run();
        });
    }

    @Test
    void whoever_waits_for_the_future_needs_no_thread_of_the_executor() {
        fixture.callbacks = handedToExecutor::add;
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = chat(engine);
        CompletableFuture<String> dependent = call.thenApply(ChatResponse::text);

        succeed();

        String text = call.join().text();
        assertThat(call).isCompleted();
        assertThat(dependent).as("still waits for the executor").isNotDone();
        handedToExecutor.forEach(Runnable::run);
        assertThat(dependent).isCompletedWithValue(text);
    }

    @Test
    void a_future_that_its_caller_completes_stays_so() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = chat(engine);
        CompletableFuture<Object> dependent = call.handle((value, failure) -> failure);
        IllegalStateException own = new IllegalStateException("given up");

        assertThat(call.completeExceptionally(own)).isTrue();
        succeed();

        assertThat(call).isCompletedExceptionally();
        assertThat(dependent).isCompletedWithValue(own);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void what_an_executor_rejects_runs_on_the_common_pool() {
        fixture.callbacks = task -> {
            throw new RejectedExecutionException("queue is full");
        };
        Engine engine = fixture.engine();
        CompletableFuture<Thread> thread = chat(engine).thenApply(r -> Thread.currentThread());

        succeed();

        assertThat(thread.join()).isInstanceOf(ForkJoinWorkerThread.class).isNotSameAs(Thread.currentThread());
    }

    @Test
    void a_subscriber_whose_executor_rejects_hears_everything_in_order() throws InterruptedException {
        fixture.callbacks = task -> {
            throw new RejectedExecutionException("shut down");
        };
        Engine engine = fixture.engine();
        Recorder recorder = new Recorder();
        engine.stream(ChatRequest.of("hello")).subscribe(recorder);

        fixture.transport
                .last()
                .headers(200)
                .body("a\n")
                .body("b\n")
                .body("c\n.\n")
                .complete();

        for (String event : List.of("a", "b", "c", "complete")) {
            assertThat(recorder.heard.take()).isEqualTo(event);
        }
        fixture.assertNothingIsLeft(engine);
    }

    private static <T> T withLoader(ClassLoader loader, Supplier<T> action) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return action.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static ClassLoader contextLoader() {
        return Thread.currentThread().getContextClassLoader();
    }

    private static URLClassLoader applicationLoader(Path services) throws IOException {
        Path file = services.resolve("META-INF/services/" + Service.class.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, Offered.class.getName());
        return new URLClassLoader(new URL[] {services.toUri().toURL()}, CallbacksTest.class.getClassLoader());
    }

    private static String service() {
        return ServiceLoader.load(Service.class)
                .findFirst()
                .map(found -> found.getClass().getName())
                .orElse("none");
    }

    /** Something that an application looks up. */
    public interface Service {}

    /** What only the application's class loader knows of. */
    public static final class Offered implements Service {}

    private static final class Recorder implements Flow.Subscriber<ChatEvent> {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final List<ClassLoader> loaders = new ArrayList<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ChatEvent event) {
            loaders.add(contextLoader());
            heard.add(((ChatEvent.Text) event).value());
        }

        @Override
        public void onError(Throwable failure) {
            heard.add("error " + failure);
        }

        @Override
        public void onComplete() {
            loaders.add(contextLoader());
            heard.add("complete");
        }
    }
}
