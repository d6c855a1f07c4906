package dev.kimi.gateway.messages;

import dev.kimi.gateway.hash.Digests;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A content block of a streamed response: what has come of it, and what of that is written. Not thread-safe. */
final class StreamedBlock {

    /** What a block holds. */
    enum Kind {
        TEXT("{\"type\":\"text\",\"text\":\"\"}", "{\"type\":\"text_delta\",\"text\":"),
        THINKING(
                "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}",
                "{\"type\":\"thinking_delta\",\"thinking\":"),
        TOOL("", "{\"type\":\"input_json_delta\",\"partial_json\":");

        private final String start;
        private final String delta;

        Kind(String start, String delta) {
            this.start = start;
            this.delta = delta;
        }
    }

    final Kind kind;
    /** Which call of the response, 0 for what is none. */
    final int call;

    private final StringBuilder waiting = new StringBuilder(0);
    private final @Nullable MessageDigest digest;
    private final JsonEnd json = new JsonEnd();
    private String id = "";
    private String name = "";
    private byte @Nullable [] deltaHead;
    private int index;
    private boolean said;

    StreamedBlock(Kind kind, int call) {
        this.kind = kind;
        this.call = call;
        this.digest = kind == Kind.THINKING ? Digests.sha256() : null;
    }

    boolean isOpen() {
        return deltaHead != null;
    }

    /** Takes what identifies a call; the first that is not empty counts. */
    void identify(String callId, String toolName) {
        id = id.isEmpty() ? callId : id;
        name = name.isEmpty() ? toolName : name;
    }

    /** Takes what comes: an open block writes it at once. */
    void append(SseBytes out, String more) {
        if (kind == Kind.TOOL) {
            json.append(more);
        }
        byte[] head = deltaHead;
        if (head == null) {
            waiting.append(more);
        } else if (!more.isEmpty()) {
            delta(out, head, more);
        }
    }

    /** Whether another block may follow while the stream goes on. */
    boolean mayEnd() {
        return kind != Kind.TOOL || json.isReached() && mayOpen(false);
    }

    /**
     * Whether enough is known to begin it.
     *
     * @param last whether nothing more comes
     */
    boolean mayOpen(boolean last) {
        return kind != Kind.TOOL || !name.isEmpty() && (!id.isEmpty() || json.isReached() || last);
    }

    /** Whether nothing of a call has come but its name. */
    boolean isBare() {
        return kind == Kind.TOOL && waiting.isEmpty() && !said;
    }

    /** Begins it, with what has come so far. */
    void open(SseBytes out, int position, CallIds ids) {
        index = position;
        byte[] head = ("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":" + position
                        + ",\"delta\":" + kind.delta)
                .getBytes(StandardCharsets.US_ASCII);
        out.raw("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
                .number(position)
                .raw(",\"content_block\":");
        if (kind == Kind.TOOL) {
            out.raw("{\"type\":\"tool_use\",\"id\":")
                    .string(ids.outward(id, call))
                    .raw(",\"name\":")
                    .string(name)
                    .raw(",\"input\":{}}");
        } else {
            out.raw(kind.start);
        }
        out.raw("}\n\n");
        deltaHead = head;
        if (!waiting.isEmpty()) {
            delta(out, head, waiting.toString());
            waiting.setLength(0);
        }
    }

    /** Ends it; a call whose arguments never came has an empty object. */
    void close(SseBytes out) {
        byte[] head = deltaHead;
        if (head == null) {
            return;
        }
        if (kind == Kind.TOOL && !said) {
            delta(out, head, "{}");
        }
        if (digest != null) {
            out.raw("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
                    .number(index)
                    .raw(",\"delta\":{\"type\":\"signature_delta\",\"signature\":")
                    .string(GatewaySignature.of(digest))
                    .raw("}}\n\n");
        }
        out.raw("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
                .number(index)
                .raw("}\n\n");
    }

    private void delta(SseBytes out, byte[] head, String text) {
        said = true;
        if (digest != null) {
            digest.update(text.getBytes(StandardCharsets.UTF_8));
        }
        out.raw(head).string(text).raw("}}\n\n");
    }
}
