package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.VirtualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/** What clients do before an application is ready, and while it stops. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ClientLifecycleTest {

    private final KimiSimulator service = KimiSimulator.start();

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void connections_are_there_before_other_runners_and_before_the_application_is_ready() {
        List<Integer> idle = new ArrayList<>();
        ApplicationListener<AvailabilityChangeEvent<?>> ready = event -> {
            if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC) {
                idle.add(((ApplicationContext) event.getSource())
                        .getBean(KimiClient.class)
                        .pool()
                        .idle());
            }
        };
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .initializers(made -> register(
                        made,
                        ApplicationRunner.class,
                        () -> arguments ->
                                idle.add(made.getBean(KimiClient.class).pool().idle())))
                .listeners(ready)
                .run(
                        "--kimi.api-key=sk-test",
                        "--kimi.base-url=" + service.baseUrl(),
                        "--kimi.warm-up=call-path",
                        "--kimi.clients.lazy.api-key=sk-lazy",
                        "--kimi.clients.lazy.warm-up=off",
                        // pools of its own, which stay empty
                        "--kimi.clients.lazy.transport.max-connections=7")) {
            assertThat(idle).containsExactly(1, 1);
            assertThat(service.requests()).extracting(ReceivedRequest::path).containsExactly("/v1/models");

            context.getBean(KimiClient.class).chat("Hello?");
            assertThat(service.connectionsAccepted()).isEqualTo(1);
        }
    }

    @Test
    void a_service_that_is_down_does_not_keep_an_application_from_starting(CapturedOutput output) {
        try (ConfigurableApplicationContext context = run("kimi.base-url=http://127.0.0.1:1", "kimi.warm-up=connect")) {
            assertThat(context.isActive()).isTrue();
        }
        assertThat(output)
                .contains("The warm-up of client 'default' is incomplete")
                .contains("a connection to http://127.0.0.1:1: The service cannot be reached.");
    }

    @Test
    void a_context_that_pauses_keeps_its_clients_and_one_that_closes_lets_calls_in_the_background_end()
            throws Exception {
        CompletableFuture<String> text;
        try (ConfigurableApplicationContext context = run()) {
            assertThat(service.connectionsAccepted())
                    .as("nobody asked for a warm-up")
                    .isZero();
            KimiClient client = context.getBean(KimiClient.class);
            service.reply(Reply.text("Yes."));
            context.stop();
            assertThat(client.chat("Still there?").text()).isEqualTo("Yes.");
            context.start();

            service.reply(Reply.text("Here I am.").after(Duration.ofMillis(300)));
            text = client.chatAsync(ChatRequest.of("Where are you?")).thenApply(ChatResponse::text);
            service.awaitRequests(2).get(30, TimeUnit.SECONDS);
        }
        assertThat(text).isCompletedWithValue("Here I am.");
    }

    @Test
    void what_outlives_the_phase_is_cancelled_and_says_which_setting_gives_it_longer(CapturedOutput output) {
        VirtualTime time = new VirtualTime();
        service.reply(Reply.text("one two three").stallAfterEvents(2));
        ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .initializers(made -> register(made, VirtualTime.class, () -> time))
                .run("--kimi.api-key=sk-test", "--kimi.base-url=" + service.baseUrl());
        KimiClient client = context.getBean(KimiClient.class);
        try (ChatStream stream = client.stream(ChatRequest.of("Count."))) {
            Iterator<ChatEvent> events = stream.iterator();
            events.next();
            CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
            // of 30 s, which is Boot's own limit, the last is for errors to reach their callers
            assertThat(Eventually.holds(Duration.ofSeconds(20), () -> {
                        time.advance(Duration.ofSeconds(29));
                        return closed.isDone();
                    }))
                    .isTrue();

            assertThatThrownBy(() -> events.forEachRemaining(event -> {}))
                    .isInstanceOf(CallCancelledException.class)
                    .hasMessageContaining("29s")
                    .hasMessageContaining("spring.lifecycle.timeout-per-shutdown-phase");
        }
        assertThat(output).contains("client 'default' did not end in PT29S and were cancelled");
    }

    @Test
    void a_mock_in_place_of_a_client_starts_and_stops() {
        KimiClient mock = (KimiClient) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {KimiClient.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "openCalls" -> List.of();
                    case "hashCode" -> 1;
                    case "equals" -> proxy == arguments[0];
                    default -> null;
                });
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .initializers(made -> register(made, KimiClient.class, () -> mock))
                .run("--kimi.warm-up=connect")) {
            assertThat(context.getBean(KimiClient.class)).isSameAs(mock);
        }
    }

    private static <T> void register(ConfigurableApplicationContext context, Class<T> type, Supplier<T> bean) {
        ((GenericApplicationContext) context).registerBean(type, bean);
    }

    private ConfigurableApplicationContext run(String... properties) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .properties("kimi.api-key=sk-test", "kimi.base-url=" + service.baseUrl())
                .run(Arrays.stream(properties).map(property -> "--" + property).toArray(String[]::new));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
