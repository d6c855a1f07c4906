package dev.kimi.test;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls the simulator the way any HTTP client does. */
final class Client {

    static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http;
    private final String baseUrl;

    Client(KimiSimulator kimi) {
        this(kimi, HttpClient.Version.HTTP_1_1);
    }

    Client(KimiSimulator kimi, HttpClient.Version version) {
        this.http = HttpClient.newBuilder().version(version).build();
        this.baseUrl = kimi.baseUrl();
    }

    static String question(String model, boolean stream, String text) {
        return JSON.writeValueAsString(
                Map.of("model", model, "stream", stream, "messages", List.of(Map.of("role", "user", "content", text))));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(baseUrl + path)).header("Authorization", "Bearer sk-test");
    }

    HttpRequest chatRequest(String body) {
        return request("/v1/chat/completions")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return http.send(chatRequest(body), BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> chat(String text) throws IOException, InterruptedException {
        return post(question("kimi-k3", false, text));
    }

    HttpResponse<String> stream(String text) throws IOException, InterruptedException {
        return post(question("kimi-k3", true, text));
    }

    HttpClient http() {
        return http;
    }

    static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    /** The payloads of a stream without its end marker. */
    static List<JsonNode> events(String stream) {
        return stream.lines()
                .filter(line -> line.startsWith("data: {"))
                .map(line -> JSON.readTree(line.substring("data: ".length())))
                .toList();
    }

    /** The deltas of one kind, joined. */
    static String joined(List<JsonNode> events, String member) {
        StringBuilder out = new StringBuilder();
        events.forEach(event -> out.append(
                event.path("choices").path(0).path("delta").path(member).asString("")));
        return out.toString();
    }
}
