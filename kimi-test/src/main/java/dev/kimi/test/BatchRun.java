package dev.kimi.test;

import dev.kimi.test.internal.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One batch: its items and what became of them. Lives on the event loop. */
final class BatchRun {

    static final Duration EXPIRES_AFTER = Duration.ofHours(24);

    private static final Duration KEPT = Duration.ofDays(29);
    private static final List<String> ENDINGS = List.of("succeeded", "errored", "canceled", "expired");

    private final String id;
    private final long created;
    private final Map<String, @Nullable Result> items = new LinkedHashMap<>();
    private final List<Runnable> timers = new ArrayList<>();
    private int left;
    private long cancelled = -1;
    private long ended = -1;

    /** How an item ended: one of the words of the service, and its result as JSON text. */
    private record Result(String ending, String json) {}

    BatchRun(String id, long createdSeconds) {
        this.id = id;
        this.created = createdSeconds;
    }

    String id() {
        return id;
    }

    void add(String customId) {
        items.put(customId, null);
        left++;
    }

    /** Keeps a timer to take back when the batch ends. */
    void timer(Runnable takeBack) {
        timers.add(takeBack);
    }

    /** Ends an item unless it has ended. */
    void finish(String customId, String ending, String members) {
        if (ended >= 0 || items.get(customId) != null) {
            return;
        }
        items.put(customId, new Result(ending, "{\"type\":\"" + ending + "\"" + members + "}"));
        left--;
    }

    /** Ends the batch if no item is left. */
    void endIfDone(long nowSeconds) {
        if (ended < 0 && left == 0) {
            ended = nowSeconds;
            drop();
        }
    }

    /** Ends what has not ended, as expired. */
    void expire(long nowSeconds) {
        List.copyOf(items.keySet()).forEach(item -> finish(item, "expired", ""));
        endIfDone(nowSeconds);
    }

    /** Cancels what has not ended; the batch itself ends later. */
    void cancel(long nowSeconds) {
        if (ended < 0 && cancelled < 0) {
            cancelled = nowSeconds;
        }
        List.copyOf(items.keySet()).forEach(item -> finish(item, "canceled", ""));
    }

    /** Takes back what is scheduled. */
    void drop() {
        timers.forEach(Runnable::run);
        timers.clear();
    }

    boolean ended() {
        return ended >= 0;
    }

    boolean archived(long nowSeconds) {
        return nowSeconds - created >= KEPT.toSeconds();
    }

    /** The batch as the service describes it. */
    Map<String, Object> describe(String baseUrl, long nowSeconds) {
        Map<String, Object> batch = new LinkedHashMap<>();
        batch.put("id", id);
        batch.put("type", "message_batch");
        batch.put("processing_status", ended() ? "ended" : cancelled >= 0 ? "canceling" : "in_progress");
        batch.put("request_counts", counts());
        batch.put("ended_at", time(ended));
        batch.put("created_at", time(created));
        batch.put("expires_at", time(created + EXPIRES_AFTER.toSeconds()));
        boolean archived = archived(nowSeconds);
        batch.put("archived_at", archived ? time(created + KEPT.toSeconds()) : null);
        batch.put("cancel_initiated_at", time(cancelled));
        boolean results = ended() && !archived;
        batch.put("results_url", results ? baseUrl + MessageBatches.PATH + "/" + id + "/results" : null);
        return batch;
    }

    private Map<String, Object> counts() {
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("processing", ended() ? 0 : items.size());
        for (String ending : ENDINGS) {
            long count = items.values().stream()
                    .filter(result -> result != null && result.ending().equals(ending))
                    .count();
            counts.put(ending, ended() ? count : 0);
        }
        return counts;
    }

    /** The results, one to a line, the last item first: the service promises no order. */
    byte[] results() {
        List<Map.Entry<String, @Nullable Result>> entries = new ArrayList<>(items.entrySet());
        Collections.reverse(entries);
        StringBuilder out = new StringBuilder();
        for (Map.Entry<String, @Nullable Result> entry : entries) {
            Result result = entry.getValue();
            Json.quote(out.append("{\"custom_id\":"), entry.getKey()).append(",\"result\":");
            out.append(result == null ? "null" : result.json()).append("}\n");
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable String time(long seconds) {
        return seconds < 0 ? null : Instant.ofEpochSecond(seconds).toString();
    }
}
