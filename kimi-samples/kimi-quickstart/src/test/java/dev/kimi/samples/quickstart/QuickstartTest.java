package dev.kimi.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
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
import java.util.Arrays;
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

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void without_a_key_prints_a_response_its_figures_and_where_the_page_is() throws Exception {
        try (Run run = new Run("--kimi.api-key=", "--quickstart.question=Why?")) {
            assertThat(run.printed()).contains("> Why?").doesNotContain("\u001b");
            assertThat(run.printed())
                    .containsPattern("\\d+ tokens in, \\d+ out \\(\\d+ reasoning\\), first token after \\d+\\.\\d\\d s")
                    .containsPattern("Chat page http://127\\.0\\.0\\.1:\\d+ ");
            assertThat(run.simulator().requests()).hasSize(1);
            assertThat(get(run, "/").body()).contains("<html");
            assertThat(get(run, "/api/info").body()).contains(run.simulator().baseUrl(), "\"simulated\":true");
            assertThat(get(run, "/actuator/health").statusCode()).isEqualTo(200);
            assertThat(get(run, "/actuator/prometheus").body())
                    .contains("\nclaude_request_duration", "\nkimi_connection_pool");
        }
    }

    @Test
    void prints_the_reasoning_first_and_faint_where_that_can_be_seen() {
        try (Run run = new Run("--kimi.api-key=", "--spring.output.ansi.enabled=always")) {
            assertThat(run.printed()).containsPattern("(?s)\n> .*\u001b\\[2m.*\n\n.*\u001b\\[2m\\d+ tokens in");
        }
    }

    @Test
    void responds_to_questions() throws Exception {
        try (Run run = new Run("--kimi.api-key=")) {
            run.simulator().reply(Reply.text("Rayleigh scattering."));

            HttpResponse<String> response = get(run, "/ask?question=Why+is+the+sky+blue");

            assertThat(response.body()).isEqualTo("Rayleigh scattering.");
            assertThat(run.simulator().requests().get(1).bodyText()).contains("Why is the sky blue");
        }
    }

    @Test
    void says_why_there_is_no_response_and_serves_on() throws Exception {
        try (KimiSimulator service =
                KimiSimulator.builder().latency(Latency.none()).start()) {
            service.otherwise(Reply.unauthorized());
            try (Run run = new Run("--kimi.api-key=sk-test", "--kimi.base-url=" + service.baseUrl())) {
                assertThat(run.printed()).contains("No response: ").contains("Chat page");
                assertThat(get(run, "/").statusCode()).isEqualTo(200);
                assertThat(get(run, "/ask?question=Why").statusCode()).isBetween(400, 599);
            }
        }
    }

    @Test
    void with_a_key_nothing_is_simulated() {
        try (Run run = new Run("--kimi.api-key=sk-test", "--kimi.base-url=http://127.0.0.1:1")) {
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
                String[] all = Arrays.copyOf(args, args.length + 1);
                all[args.length] = "--server.port=0";
                context = application.run(all);
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
