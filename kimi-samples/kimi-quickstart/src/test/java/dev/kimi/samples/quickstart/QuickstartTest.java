package dev.kimi.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.ansi.AnsiOutput;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;

@Timeout(120)
@ResourceLock(Resources.SYSTEM_OUT)
class QuickstartTest {

    private static final String NO_KEY = "--kimi.api-key=";
    private static final String KEY = "--kimi.api-key=sk-test";
    private static final String NO_CLAUDE_KEY = "--kimi.clients.claude.api-key=";
    private static final String CLAUDE_KEY = "--kimi.clients.claude.api-key=sk-ant-test";

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void without_keys_prints_a_response_of_both_services_their_figures_and_where_the_page_is() throws Exception {
        try (Run run = new Run(NO_KEY, NO_CLAUDE_KEY, "--quickstart.question=Why?")) {
            String figures = "\\d+ tokens in, \\d+ out \\(\\d+ reasoning\\), first token after \\d+\\.\\d\\d s";
            assertThat(run.printed()).doesNotContain("\u001b", "No response");
            assertThat(run.printed())
                    .containsPattern("(?s)kimi-k3 > Why\\?.*" + figures + ".*claude-sonnet-5-5 > Why\\?.*" + figures)
                    .containsPattern("Chat page http://127\\.0\\.0\\.1:\\d+ ");
            assertThat(run.simulator().requests())
                    .extracting(ReceivedRequest::path)
                    .containsExactly("/v1/chat/completions", "/v1/messages");
            assertThat(get(run, "/").body()).contains("<html");
            assertThat(get(run, "/api/info").body()).contains(run.simulator().baseUrl(), "\"simulated\":true");
            assertThat(get(run, "/actuator/health").statusCode()).isEqualTo(200);
            assertThat(get(run, "/actuator/prometheus").body())
                    .contains("\nclaude_request_duration", "\nkimi_connection_pool", "model=\"claude-sonnet-5-5\"");
        }
    }

    @Test
    void prints_the_reasoning_first_and_faint_where_that_can_be_seen() {
        try (Run run = new Run(NO_KEY, NO_CLAUDE_KEY, "--spring.output.ansi.enabled=always")) {
            assertThat(run.printed()).containsPattern("(?s)kimi-k3 > .*\u001b\\[2m.*\n\n.*\u001b\\[2m\\d+ tokens in");
        }
    }

    @Test
    void responds_to_questions_with_either_service() throws Exception {
        try (Run run = new Run(NO_KEY, NO_CLAUDE_KEY)) {
            run.simulator().reply(Reply.text("Rayleigh scattering."), Reply.text("Mie scattering."));

            assertThat(get(run, "/ask?question=Why+is+the+sky+blue").body()).isEqualTo("Rayleigh scattering.");
            assertThat(get(run, "/ask/claude?question=And+clouds+white").body()).isEqualTo("Mie scattering.");
            assertThat(run.simulator().requests().get(2).bodyText()).contains("kimi-k3", "Why is the sky blue");
            assertThat(run.simulator().requests().get(3).bodyText()).contains("claude-", "And clouds white");
        }
    }

    @Test
    void says_why_there_is_no_response_and_serves_on() throws Exception {
        try (KimiSimulator service =
                KimiSimulator.builder().latency(Latency.none()).start()) {
            service.otherwise(Reply.unauthorized());
            try (Run run = new Run(KEY, "--kimi.base-url=" + service.baseUrl(), NO_CLAUDE_KEY)) {
                assertThat(run.printed()).contains("No response: ", "Chat page");
                assertThat(get(run, "/").statusCode()).isEqualTo(200);
                assertThat(get(run, "/ask?question=Why").statusCode()).isBetween(400, 599);
                assertThat(get(run, "/ask/claude?question=Why").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void with_one_key_only_the_other_service_is_simulated() throws Exception {
        try (KimiSimulator real =
                KimiSimulator.builder().latency(Latency.none()).start()) {
            try (Run run = new Run(KEY, "--kimi.base-url=" + real.baseUrl(), NO_CLAUDE_KEY)) {
                assertThat(real.requests()).extracting(ReceivedRequest::path).containsExactly("/v1/chat/completions");
                assertThat(run.simulator().requests())
                        .extracting(ReceivedRequest::path)
                        .containsExactly("/v1/messages");
                assertThat(get(run, "/api/info").body()).contains(real.baseUrl(), "\"simulated\":false");
            }
            real.reset();
            try (Run run = new Run(NO_KEY, CLAUDE_KEY, "--kimi.clients.claude.base-url=" + real.baseUrl())) {
                assertThat(real.requests())
                        .extracting(
                                ReceivedRequest::path,
                                request -> request.header("authorization").orElse(""))
                        .containsExactly(tuple("/v1/messages", "Bearer sk-ant-test"));
                assertThat(get(run, "/api/info").body()).contains("\"simulated\":true");
            }
        }
    }

    @Test
    void with_both_keys_nothing_is_simulated() {
        String nowhere = "http://127.0.0.1:1";
        try (Run run =
                new Run(KEY, CLAUDE_KEY, "--kimi.base-url=" + nowhere, "--kimi.clients.claude.base-url=" + nowhere)) {
            assertThat(run.context.getBeanNamesForType(KimiSimulator.class)).isEmpty();
        }
    }

    private HttpResponse<String> get(Run run, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + run.context.getEnvironment().getProperty("local.server.port") + path))
                .timeout(Duration.ofSeconds(60))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The application after its first response, and what it has printed. */
    private static final class Run implements AutoCloseable {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final ConfigurableApplicationContext context;

        Run(String... args) {
            SpringApplication application = new SpringApplication(QuickstartApplication.class);
            application.addListeners(
                    (ApplicationListener<ApplicationStartedEvent>) event -> event.getApplicationContext()
                            .getBeanProvider(KimiSimulator.class)
                            .ifAvailable(simulator -> simulator.latency(Latency.none())));
            PrintStream before = System.out;
            System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            try {
                List<String> all = new ArrayList<>(List.of(args));
                all.add("--server.port=0");
                // not what the machine of the test has in its environment
                all.add("--kimi.model=kimi-k3");
                all.add("--kimi.clients.claude.model=claude-sonnet-5-5");
                context = application.run(all.toArray(String[]::new));
            } finally {
                System.setOut(before);
                AnsiOutput.setEnabled(AnsiOutput.Enabled.DETECT);
            }
        }

        String printed() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        KimiSimulator simulator() {
            return context.getBean(KimiSimulator.class);
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
