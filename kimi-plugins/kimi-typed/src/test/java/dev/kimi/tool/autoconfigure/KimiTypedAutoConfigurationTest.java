package dev.kimi.tool.autoconfigure;

import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.kimi.tool.ToolLoop;
import dev.kimi.tool.ToolLoopException;
import dev.kimi.tool.ToolMethod;
import dev.kimi.tool.Tools;
import dev.kimi.typed.TypedChat;
import io.micrometer.context.ContextRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

@Timeout(60)
class KimiTypedAutoConfigurationTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator kimi = EXTENSION.simulator();
    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class, KimiTypedAutoConfiguration.class))
            .withPropertyValues("kimi.api-key=sk-test", "kimi.base-url=" + kimi.baseUrl());

    record Sum(int value) {}

    static class Arithmetic {
        @ToolMethod("Adds two numbers")
        int add(int a, int b) {
            return a + b;
        }

        @ToolMethod("Says on which thread it runs")
        String thread() {
            return Thread.currentThread().getName();
        }
    }

    static class Unlawful {
        @ToolMethod("Takes anything")
        void any(Map<String, Object> anything) {}
    }

    static class Unused {
        Unused() {
            throw new IllegalStateException("must not be made");
        }
    }

    @Configuration
    static class Application {
        @Bean
        Arithmetic arithmetic() {
            return new Arithmetic();
        }

        @Bean
        @Lazy
        Unused unused() {
            return new Unused();
        }
    }

    @Test
    void beans_with_tools_are_offered_to_the_model() {
        kimi.reply(toolCall("add", "{\"a\":1,\"b\":2}"), text("{\"value\":3}"));

        context.withUserConfiguration(Application.class).run(started -> {
            ToolLoop loop = started.getBean(ToolLoop.class);
            assertThat(loop.run(ChatRequest.of("1 + 2?"), Sum.class).value()).isEqualTo(new Sum(3));
            assertThat(kimi.requests().get(1).bodyText()).contains("\"3\"");
        });
    }

    @Test
    void a_client_gives_values() {
        kimi.reply(text("{\"value\":3}"));

        context.run(started -> assertThat(started.getBean(TypedChat.class)
                        .chat("1 + 2?", Sum.class)
                        .value())
                .isEqualTo(new Sum(3)));
    }

    @Configuration
    static class ClaudeApplication {
        // snippet:typed-claude-bean
        @Bean(defaultCandidate = false)
        ToolLoop claudeLoop(@Qualifier("claude") KimiClient claude, Tools tools) {
            return ToolLoop.builder(claude).tools(tools).build();
        }
        // end
    }

    record Loops(ToolLoop kimi, @Qualifier("claudeLoop") ToolLoop claude) {}

    @Test
    void another_client_has_a_loop_of_its_own_beside_the_applications() {
        kimi.reply(toolCall("add", "{\"a\":1,\"b\":2}"), text("Three."), text("None."));

        context.withUserConfiguration(Application.class, ClaudeApplication.class)
                .withBean(Loops.class)
                .withPropertyValues(
                        "kimi.clients.claude.protocol=anthropic",
                        "kimi.clients.claude.base-url=" + kimi.baseUrl(),
                        "kimi.clients.claude.api-key=sk-ant-test",
                        "kimi.clients.claude.model=claude-sonnet-5-5")
                .run(started -> {
                    Loops loops = started.getBean(Loops.class);
                    assertThat(loops.claude().run(ChatRequest.of("1 + 2?")).text())
                            .isEqualTo("Three.");
                    assertThat(loops.kimi().run(ChatRequest.of("None?")).text()).isEqualTo("None.");
                    assertThat(kimi.requests())
                            .extracting(request -> request.path())
                            .containsExactly("/v1/messages", "/v1/messages", "/v1/chat/completions");
                });
    }

    @Test
    void beans_of_the_application_win() {
        context.withUserConfiguration(Application.class)
                .withBean(Tools.class, () -> Tools.builder().build())
                .run(started -> assertThat(started.getBean(ToolLoop.class)).hasToString("ToolLoop[default, Tools[]]"));
    }

    @Test
    void a_customizer_changes_the_loop() {
        kimi.reply(toolCall("add", "{\"a\":1,\"b\":2}"));

        context.withUserConfiguration(Application.class)
                .withBean(ToolLoop.Customizer.class, () -> builder -> builder.maxRounds(1))
                .run(started -> Assertions.assertThatThrownBy(
                                () -> started.getBean(ToolLoop.class).run(ChatRequest.of("1 + 2?")))
                        .isInstanceOf(ToolLoopException.RoundsExhausted.class));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void tools_run_on_virtual_threads_where_the_application_does() {
        kimi.reply(toolCall("thread", "{}"), text("There."));

        context.withUserConfiguration(Application.class)
                .withPropertyValues("spring.threads.virtual.enabled=true")
                .run(started -> {
                    started.getBean(ToolLoop.class).run(ChatRequest.of("Where?"));
                    assertThat(kimi.requests().get(1).bodyText()).contains("kimi-tool-0");
                });
    }

    @Test
    void tools_see_the_thread_locals_of_the_caller() {
        ThreadLocal<String> tenant = new ThreadLocal<>();
        ContextRegistry.getInstance().registerThreadLocalAccessor("tenant", tenant);
        kimi.reply(toolCall("tenant", "{}"), toolCall("tenant", "{}"), text("Seen."));
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        try {
            context.withBean(
                            Tools.class,
                            () -> Tools.builder()
                                    .function(
                                            "tenant", "", Nothing.class, none -> seen.add(String.valueOf(tenant.get())))
                                    .build())
                    .run(started -> {
                        tenant.set("acme");
                        started.getBean(ToolLoop.class).run(ChatRequest.of("Who?"));
                    });
        } finally {
            tenant.remove();
            ContextRegistry.getInstance().removeThreadLocalAccessor("tenant");
        }

        assertThat(seen).containsExactly("acme", "acme");
    }

    record Nothing() {}

    @Test
    void a_tool_that_cannot_be_offered_is_named_with_its_bean() {
        context.withBean("unlawful", Unlawful.class)
                .run(started -> Assertions.assertThatThrownBy(() -> started.getBean(ToolLoop.class))
                        .rootCause()
                        .hasMessageContaining("The bean 'unlawful' has a tool that cannot be offered")
                        .hasMessageContaining("Unlawful.any"));
    }

    @Test
    void without_a_single_client_there_is_nothing() {
        context.withPropertyValues("kimi.enabled=false")
                .run(started ->
                        assertThat(started).doesNotHaveBean(TypedChat.class).doesNotHaveBean(ToolLoop.class));
        context.withPropertyValues("kimi.api-key=", "kimi.clients.a.api-key=sk-a", "kimi.clients.b.api-key=sk-b")
                .run(started -> {
                    assertThat(started.getBeansOfType(KimiClient.class)).hasSize(2);
                    assertThat(started).doesNotHaveBean(TypedChat.class);
                });
    }
}
