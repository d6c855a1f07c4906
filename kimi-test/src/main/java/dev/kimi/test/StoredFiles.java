package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.MultipartForm;
import dev.kimi.test.internal.MultipartForm.Part;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The endpoints of Kimi's files, for each account its own. Lives on the event loop. */
final class StoredFiles {

    static final String PATH = "/v1/files";

    /** What a file is uploaded for that holds the requests of a batch. */
    static final String BATCH = "batch";

    private static final int MAX_FILE = 100 * 1024 * 1024;
    private static final Set<String> PURPOSES = Set.of("file-extract", "image", "video", BATCH);

    private final KeyRing keys;
    private final Ticker ticker;
    private final ResponseSender sender;
    private final Ids ids;
    private final Map<String, Map<String, StoredFile>> files = new HashMap<>();

    StoredFiles(KeyRing keys, Ticker ticker, ResponseSender sender, Ids ids) {
        this.keys = keys;
        this.ticker = ticker;
        this.sender = sender;
        this.ids = ids;
    }

    /** A file of an account. */
    record StoredFile(String id, String name, String purpose, long created, byte[] content) {

        private Map<String, Object> describe() {
            Map<String, Object> file = new LinkedHashMap<>();
            file.put("id", id);
            file.put("object", "file");
            file.put("bytes", content.length);
            file.put("created_at", created);
            file.put("filename", name);
            file.put("purpose", purpose);
            file.put("status", "ready");
            file.put("status_details", "");
            return file;
        }
    }

    /** Forgets all files. */
    void clear() {
        files.clear();
    }

    /** The file of that id, or null. */
    @Nullable StoredFile find(String key, String id) {
        return own(key).get(id);
    }

    /** Stores a file for an account; returns its id. */
    StoredFile store(String key, String name, String purpose, byte[] content) {
        StoredFile file = new StoredFile("file-" + ids.hex(20), name, purpose, ticker.epochSeconds(), content);
        own(key).put(file.id(), file);
        return file;
    }

    private Map<String, StoredFile> own(String key) {
        return files.computeIfAbsent(keys.account(key).organisation(), ignored -> new LinkedHashMap<>());
    }

    void handle(ServerExchange exchange, String key, byte[] body) {
        String method = exchange.received().method();
        String rest = exchange.received().path().substring(PATH.length());
        if (rest.isEmpty()) {
            if ("POST".equals(method)) {
                upload(exchange, key, body);
            } else {
                List<Map<String, Object>> entries =
                        own(key).values().stream().map(StoredFile::describe).toList();
                Map<String, Object> list = new LinkedHashMap<>();
                list.put("object", "list");
                list.put("data", entries);
                send(exchange, list);
            }
            return;
        }
        String[] parts = rest.substring(1).split("/", 2);
        StoredFile file = find(key, parts[0]);
        if (file == null) {
            String text = "file " + parts[0] + " not found";
            sender.send(exchange, WireFormat.CHAT, ApiError.of(404, "resource_not_found_error", text));
            return;
        }
        switch (method + (parts.length > 1 ? " " + parts[1] : "")) {
            case "GET" -> send(exchange, file.describe());
            case "GET content" -> sender.whole(exchange, 200, "text/plain; charset=utf-8", file.content());
            case "DELETE" -> {
                own(key).remove(file.id());
                Map<String, Object> deleted = new LinkedHashMap<>();
                deleted.put("id", file.id());
                deleted.put("object", "file");
                deleted.put("deleted", true);
                send(exchange, deleted);
            }
            default ->
                sender.send(exchange, WireFormat.CHAT, ApiError.of(405, "invalid_request_error", "Method Not Allowed"));
        }
    }

    private void upload(ServerExchange exchange, String key, byte[] body) {
        Map<String, Part> form = MultipartForm.parts(exchange.request().getHeader("Content-Type"), body);
        Part file = form == null ? null : form.get("file");
        Part purpose = form == null ? null : form.get("purpose");
        String name = file == null ? null : file.fileName();
        if (file == null || name == null) {
            sender.send(exchange, WireFormat.CHAT, ApiError.invalid("Invalid request: file is required"));
        } else if (purpose == null || !PURPOSES.contains(purpose.text())) {
            sender.send(exchange, WireFormat.CHAT, ApiError.invalid("Invalid request: purpose is invalid"));
        } else if (file.content().length > MAX_FILE) {
            sender.send(exchange, WireFormat.CHAT, ApiError.tooLarge());
        } else if (file.content().length == 0) {
            sender.send(exchange, WireFormat.CHAT, ApiError.invalid("Invalid request: file is empty"));
        } else {
            send(exchange, store(key, name, purpose.text(), file.content()).describe());
        }
    }

    private void send(ServerExchange exchange, Map<String, Object> body) {
        sender.whole(exchange, 200, Contents.JSON, Json.write(body).getBytes(StandardCharsets.UTF_8));
    }
}
