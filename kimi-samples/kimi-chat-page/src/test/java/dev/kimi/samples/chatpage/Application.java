package dev.kimi.samples.chatpage;

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
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/** An application with nothing but the page, its simulator beside it, on a free port. */
final class Application implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final KimiSimulator kimi =
            KimiSimulator.builder().latency(Latency.none()).start();
    private final ConfigurableApplicationContext context;

    Application(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--kimi.base-url=" + kimi.baseUrl(),
                "--kimi.api-key=sk-simulated"));
        args.addAll(List.of(more));
        SpringApplication application = new SpringApplication(Nothing.class);
        application.addInitializers(context -> context.getBeanFactory().registerSingleton("kimiSimulator", kimi));
        context = application.run(args.toArray(String[]::new));
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Nothing {}

    KimiSimulator kimi() {
        return kimi;
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
        kimi.close();
    }
}
