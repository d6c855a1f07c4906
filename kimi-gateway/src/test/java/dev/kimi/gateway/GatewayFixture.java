package dev.kimi.gateway;

import dev.kimi.gateway.face.Places;
import dev.kimi.test.KimiSimulator;
import dev.kimi.time.VirtualTime;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * One running gateway for all tests of the module, with a simulator of Kimi and one of Claude behind it, which tests
 * script. Its pings run on a time that stands still unless a test moves it.
 */
public final class GatewayFixture {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static GatewayFixture running;

    private final KimiSimulator kimi = KimiSimulator.start();
    private final KimiSimulator claude = KimiSimulator.start();
    private final VirtualTime time = new VirtualTime();
    private final CallRecorder calls = new CallRecorder();
    private final Places places = new Places();
    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();

    private GatewayFixture() {
        this.context = start(kimi, claude, new TestBeans(time, calls, places), Map.of());
    }

    /** The running gateway, with nothing scripted or recorded; started when the first test needs it. */
    public static synchronized GatewayFixture gateway() {
        if (running == null) {
            running = new GatewayFixture();
        }
        running.kimi.reset();
        running.claude.reset();
        running.calls.reset();
        running.places.reset();
        return running;
    }

    /**
     * Starts another gateway, for tests of settings; to be closed by its caller.
     *
     * @param settings beside those of the simulators
     */
    public static ConfigurableApplicationContext start(
            KimiSimulator kimi, KimiSimulator claude, Map<String, String> settings) {
        return start(kimi, claude, new TestBeans(new VirtualTime(), new CallRecorder(), new Places()), settings);
    }

    private static ConfigurableApplicationContext start(
            KimiSimulator kimi, KimiSimulator claude, TestBeans beans, Map<String, String> settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--kimi.base-url=" + kimi.baseUrl(),
                "--kimi.api-key=sk-kimi",
                "--kimi.clients.claude.base-url=" + claude.baseUrl(),
                "--kimi.clients.claude.api-key=sk-claude",
                "--kimi.clients.claude.retry.max-attempts=1",
                "--kimi.retry.max-attempts=1",
                "--kimi.gateway.messages-body-limit=2MB",
                "--kimi.gateway.body-limit=3MB"));
        settings.forEach((name, value) -> arguments.add("--" + name + "=" + value));
        SpringApplication application = new SpringApplicationBuilder(GatewayApplication.class)
                .registerShutdownHook(true)
                .initializers(beans)
                .build();
        return application.run(arguments.toArray(String[]::new));
    }

    public KimiSimulator kimi() {
        return kimi;
    }

    public KimiSimulator claude() {
        return claude;
    }

    /** The time of pings. */
    public VirtualTime time() {
        return time;
    }

    /** What listeners were notified of. */
    public CallRecorder calls() {
        return calls;
    }

    /** What was taken from keys and given back. */
    public Places places() {
        return places;
    }

    public ConfigurableApplicationContext context() {
        return context;
    }

    public int port() {
        return portOf(context);
    }

    public static int portOf(ConfigurableApplicationContext context) {
        return ((WebServerApplicationContext) context).getWebServer().getPort();
    }

    /** Scheme, host and port. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    public HttpClient http() {
        return http;
    }

    /** Sends JSON and waits for the whole response. */
    public HttpResponse<String> post(String path, String json, String... headers) {
        return send(request(path, headers)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    public HttpResponse<String> get(String path, String... headers) {
        return send(request(path, headers).GET().build());
    }

    public HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url() + path)).timeout(PATIENCE);
        return headers.length == 0 ? request : request.headers(headers);
    }

    public HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
