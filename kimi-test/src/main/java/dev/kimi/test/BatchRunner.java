package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.ClaudeCall;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** Runs the items of batches by the script, each as long as its reply takes. Lives on the event loop. */
final class BatchRunner {

    private final Script script;
    private final Inference inference;
    private final Ticker ticker;
    private final Ids ids;

    BatchRunner(Script script, Inference inference, Ticker ticker, Ids ids) {
        this.script = script;
        this.inference = inference;
        this.ticker = ticker;
        this.ids = ids;
    }

    void run(BatchRun batch, String customId, ClaudeInference.Checked checked) {
        ClaudeCall call = checked.call();
        if (call == null) {
            errored(batch, customId, checked.rejection());
            return;
        }
        Reply reply = script.next();
        switch (reply.head().action()) {
            case STALL -> {
                // goes on until it is cancelled or expires
            }
            case DROP, REFUSE_STREAM ->
                errored(batch, customId, ApiError.of(500, "api_error", "Internal server error"));
            case SEND -> {
                Content.Rendering rendering =
                        reply.content().render(inference.context(ClaudeInference.query(call), ids.request()));
                long delay = reply.head().delay().toNanos() + rendering.delayNanos();
                later(batch, delay, () -> finish(batch, customId, rendering));
            }
        }
    }

    /** Ends the batch after the time that the service gives it. */
    void expireLater(BatchRun batch) {
        Runnable expire = () -> batch.expire(ticker.epochSeconds());
        batch.timer(ticker.after(BatchRun.EXPIRES_AFTER.toNanos(), expire));
    }

    private void later(BatchRun batch, long nanos, Runnable task) {
        if (nanos <= 0) {
            task.run();
            return;
        }
        batch.timer(ticker.after(nanos, () -> {
            task.run();
            batch.endIfDone(ticker.epochSeconds());
        }));
    }

    private void finish(BatchRun batch, String customId, Content.Rendering rendering) {
        byte[] whole = rendering.whole();
        JsonNode body = whole == null ? null : Json.parse(whole);
        if (body == null || !body.isObject()) {
            errored(batch, customId, ApiError.of(500, "api_error", "Internal server error"));
            return;
        }
        boolean good = rendering.status() == 200;
        String members = (good ? ",\"message\":" : ",\"error\":") + new String(whole, StandardCharsets.UTF_8);
        batch.finish(customId, good ? "succeeded" : "errored", members);
    }

    private void errored(BatchRun batch, String customId, ApiError error) {
        byte[] body = WireFormat.CLAUDE_MESSAGES.body(error, ids.request());
        String members = ",\"error\":" + new String(body, StandardCharsets.UTF_8);
        batch.finish(customId, "errored", members);
    }
}
