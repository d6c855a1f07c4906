package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.starter.KimiClientCustomizer;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** The code of docs/spring-boot.md, run in an application. What stands between the marks stands in the page. */
@Timeout(120)
class SpringBootSnippetsTest {

    private final KimiSimulator service = KimiSimulator.start();

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void a_service_has_the_client_injected() {
        service.reply(Reply.text("Short waves scatter more."));
        try (ConfigurableApplicationContext context = run(Assistant.class)) {
            assertThat(context.getBean(Assistant.class).about("blue skies")).isEqualTo("Short waves scatter more.");
        }
    }

    @Test
    void several_clients_are_distinguished_by_their_names() {
        service.reply(Reply.text("one"), Reply.text("two"));
        try (ConfigurableApplicationContext context = run(Comparison.class)) {
            Comparison comparison = context.getBean(Comparison.class);

            assertThat(comparison.ofBoth("Which?")).containsExactly("one", "two");
            assertThat(comparison.ofAll("Which?")).hasSize(4);
        }
        assertThat(service.requests())
                .extracting(request -> request.headers("authorization").get(0))
                .startsWith("Bearer sk-test", "Bearer sk-ant")
                .contains("Bearer sk-second", "Bearer sk-third");
        assertThat(service.requests().get(1).path()).isEqualTo("/v1/messages");
    }

    @Test
    void requests_say_how_to_think_and_which_tool_to_call() {
        try (ConfigurableApplicationContext context = run()) {
            KimiClient kimi = context.getBean(KimiClient.class);
            // snippet:spring-thinking
            ChatResponse careful = kimi.chat(ChatRequest.builder()
                    .user("Prove that there are infinitely many primes.")
                    .reasoningEffort("high")
                    .build());
            ChatResponse quick = kimi.chat(
                    ChatRequest.builder().user("Say hello.").thinking(false).build());
            // end
            assertThat(careful.reasoning()).isNotEmpty();
            assertThat(quick.reasoning()).isEmpty();
        }
    }

    @Test
    void feign_clients_of_ours_and_of_the_application() {
        try (ConfigurableApplicationContext context = run(Application.class)) {
            NightlyBatch nightly = context.getBean(NightlyBatch.class);
            String batch = nightly.start(Map.of("sky", "Why is the sky blue?"));
            while (nightly.results(batch).isEmpty()) {
                Thread.onSpinWait();
            }
            assertThat(nightly.results(batch)).containsOnlyKeys("sky");
            assertThat(context.getBean(Costs.class).left()).isPositive();
            assertThat(context.getBean(Costs.class).tokens("Hello?")).isPositive();
            assertThat(context.getBean(Files.class).list().getBody()).containsKey("data");
        }
    }

    @Test
    void files_are_uploaded_and_read(@TempDir Path folder) throws IOException {
        Path scan = java.nio.file.Files.writeString(folder.resolve("scan.txt"), "Once upon a time.");
        try (ConfigurableApplicationContext context = run(Scans.class)) {
            assertThat(context.getBean(Scans.class).text(scan)).isEqualTo("Once upon a time.");
        }
    }

    @Test
    void http_services_of_a_group_run_over_its_client() {
        try (ConfigurableApplicationContext context = run(HttpServices.class)) {
            Account account = context.getBean(Account.class);

            assertThat(account.balance().data().available()).isPositive();
            assertThat(account.models()).containsKey("data");
        }
        assertThat(service.requests().get(0).headers("authorization")).containsExactly("Bearer sk-test");
    }

    @Test
    void without_the_annotation_that_looks_for_them_feign_clients_are_not_there() {
        try (ConfigurableApplicationContext context = run(Costs.class)) {
            assertThat(context.getBeanNamesForType(Files.class)).isEmpty();
        }
    }

    @Test
    void a_template_tries_again_what_its_client_does_not() {
        service.reply(Reply.unavailable());
        try (ConfigurableApplicationContext context = run(Import.class)) {
            assertThat(context.getBean(Import.class).models()).isNotEmpty();
        }
    }

    @Test
    void a_customizer_chooses_the_threads_of_callbacks() {
        try (ConfigurableApplicationContext context = run(Threads.class)) {
            context.getBean(KimiClient.class)
                    .chatAsync(ChatRequest.of("Hello?"))
                    .thenAccept(response -> {})
                    .join();

            assertThat(context.getBean(CountedThreads.class).tasks).isNotEmpty();
        }
    }

    @Test
    void entries_of_the_application_reach_callbacks_by_an_accessor() {
        ContextRegistry registry = ContextRegistry.getInstance();
        // snippet:spring-accessor
        ContextRegistry.getInstance().registerThreadLocalAccessor(new Slf4jThreadLocalAccessor("tenant"));
        // end
        MDC.put("tenant", "seven");
        try (ConfigurableApplicationContext context = run()) {
            CompletableFuture<String> seen = context.getBean(KimiClient.class)
                    .chatAsync(ChatRequest.of("Hello?"))
                    .thenApply(response -> MDC.get("tenant"));

            assertThat(seen.join()).isEqualTo("seven");
        } finally {
            MDC.clear();
            registry.removeThreadLocalAccessor(new Slf4jThreadLocalAccessor("tenant").key());
        }
    }

    private ConfigurableApplicationContext run(Class<?>... beans) {
        List<Class<?>> sources = new ArrayList<>(Arrays.asList(beans));
        sources.add(Base.class);
        return new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .run(
                        "--kimi.api-key=sk-test",
                        "--kimi.base-url=" + service.baseUrl(),
                        "--kimi.clients.claude.protocol=anthropic",
                        "--kimi.clients.claude.base-url=" + service.baseUrl(),
                        "--kimi.clients.claude.api-key=sk-ant",
                        "--kimi.clients.claude.model=claude-sonnet-5-5",
                        "--kimi.clients.second.api-key=sk-second",
                        "--kimi.clients.untried.api-key=sk-third",
                        "--kimi.clients.untried.retry.preset=never");
    }

    /** Is not found by the application, which looks for annotated classes in this package. */
    @EnableAutoConfiguration
    static class Base {}

    static class Threads {

        @Bean
        CountedThreads threads() {
            return new CountedThreads();
        }

        // snippet:spring-customizer
        @Bean
        KimiClientCustomizer callbacksOnMyThreads(Executor threads) {
            return builder -> builder.callbackExecutor(threads);
        }
        // end
    }

    static final class CountedThreads implements Executor {

        final List<Runnable> tasks = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
            task.run();
        }
    }
}
