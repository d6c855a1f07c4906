package dev.kimi.observability.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.kimi.BatchResult;
import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.Tool;
import dev.kimi.service.ServiceRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Everything that an application writes down of calls, good ones and all kinds of bad ones: its log at level TRACE,
 * metrics, observations, exceptions, what objects print, and what the actuator shows. No key stands there, nothing that
 * was said, and nothing that a service echoes of either.
 */
@Timeout(180)
class CanaryTest {

    private static final String KEY = "sk-CanaryOfKeys0815";
    private static final String SECOND_KEY = "sk-ant-CanaryOfKeys4711";
    private static final String SAID = "CanaryThatWasSaid0815";
    private static final String HEARD = "CanaryThatWasHeard0815";

    @TempDir
    Path folder;

    private final Queue<String> written = new ConcurrentLinkedQueue<>();

    @Test
    void no_key_and_nothing_that_was_said_is_written_down() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        Written log = new Written(written);
        log.setContext(root.getLoggerContext());
        try (KimiSimulator kimi = KimiSimulator.start();
                KimiSimulator claude = KimiSimulator.start();
                WebApplication application = WebApplication.start(
                        Observed.class,
                        folder,
                        settings(kimi, claude),
                        Map.of("FIRST_KEY", KEY, "SECOND_KEY", SECOND_KEY))) {
            log.start();
            root.addAppender(log);
            root.setLevel(Level.TRACE);
            Map<String, KimiClient> clients = application.context().getBeansOfType(KimiClient.class);
            assertThat(clients).hasSize(2);

            clients.forEach((name, client) -> use(client, name.equals("claude") ? claude : kimi));
            for (String endpoint : List.of(
                    "prometheus",
                    "metrics",
                    "kimi",
                    "env",
                    "configprops",
                    "health",
                    "beans",
                    "conditions",
                    "loggers",
                    "mappings",
                    "threaddump",
                    "scheduledtasks")) {
                note("actuator " + endpoint, application.get(endpoint));
            }
            clients.values().forEach(client -> {
                note("client", client);
                note("diagnostics", client.diagnostics());
                note("open calls", client.openCalls());
                note("pool", client.pool());
            });
            Queue<String> seen = application.context().getBean(Observed.class).seen;
            assertThat(seen).hasSizeGreaterThan(100);
            written.addAll(seen);

            assertThat(kimi.requests()).hasSizeGreaterThan(30);
            assertThat(claude.requests()).hasSizeGreaterThan(30);
        } finally {
            root.setLevel(before);
            root.detachAppender(log);
            log.stop();
        }

        assertNothingFound();
    }

    private void assertNothingFound() {
        assertThat(written).hasSizeGreaterThan(1000).anyMatch(line -> line.startsWith("[dev.kimi."));
        for (String secret : List.of(KEY, SECOND_KEY, SAID, HEARD)) {
            String encoded = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
            assertThat(written)
                    .filteredOn(line -> line.contains(secret) || line.contains(encoded))
                    .as(secret)
                    .isEmpty();
        }
    }

    /** All that a client does, with a service that does all that one may. */
    private void use(KimiClient client, KimiSimulator service) {
        for (Map.Entry<String, Reply> reply : replies().entrySet()) {
            for (Supplier<Object> way : ways(client)) {
                service.reply(reply.getValue());
                attempt(reply.getKey(), way);
                // or most calls fail, and the client sends none for a while
                service.reply(Reply.text(HEARD));
                attempt("good", () -> client.chat(request()));
            }
        }
        service.reply(Reply.text(HEARD), Reply.error(500, "server_error", SAID + KEY));
        try (var run = client.batch(List.of(request(), request()))) {
            for (BatchResult result : run) {
                note("result", result);
                if (!result.succeeded()) {
                    note("result", printed(result.failure()));
                }
            }
        }
        attempt("models", client::models);
        attempt("tokens", () -> client.countTokens(request()));
    }

    private static Map<String, Reply> replies() {
        String echo = "Incorrect API key " + KEY + " or " + SECOND_KEY + " for: " + SAID + " " + HEARD;
        Map<String, Reply> replies = new LinkedHashMap<>();
        for (int status : new int[] {400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 529}) {
            replies.put("error " + status, Reply.error(status, "invalid_request_error", echo));
        }
        replies.put("html", Reply.status(502, "<html>" + echo));
        replies.put("empty", Reply.status(200, echo));
        replies.put("redirect", Reply.redirectTo("http://127.0.0.1:1/" + SAID + "?key=" + KEY));
        replies.put("out of balance", Reply.quotaExceeded());
        replies.put("filtered", Reply.contentFiltered());
        replies.put("error event", Reply.errorEvent("server_error", echo));
        replies.put("error event late", Reply.text(HEARD.repeat(20)).errorEventAfter(3, "server_error", echo));
        replies.put("cut", Reply.text(HEARD.repeat(20)).cutAfterEvents(4));
        replies.put("no end", Reply.text(HEARD).withoutDone());
        replies.put("malformed", Reply.raw(("{\"choices\": \"" + echo + "\"").getBytes(StandardCharsets.UTF_8)));
        replies.put("tools", Reply.toolCall("look_up", "{\"of\": \"" + HEARD + "\"}"));
        replies.put("reasoning", Reply.reasoning(HEARD).thenText(HEARD));
        replies.put("headers", Reply.text(HEARD).header("x-echo", SAID).header("set-cookie", "k=" + KEY));
        return replies;
    }

    private List<Supplier<Object>> ways(KimiClient client) {
        return List.of(
                () -> client.chat(request()),
                () -> {
                    try (ChatStream stream = client.stream(request())) {
                        note("stream", stream);
                        for (ChatEvent event : stream) {
                            note("event", event);
                        }
                        return stream.response();
                    }
                },
                () -> client.exchange(ServiceRequest.post(
                        "/v1/" + (client.name().equals("claude") ? "messages" : "chat/completions"),
                        ("{\"model\": \"kimi-k3\", \"max_tokens\": 100, \"messages\": [{\"role\": \"user\", \"content\": \""
                                        + SAID + "\"}]}")
                                .getBytes(StandardCharsets.UTF_8))));
    }

    private static ChatRequest request() {
        return ChatRequest.builder()
                .system(SAID)
                .user(SAID)
                .tool(Tool.function("look_up", SAID, "{\"type\": \"object\", \"title\": \"" + SAID + "\"}"))
                .maxCompletionTokens(100)
                .deadline(Duration.ofSeconds(20))
                .build();
    }

    private void attempt(String what, Supplier<Object> call) {
        try {
            note(what, call.get());
        } catch (RuntimeException failure) {
            note(what, printed(failure));
        }
    }

    private void note(String what, Object object) {
        written.add(what + ": " + object);
    }

    private static String printed(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static String settings(KimiSimulator kimi, KimiSimulator claude) {
        return """
                kimi:
                  api-key: ${FIRST_KEY}
                  base-url: %s
                  model: kimi-k3
                  protocol: openai
                  retry.preset: never
                  clients:
                    claude:
                      api-key: ${SECOND_KEY}
                      base-url: %s
                      model: claude-sonnet-5-5
                      protocol: anthropic
                """.formatted(kimi.baseUrl(), claude.baseUrl());
    }

    /** Everything that is logged, with parameters, key-value pairs, context and stack traces. */
    private static final class Written extends AppenderBase<ILoggingEvent> {
        private final Queue<String> lines;

        private Written(Queue<String> lines) {
            this.lines = lines;
        }

        @Override
        protected void append(ILoggingEvent event) {
            List<Object> parts = new ArrayList<>();
            parts.add(event.getLoggerName());
            parts.add(event.getFormattedMessage());
            parts.add(Arrays.toString(event.getArgumentArray()));
            parts.add(String.valueOf(event.getKeyValuePairs()));
            parts.add(event.getMDCPropertyMap());
            parts.add(event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            lines.add(parts.toString());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Observed {
        private final Queue<String> seen = new ConcurrentLinkedQueue<>();

        @Bean
        ObservationHandler<Observation.Context> seeing() {
            return new ObservationHandler<>() {
                @Override
                public boolean supportsContext(Observation.Context context) {
                    return true;
                }

                @Override
                public void onStop(Observation.Context context) {
                    String failure = context.getError() == null ? "" : printed(context.getError());
                    seen.add(context.getName() + " " + context.getContextualName() + " " + context.getAllKeyValues()
                            + " " + failure);
                }
            };
        }
    }
}
