package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.service.ModelCard;
import dev.kimi.test.KimiSimulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A client for Claude beside one for Kimi, started as in production, over sockets. */
@Timeout(60)
class ClaudeEndToEndTest {

    private static final String WHOLE = "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
            + "\"content\":[{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":\"c2ln\"},"
            + "{\"type\":\"text\",\"text\":\"Rayleigh scattering.\"}],\"stop_reason\":\"end_turn\","
            + "\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":4,\"output_tokens\":2}}";
    private static final List<String> EVENTS = List.of(
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_2\",\"type\":\"message\",\"model\":\"m\",\"content\":[],"
                    + "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}",
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
            "{\"type\":\"ping\"}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Slowly, \"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"word by word.\"}}",
            "{\"type\":\"content_block_stop\",\"index\":0}",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}",
            "{\"type\":\"message_stop\"}");

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<Headers> headers = new CopyOnWriteArrayList<>();
    private final HttpServer service = start();

    private HttpServer start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v1/messages", this::respond);
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void respond(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            bodies.add(body);
            headers.add(exchange.getRequestHeaders());
            boolean stream = body.contains("\"stream\":true");
            StringBuilder response = new StringBuilder(stream ? "" : WHOLE);
            if (stream) {
                EVENTS.forEach(event -> response.append("data: ").append(event).append("\n\n"));
            }
            exchange.getResponseHeaders().add("content-type", stream ? "text/event-stream" : "application/json");
            byte[] bytes = response.toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @AfterEach
    void stop() {
        service.stop(0);
    }

    @Test
    void settings_alone_give_a_client_for_claude() {
        try (ConfigurableApplicationContext context = run(
                "kimi.api-key=sk-test",
                "kimi.clients.claude.protocol=anthropic",
                "kimi.clients.claude.base-url=http://127.0.0.1:"
                        + service.getAddress().getPort(),
                "kimi.clients.claude.api-key=sk-ant",
                "kimi.clients.claude.auth.header=x-api-key",
                "kimi.clients.claude.anthropic.beta=fast-mode-2026-02-01",
                "kimi.clients.claude.model=claude-sonnet-5-5")) {
            KimiClient claude = context.getBean("claudeKimiClient", KimiClient.class);

            ChatRequest first = ChatRequest.of("Why is the sky blue?");
            ChatResponse response = claude.chat(first);
            assertThat(response.text()).isEqualTo("Rayleigh scattering.");
            assertThat(response.usage().promptTokens()).isEqualTo(7);

            ChatRequest second = first.after(response).user("Slower.").build();
            StringBuilder text = new StringBuilder();
            try (ChatStream stream = claude.stream(second)) {
                for (ChatEvent event : stream) {
                    text.append(event instanceof ChatEvent.Text piece ? piece.value() : "");
                }
                assertThat(stream.response().usage().completionTokens()).isEqualTo(5);
            }
            assertThat(text).hasToString("Slowly, word by word.");
        }

        assertThat(headers).hasSize(2).allSatisfy(sent -> {
            assertThat(sent.getFirst("x-api-key")).isEqualTo("sk-ant");
            assertThat(sent).doesNotContainKey("Authorization");
            assertThat(sent.getFirst("anthropic-version")).isEqualTo("2026-10-21");
            assertThat(sent.getFirst("anthropic-beta")).isEqualTo("fast-mode-2026-02-01");
        });
        assertThat(bodies.get(1))
                .contains(
                        "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":"
                                + "\"c2ln\"},{\"type\":\"text\",\"text\":\"Rayleigh scattering.\"}]}");
    }

    @Test
    void what_the_simulated_service_lists_of_its_models_agrees_with_their_cards() {
        List<ModelCard.Fact> facts = List.of(
                ModelCard.Fact.CONTEXT,
                ModelCard.Fact.OUTPUT_MAX,
                ModelCard.Fact.EFFORTS,
                ModelCard.Fact.THINKING_TYPES,
                ModelCard.Fact.IMAGE_INPUT);
        try (KimiSimulator simulator = KimiSimulator.start();
                ConfigurableApplicationContext context = run(
                        "kimi.base-url=" + simulator.baseUrl(),
                        "kimi.protocol=anthropic",
                        "kimi.api-key=sk-test",
                        "kimi.model=claude-sonnet-5-5")) {
            KimiClient claude = context.getBean(KimiClient.class);
            Map<String, ModelCard> known = new HashMap<>();
            for (String model : List.of("fable-5-2", "opus-5-5", "sonnet-5-5", "haiku-5-5", "opus-4-5", "haiku-4-5")) {
                known.put("claude-" + model, claude.modelCard("claude-" + model));
            }

            List<ModelCard> listed = claude.models();

            assertThat(listed).hasSizeGreaterThan(15).extracting(ModelCard::id).containsAll(known.keySet());
            for (ModelCard now : listed) {
                Map<ModelCard.Fact, Object> before =
                        known.getOrDefault(now.id(), now).facts();
                for (ModelCard.Fact fact : facts) {
                    if (before.containsKey(fact)) {
                        assertThat(sorted(now.facts().get(fact)))
                                .as(now.id() + " " + fact)
                                .isEqualTo(sorted(before.get(fact)));
                    }
                }
            }
            assertThat(claude.modelCard("claude-opus-4-5").efforts()).contains("high");
            assertThat(claude.modelCard("claude-haiku-4-5").efforts()).isEmpty();
        }
    }

    private static Object sorted(Object value) {
        return value instanceof List<?> list ? Set.copyOf(list) : value;
    }

    private static ConfigurableApplicationContext run(String... settings) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off")
                .run(Arrays.stream(settings).map(setting -> "--" + setting).toArray(String[]::new));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
