package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.ClaudeModel;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.Tokens;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The endpoints: finds the one a request is for and responds as the service would. Lives on the event loop. */
final class Service {

    private static final String ORGANISATION_ID = "5f1c2a9e-0b7d-4c3e-8a61-2d9f4b7c0e15";

    private final Script script;
    private final KeyRing keys;
    private final @Nullable OAuthTokens tokens;
    private final ResponseSender sender;
    private final Inference inference;
    private final ClaudeInference claude;
    private final MessageBatches batches;
    private final StoredFiles files;
    private final FileBatches fileBatches;
    private final Set<String> furtherModels;
    private final Ids ids = new Ids();

    Service(Settings settings, Script script, Ticker ticker, @Nullable OAuthTokens tokens) {
        this.script = script;
        this.tokens = tokens;
        this.keys = new KeyRing(settings, tokens == null ? settings.validTokens : tokens::valid);
        this.sender = new ResponseSender(settings.gzip, ids);
        this.inference = new Inference(settings, script, keys, ticker, sender, ids);
        this.claude = new ClaudeInference(settings, script, keys, ticker, sender, inference);
        BatchRunner runner = new BatchRunner(script, inference, ticker, ids);
        this.batches = new MessageBatches(claude, runner, keys, ticker, sender, ids);
        this.files = new StoredFiles(keys, ticker, sender, ids);
        this.fileBatches = new FileBatches(files, script, inference, keys, ticker, sender);
        this.furtherModels = settings.models;
    }

    void handle(ServerExchange exchange, byte[] body) {
        ReceivedRequest received = exchange.received();
        Reply instead = script.at(received.path());
        if (instead != null) {
            sender.send(exchange, instead, inference.unchecked(received.path(), body));
            return;
        }
        switch (received.method() + " " + received.path()) {
            case "POST /v1/chat/completions" -> infer(exchange, WireFormat.CHAT, body);
            case "POST /anthropic/v1/messages" -> infer(exchange, WireFormat.KIMI_MESSAGES, body);
            case "POST /v1/messages" ->
                withKey(exchange, WireFormat.CLAUDE_MESSAGES, key -> claude.handle(exchange, key, body));
            case "POST /v1/messages/count_tokens" ->
                withKey(exchange, WireFormat.CLAUDE_MESSAGES, key -> claude.count(exchange, key, body));
            case "POST /v1/tokenizers/estimate-token-count" ->
                withKey(exchange, WireFormat.CHAT, key -> estimate(exchange, body));
            case "GET /v1/models" -> models(exchange);
            case "GET /v1/users/me/balance" -> withKey(exchange, WireFormat.CHAT, key -> json(exchange, balance()));
            case "POST /oauth/token" -> token(exchange, body);
            default -> other(exchange, body);
        }
    }

    private void other(ServerExchange exchange, byte[] body) {
        String path = exchange.received().path();
        if (below(path, MessageBatches.PATH)) {
            withKey(exchange, WireFormat.CLAUDE_MESSAGES, key -> batches.handle(exchange, key, body));
        } else if (below(path, StoredFiles.PATH)) {
            withKey(exchange, WireFormat.CHAT, key -> files.handle(exchange, key, body));
        } else if (below(path, FileBatches.PATH)) {
            withKey(exchange, WireFormat.CHAT, key -> fileBatches.handle(exchange, key, body));
        } else if (path.startsWith("/v1/models/")
                && "GET".equals(exchange.received().method())
                && ofClaude(exchange)) {
            String id = path.substring("/v1/models/".length());
            withKey(exchange, WireFormat.CLAUDE_MESSAGES, key -> model(exchange, id));
        } else {
            sender.whole(exchange, 404, Contents.JSON, notFound(exchange));
        }
    }

    private static boolean below(String path, String endpoint) {
        return path.equals(endpoint) || path.startsWith(endpoint + "/");
    }

    /** Both services have their models under one path; the version header belongs to one of them. */
    private static boolean ofClaude(ServerExchange exchange) {
        return exchange.request().getHeader("anthropic-version") != null;
    }

    private void models(ServerExchange exchange) {
        if (!ofClaude(exchange)) {
            withKey(exchange, WireFormat.CHAT, key -> json(exchange, listing()));
            return;
        }
        List<Map<String, Object>> entries = new ArrayList<>();
        furtherModels.stream()
                .filter(id -> id.startsWith("claude"))
                .map(id -> ClaudeModel.of(id, furtherModels))
                .forEach(model -> entries.add(Objects.requireNonNull(model).listing()));
        ClaudeModel.all().forEach(model -> entries.add(model.listing()));
        Map<String, Object> page = Page.of(entries, exchange.received().query());
        withKey(exchange, WireFormat.CLAUDE_MESSAGES, key -> json(exchange, page));
    }

    private void model(ServerExchange exchange, String id) {
        ClaudeModel model = ClaudeModel.of(id, furtherModels);
        if (model == null) {
            sender.send(exchange, WireFormat.CLAUDE_MESSAGES, ApiError.unknownModel(id));
        } else {
            json(exchange, model.listing());
        }
    }

    /** Forgets what accounts have used. */
    void reset() {
        keys.clear();
        batches.clear();
        files.clear();
        fileBatches.clear();
    }

    private void infer(ServerExchange exchange, WireFormat format, byte[] body) {
        withKey(exchange, format, key -> inference.handle(exchange, format, key, body));
    }

    private void withKey(ServerExchange exchange, WireFormat format, Consumer<String> endpoint) {
        if (format == WireFormat.CLAUDE_MESSAGES) {
            exchange.response().putHeader("Request-Id", ids.request());
            exchange.response().putHeader("anthropic-organization-id", ORGANISATION_ID);
        }
        String key = KeyRing.key(exchange.request().getHeader("Authorization"));
        String apiKey = exchange.request().getHeader("x-api-key");
        boolean wins = format == WireFormat.CLAUDE_MESSAGES || key.isEmpty() && format.messages();
        String shown = wins && apiKey != null ? apiKey : key;
        ApiError rejection = keys.rejection(shown);
        if (rejection != null) {
            sender.send(exchange, format, rejection);
        } else {
            endpoint.accept(shown);
        }
    }

    private void token(ServerExchange exchange, byte[] body) {
        if (tokens == null) {
            sender.whole(exchange, 404, Contents.JSON, notFound(exchange));
            return;
        }
        OAuthTokens.TokenResponse response = tokens.respond(exchange.request().getHeader("Authorization"), body);
        exchange.response().putHeader("Cache-Control", "no-store");
        if (response.status() == 401) {
            exchange.response().putHeader("WWW-Authenticate", "Basic realm=\"kimi-simulator\"");
        }
        Runnable send = () -> sender.whole(exchange, response.status(), Contents.JSON, response.body());
        exchange.later(response.delay().toNanos(), send);
    }

    private void estimate(ServerExchange exchange, byte[] body) {
        JsonNode json = Json.parse(body);
        if (json == null || !json.path("messages").isArray()) {
            sender.send(exchange, WireFormat.CHAT, ApiError.invalid("Invalid request: messages must not be empty"));
            return;
        }
        int tokens = Tokens.ofMessages(json.path("messages"));
        json(exchange, Map.of("data", Map.of("total_tokens", tokens)));
    }

    private Map<String, Object> listing() {
        List<Map<String, Object>> entries = new ArrayList<>();
        inference.models().values().forEach(card -> entries.add(card.listing()));
        return ordered("object", "list", "data", entries);
    }

    private static Map<String, Object> balance() {
        Map<String, Object> amounts = ordered("available_balance", 49.58894, "voucher_balance", 46.58893);
        amounts.put("cash_balance", 3.00001);
        Map<String, Object> body = ordered("code", 0, "data", amounts);
        body.put("scode", "0x0");
        body.put("status", true);
        return body;
    }

    private static byte[] notFound(ServerExchange exchange) {
        Map<String, Object> body = ordered("code", 5, "error", "url.not_found");
        body.put("message", "没找到对象");
        body.put("method", exchange.received().method());
        body.put("scode", "0x5");
        body.put("status", false);
        String agent = exchange.request().getHeader("User-Agent");
        body.put("ua", agent == null ? "" : agent);
        return Json.write(body).getBytes(StandardCharsets.UTF_8);
    }

    private void json(ServerExchange exchange, Map<String, Object> body) {
        sender.whole(exchange, 200, Contents.JSON, Json.write(body).getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Object> ordered(String first, Object one, String second, Object two) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(first, one);
        map.put(second, two);
        return map;
    }
}
