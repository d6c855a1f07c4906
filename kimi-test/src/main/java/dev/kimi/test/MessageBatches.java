package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.ClaudeHeaders;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The endpoints of message batches, for each account its own. Lives on the event loop. */
final class MessageBatches {

    static final String PATH = "/v1/messages/batches";

    private static final int MAX_BODY = 256 * 1024 * 1024;
    private static final int MAX_ITEMS = 100_000;
    private static final String JSON_LINES = "application/x-jsonl";
    private static final Pattern CUSTOM_ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
    private static final WireFormat FORMAT = WireFormat.CLAUDE_MESSAGES;

    private final ClaudeInference claude;
    private final BatchRunner runner;
    private final KeyRing keys;
    private final Ticker ticker;
    private final ResponseSender sender;
    private final Ids ids;
    private final Map<String, Map<String, BatchRun>> batches = new HashMap<>();

    MessageBatches(
            ClaudeInference claude, BatchRunner runner, KeyRing keys, Ticker ticker, ResponseSender sender, Ids ids) {
        this.claude = claude;
        this.runner = runner;
        this.keys = keys;
        this.ticker = ticker;
        this.sender = sender;
        this.ids = ids;
    }

    /** Forgets all batches. */
    void clear() {
        batches.values().forEach(all -> all.values().forEach(BatchRun::drop));
        batches.clear();
    }

    void handle(ServerExchange exchange, String key, byte[] body) {
        Map<String, BatchRun> own =
                batches.computeIfAbsent(keys.account(key).organisation(), ignored -> new LinkedHashMap<>());
        String method = exchange.received().method();
        String rest = exchange.received().path().substring(PATH.length());
        if (rest.isEmpty()) {
            if ("POST".equals(method)) {
                create(exchange, key, body, own);
            } else {
                list(exchange, own);
            }
            return;
        }
        String[] parts = rest.substring(1).split("/", 2);
        BatchRun batch = own.get(parts[0]);
        if (batch == null) {
            sender.send(
                    exchange, FORMAT, ApiError.of(404, "not_found_error", "Message Batch " + parts[0] + " not found."));
            return;
        }
        one(exchange, method + (parts.length > 1 ? " " + parts[1] : ""), batch, own);
    }

    private void one(ServerExchange exchange, String action, BatchRun batch, Map<String, BatchRun> own) {
        switch (action) {
            case "GET" -> send(exchange, batch.describe(baseUrl(exchange), ticker.epochSeconds()));
            case "POST cancel" -> {
                batch.cancel(ticker.epochSeconds());
                send(exchange, batch.describe(baseUrl(exchange), ticker.epochSeconds()));
                batch.endIfDone(ticker.epochSeconds());
            }
            case "DELETE" -> {
                if (!batch.ended()) {
                    sender.send(exchange, FORMAT, notEnded(batch));
                    return;
                }
                own.remove(batch.id());
                Map<String, Object> deleted = new LinkedHashMap<>();
                deleted.put("id", batch.id());
                deleted.put("type", "message_batch_deleted");
                send(exchange, deleted);
            }
            case "GET results" -> {
                if (!batch.ended()) {
                    sender.send(exchange, FORMAT, notEnded(batch));
                } else if (batch.archived(ticker.epochSeconds())) {
                    String text = "The results of Message Batch " + batch.id() + " are no longer available.";
                    sender.send(exchange, FORMAT, ApiError.of(404, "not_found_error", text));
                } else {
                    sender.whole(exchange, 200, JSON_LINES, batch.results());
                }
            }
            default -> sender.send(exchange, FORMAT, ApiError.of(405, "invalid_request_error", "Method Not Allowed"));
        }
    }

    private static ApiError notEnded(BatchRun batch) {
        return ApiError.invalid("Message Batch " + batch.id() + " has not ended.");
    }

    private void list(ServerExchange exchange, Map<String, BatchRun> own) {
        List<Map<String, Object>> entries = new ArrayList<>();
        own.values().forEach(batch -> entries.add(0, batch.describe(baseUrl(exchange), ticker.epochSeconds())));
        send(exchange, Page.of(entries, exchange.received().query()));
    }

    private void create(ServerExchange exchange, String key, byte[] body, Map<String, BatchRun> own) {
        ClaudeHeaders headers = ClaudeInference.headers(exchange);
        ApiError error = body.length > MAX_BODY ? ApiError.tooLarge() : headers.breach();
        JsonNode json = error == null ? Json.parse(body) : null;
        error = error != null ? error : breach(json == null ? null : json.path("requests"));
        if (error != null || json == null) {
            sender.send(exchange, FORMAT, error == null ? ApiError.invalid("requests: Field required") : error);
            return;
        }
        String id = "msgbatch_01" + ids.hex(22);
        BatchRun batch = new BatchRun(id, ticker.epochSeconds());
        for (JsonNode item : json.path("requests")) {
            batch.add(item.path("custom_id").asString(""));
        }
        own.put(id, batch);
        send(exchange, batch.describe(baseUrl(exchange), ticker.epochSeconds()));
        for (JsonNode item : json.path("requests")) {
            String customId = item.path("custom_id").asString("");
            ClaudeInference.Checked checked = claude.item(headers, key, item.path("params"));
            runner.run(batch, customId, checked);
        }
        runner.expireLater(batch);
        batch.endIfDone(ticker.epochSeconds());
    }

    private static @Nullable ApiError breach(@Nullable JsonNode requests) {
        if (requests == null || !requests.isArray()) {
            return ApiError.invalid("requests: Field required");
        }
        if (requests.isEmpty() || requests.size() > MAX_ITEMS) {
            return ApiError.invalid(
                    "requests: a batch has from 1 to " + MAX_ITEMS + " requests, not " + requests.size());
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < requests.size(); i++) {
            String customId = requests.get(i).path("custom_id").asString("");
            if (!CUSTOM_ID.matcher(customId).matches()) {
                return ApiError.invalid(
                        "requests." + i + ".custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'");
            }
            if (!seen.add(customId)) {
                return ApiError.invalid("requests: custom_id values must be unique, found duplicate " + customId);
            }
            if (!requests.get(i).path("params").isObject()) {
                return ApiError.invalid("requests." + i + ".params: Field required");
            }
            if (requests.get(i).path("params").path("stream").asBoolean(false)) {
                return ApiError.invalid("requests." + i + ".params.stream: Extra inputs are not permitted");
            }
        }
        return null;
    }

    private void send(ServerExchange exchange, Map<String, Object> body) {
        sender.whole(exchange, 200, Contents.JSON, Json.write(body).getBytes(StandardCharsets.UTF_8));
    }

    private static String baseUrl(ServerExchange exchange) {
        return exchange.request().scheme() + "://" + exchange.request().authority();
    }
}
