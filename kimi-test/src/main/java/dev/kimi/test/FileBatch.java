package dev.kimi.test;

import dev.kimi.test.internal.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** One batch of Kimi: a file of requests, and the files that their responses go to. Lives on the event loop. */
final class FileBatch {

    private final String id;
    private final String inputFile;
    private final String window;
    private final long created;
    private final @Nullable Object metadata;
    private final StringBuilder output = new StringBuilder();
    private final StringBuilder errors = new StringBuilder();
    private final List<Runnable> timers = new ArrayList<>();
    private int total;
    private int completed;
    private int failed;
    private long cancelled = -1;
    private long ended = -1;
    private @Nullable String outputFile;
    private @Nullable String errorFile;

    FileBatch(String id, String inputFile, String window, long createdSeconds, @Nullable Object metadata) {
        this.id = id;
        this.inputFile = inputFile;
        this.window = window;
        this.created = createdSeconds;
        this.metadata = metadata;
    }

    String id() {
        return id;
    }

    void add() {
        total++;
    }

    /** Keeps a timer to take back when the batch ends. */
    void timer(Runnable takeBack) {
        timers.add(takeBack);
    }

    /** Ends an item unless the batch has ended. */
    void finish(String requestId, String customId, int status, byte[] body) {
        if (ended >= 0) {
            return;
        }
        boolean good = status == 200;
        StringBuilder out = good ? output : errors;
        Json.quote(out.append("{\"id\":"), "batch_" + requestId);
        Json.quote(out.append(",\"custom_id\":"), customId);
        out.append(",\"response\":{\"status_code\":").append(status);
        Json.quote(out.append(",\"request_id\":"), requestId);
        out.append(",\"body\":").append(new String(body, StandardCharsets.UTF_8).strip());
        out.append("},\"error\":null}\n");
        completed += good ? 1 : 0;
        failed += good ? 0 : 1;
    }

    /** Cancels what has not ended. */
    void cancel(long nowSeconds) {
        if (ended < 0 && cancelled < 0) {
            cancelled = nowSeconds;
        }
    }

    /**
     * Ends the batch if no item is left, or it was cancelled.
     *
     * @param store keeps a file of that name and content, and returns its id
     */
    void endIfDone(long nowSeconds, BiFunction<String, byte[], String> store) {
        if (ended >= 0 || cancelled < 0 && completed + failed < total) {
            return;
        }
        ended = nowSeconds;
        drop();
        outputFile = output.isEmpty() ? null : store.apply(id + "_output.jsonl", utf8(output));
        errorFile = errors.isEmpty() ? null : store.apply(id + "_error.jsonl", utf8(errors));
    }

    private static byte[] utf8(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Takes back what is scheduled. */
    void drop() {
        timers.forEach(Runnable::run);
        timers.clear();
    }

    /** The batch as the service describes it. */
    Map<String, Object> describe() {
        Map<String, Object> batch = new LinkedHashMap<>();
        batch.put("id", id);
        batch.put("object", "batch");
        batch.put("endpoint", "/v1/chat/completions");
        batch.put("input_file_id", inputFile);
        batch.put("completion_window", window);
        batch.put("status", status());
        batch.put("output_file_id", outputFile);
        batch.put("error_file_id", errorFile);
        batch.put("created_at", created);
        batch.put("in_progress_at", created);
        batch.put("completed_at", cancelled < 0 ? time(ended) : null);
        batch.put("cancelling_at", time(cancelled));
        batch.put("cancelled_at", cancelled < 0 ? null : time(ended));
        batch.put("request_counts", Map.of("total", total, "completed", completed, "failed", failed));
        batch.put("metadata", metadata);
        return batch;
    }

    private String status() {
        if (cancelled >= 0) {
            return ended < 0 ? "cancelling" : "cancelled";
        }
        return ended < 0 ? "in_progress" : "completed";
    }

    private static @Nullable Object time(long seconds) {
        return seconds < 0 ? null : seconds;
    }
}
