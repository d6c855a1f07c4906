package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The endpoints of Kimi's batches, for each account its own; items run by the script. Lives on the event loop. */
final class FileBatches {

    static final String PATH = "/v1/batches";

    private static final Pattern WINDOW = Pattern.compile("1[2-9]h|[2-9]\\dh|1[0-5]\\dh|16[0-8]h|[1-7]d");
    private static final WireFormat FORMAT = WireFormat.CHAT;
    private static final ApiError BROKEN = ApiError.of(500, "server_error", "Internal server error");

    private final StoredFiles files;
    private final Script script;
    private final Inference inference;
    private final KeyRing keys;
    private final Ticker ticker;
    private final ResponseSender sender;
    private final Ids ids = new Ids();
    private final Map<String, Map<String, FileBatch>> batches = new HashMap<>();

    FileBatches(
            StoredFiles files, Script script, Inference inference, KeyRing keys, Ticker ticker, ResponseSender sender) {
        this.files = files;
        this.script = script;
        this.inference = inference;
        this.keys = keys;
        this.ticker = ticker;
        this.sender = sender;
    }

    /** Forgets all batches. */
    void clear() {
        batches.values().forEach(all -> all.values().forEach(FileBatch::drop));
        batches.clear();
    }

    void handle(ServerExchange exchange, String key, byte[] body) {
        Map<String, FileBatch> own =
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
        FileBatch batch = own.get(parts[0]);
        if (batch == null) {
            String text = "batch " + parts[0] + " not found";
            sender.send(exchange, FORMAT, ApiError.of(404, "resource_not_found_error", text));
            return;
        }
        switch (method + (parts.length > 1 ? " " + parts[1] : "")) {
            case "GET" -> send(exchange, batch.describe());
            case "POST cancel" -> {
                batch.cancel(ticker.epochSeconds());
                send(exchange, batch.describe());
                endIfDone(key, batch);
            }
            default -> sender.send(exchange, FORMAT, ApiError.of(405, "invalid_request_error", "Method Not Allowed"));
        }
    }

    private void list(ServerExchange exchange, Map<String, FileBatch> own) {
        List<Map<String, Object>> entries = new ArrayList<>();
        own.values().forEach(batch -> entries.add(0, batch.describe()));
        String query = exchange.received().query().replaceAll("(^|&)after=", "$1after_id=");
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("object", "list");
        list.putAll(Page.of(entries, query));
        send(exchange, list);
    }

    private void create(ServerExchange exchange, String key, byte[] body, Map<String, FileBatch> own) {
        Map<String, Object> wanted = Json.members(body);
        StoredFiles.StoredFile input = files.find(key, String.valueOf(wanted.get("input_file_id")));
        List<JsonNode> lines = new ArrayList<>();
        ApiError error = breach(wanted, input, lines);
        if (error != null || input == null) {
            sender.send(exchange, FORMAT, error == null ? ApiError.invalid("input_file_id is required") : error);
            return;
        }
        FileBatch batch = new FileBatch(
                "batch-" + ids.hex(20),
                input.id(),
                String.valueOf(wanted.get("completion_window")),
                ticker.epochSeconds(),
                wanted.get("metadata"));
        own.put(batch.id(), batch);
        lines.forEach(line -> batch.add());
        send(exchange, batch.describe());
        lines.forEach(line -> run(key, batch, line));
        endIfDone(key, batch);
    }

    private static @Nullable ApiError breach(
            Map<String, Object> wanted, StoredFiles.@Nullable StoredFile input, List<JsonNode> lines) {
        if (input == null || !input.purpose().equals(StoredFiles.BATCH)) {
            return ApiError.invalid("Invalid request: input_file_id is no file with the purpose batch");
        }
        if (!"/v1/chat/completions".equals(wanted.get("endpoint"))) {
            return ApiError.invalid("Invalid request: endpoint must be /v1/chat/completions");
        }
        if (!WINDOW.matcher(String.valueOf(wanted.get("completion_window"))).matches()) {
            return ApiError.invalid("Invalid request: completion_window must be between 12h and 7d");
        }
        for (String line : new String(input.content(), StandardCharsets.UTF_8).split("\n")) {
            JsonNode item = line.isBlank() ? null : Json.parse(line.getBytes(StandardCharsets.UTF_8));
            if (item == null
                    || !item.path("custom_id").isString()
                    || !item.path("body").isObject()) {
                return ApiError.invalid("Invalid request: line " + (lines.size() + 1) + " of the file is no request");
            }
            lines.add(item);
        }
        return null;
    }

    private void run(String key, FileBatch batch, JsonNode line) {
        String customId = line.path("custom_id").asString("");
        Inference.Item item = inference.item(line.path("body"));
        String requestId = ids.request();
        Content.RenderContext context = item.context();
        ApiError error = item.rejection();
        if (context == null) {
            ApiError wrong = error == null ? BROKEN : error;
            batch.finish(requestId, customId, FORMAT.status(wrong), FORMAT.body(wrong, requestId));
            return;
        }
        Reply reply = script.next();
        switch (reply.head().action()) {
            case STALL -> {
                // goes on until it is cancelled
            }
            case DROP, REFUSE_STREAM -> batch.finish(requestId, customId, 500, FORMAT.body(BROKEN, requestId));
            case SEND -> {
                Content.Rendering rendering = reply.content().render(context);
                byte[] whole = rendering.whole() == null ? new byte[] {'{', '}'} : rendering.whole();
                long delay = reply.head().delay().toNanos() + rendering.delayNanos();
                Runnable finish = () -> batch.finish(requestId, customId, rendering.status(), whole);
                if (delay <= 0) {
                    finish.run();
                } else {
                    batch.timer(ticker.after(delay, () -> {
                        finish.run();
                        endIfDone(key, batch);
                    }));
                }
            }
        }
    }

    private void endIfDone(String key, FileBatch batch) {
        batch.endIfDone(
                ticker.epochSeconds(),
                (name, content) ->
                        files.store(key, name, "batch_output", content).id());
    }

    private void send(ServerExchange exchange, Map<String, Object> body) {
        sender.whole(exchange, 200, Contents.JSON, Json.write(body).getBytes(StandardCharsets.UTF_8));
    }
}
