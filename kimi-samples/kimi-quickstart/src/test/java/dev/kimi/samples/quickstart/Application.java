package dev.kimi.samples.quickstart;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole application with its simulator, on a free port. */
final class Application implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final ConfigurableApplicationContext context;

    Application(String... more) {
        List<String> args = new ArrayList<>(List.of("--server.port=0", "--kimi.api-key="));
        args.addAll(List.of(more));
        if (args.stream().noneMatch(arg -> arg.startsWith("--kimi.quickstart.question="))) {
            args.add("--kimi.quickstart.question=");
        }
        context = application(args).run(args.toArray(String[]::new));
    }

    /** Runs a batch to its end and gives the exit code. */
    static int batch(String... more) {
        List<String> args = new ArrayList<>(List.of("--kimi.api-key="));
        args.addAll(List.of(more));
        return SpringApplication.exit(application(args).run(args.toArray(String[]::new)));
    }

    private static SpringApplication application(List<String> args) {
        SpringApplication application = QuickstartApplication.application(args.toArray(String[]::new));
        application.addInitializers(context -> simulator(context).latency(Latency.none()));
        return application;
    }

    private static KimiSimulator simulator(ConfigurableApplicationContext context) {
        return (KimiSimulator) context.getBeanFactory().getSingleton("kimiSimulator");
    }

    KimiSimulator kimi() {
        return simulator(context);
    }

    URI url(String path) {
        String port = context.getEnvironment().getProperty("local.server.port");
        return URI.create("http://127.0.0.1:" + port + path);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> ask(String body) throws IOException, InterruptedException {
        return http.send(chat(body), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<InputStream> open(String body) throws IOException, InterruptedException {
        return http.send(chat(body), HttpResponse.BodyHandlers.ofInputStream());
    }

    HttpResponse<String> post(String type, String body) throws IOException, InterruptedException {
        return http.send(
                request("/api/chat")
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest chat(String body) {
        return request("/api/chat")
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url(path)).timeout(Duration.ofSeconds(60));
    }

    @Override
    public void close() {
        context.close();
    }
}
