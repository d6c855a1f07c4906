package dev.kimi.test;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Calls the simulator as clients of Anthropic's service do. */
final class Claude {

    static final String LATEST = "2026-10-21";
    static final String ASK = "{\"role\":\"user\",\"content\":\"hi\"}";

    private final Client client;
    private final String version;
    private final String key;
    private final String beta;

    Claude(KimiSimulator kimi) {
        this(new Client(kimi), LATEST, "sk-ant-test", "");
    }

    private Claude(Client client, String version, String key, String beta) {
        this.client = client;
        this.version = version;
        this.key = key;
        this.beta = beta;
    }

    Claude version(String other) {
        return new Claude(client, other, key, beta);
    }

    Claude key(String other) {
        return new Claude(client, version, other, beta);
    }

    Claude beta(String names) {
        return new Claude(client, version, key, names);
    }

    /** A request body: a model, further members (JSON text, may be empty), and messages. */
    static String request(String model, String members, String... messages) {
        String more = members.isEmpty() ? "" : members + ",";
        return "{\"model\":\"" + model + "\",\"max_tokens\":500," + more + "\"messages\":["
                + String.join(",", messages.length == 0 ? new String[] {ASK} : messages) + "]}";
    }

    static String user(String content) {
        return "{\"role\":\"user\",\"content\":" + content + "}";
    }

    static String assistant(Object content) {
        return "{\"role\":\"assistant\",\"content\":" + content + "}";
    }

    HttpResponse<String> post(String body) throws Exception {
        return post("/v1/messages", body);
    }

    HttpResponse<String> post(String path, String body) throws Exception {
        return send(path, "POST", body);
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(path, "GET", "");
    }

    HttpResponse<String> send(String path, String method, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        client.request(path).build().uri())
                .header("x-api-key", key)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!version.isEmpty()) {
            request.header("anthropic-version", version);
        }
        if (!beta.isEmpty()) {
            request.header("anthropic-beta", beta);
        }
        return client.http().send(request.build(), BodyHandlers.ofString());
    }

    /** The message of a rejection with status 400. */
    String rejection(String body) throws Exception {
        HttpResponse<String> response = post(body);
        return response.statusCode() == 400
                ? Client.json(response).path("error").path("message").stringValue()
                : "no rejection but " + response.statusCode() + ": " + response.body();
    }

    /** The types of the events of a stream in their order. */
    static List<String> types(String stream) {
        return Pattern.compile("event: (\\w+)")
                .matcher(stream)
                .results()
                .map(MatchResult::group)
                .map(line -> line.substring("event: ".length()))
                .toList();
    }

    /** The paths of all members in the order of the text; elements of arrays count as one. */
    static List<String> members(JsonNode json) {
        List<String> members = new ArrayList<>();
        collect("", json, members);
        return members;
    }

    private static void collect(String at, JsonNode node, List<String> members) {
        node.properties().forEach(member -> {
            members.add(at + member.getKey());
            collect(at + member.getKey() + ".", member.getValue(), members);
        });
        if (node.isArray()) {
            node.forEach(element -> collect(at, element, members));
        }
    }
}
