package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes output as the JSON of the Messages API: whole, or event by event. */
public final class MessagesWriter {

    private static final Map<String, String> STOP_REASONS =
            Map.of("stop", "end_turn", "length", "max_tokens", "tool_calls", "tool_use", "content_filter", "refusal");
    private static final int MAX_PADDING = 16;
    private static final int PADDING_STEP = 7;
    private static final byte[] PING = "event: ping\ndata: {\"type\": \"ping\"}\n\n".getBytes(StandardCharsets.UTF_8);

    private final ModelOutput output;
    private final String id;
    private final String model;
    private final @Nullable ClaudeCall claude;
    private final MessagesBlocks blocks;
    private final MessagesUsage usage;
    private int events;

    public MessagesWriter(ModelOutput output, String id, ChatQuery query) {
        this.output = output;
        this.claude = query.claude();
        this.id = claude != null ? id.replace("chatcmpl-", "msg_01") : id;
        String servedBy = claude == null ? null : output.notes().servedBy();
        this.model = servedBy != null ? servedBy : query.body().path("model").asString("");
        String signer = servedBy != null ? servedBy : query.model().id();
        this.blocks = new MessagesBlocks(output.parts(), claude, signer);
        this.usage = new MessagesUsage(output, claude);
    }

    /** What the service sends between events so that nothing on the way takes the connection for idle. */
    public static Piece ping() {
        return Piece.event(PING, 0);
    }

    /** The body of a response that is not streamed. */
    public byte[] whole() {
        StringBuilder content = new StringBuilder();
        for (int i = 0; i < blocks.size(); i++) {
            content.append(i == 0 ? "" : ",").append(blocks.whole(i));
        }
        StringBuilder out = message(content);
        stop(out.append(','), true).append(',');
        usage.whole(out);
        return utf8(transformations(out).append('}'));
    }

    /** The events of a streamed response, with a pause before the first and between pieces of text. */
    public Pieces events(long firstNanos, long gapNanos) {
        List<Pieces> parts = new ArrayList<>();
        StringBuilder start = message("");
        stop(start.append(','), false).append(',');
        usage.start(start);
        transformations(start).append('}');
        parts.add(Pieces.of(List.of(event("message_start", "\"message\":" + start, firstNanos))));
        if (claude != null && blocks.size() == 0) {
            parts.add(Pieces.of(List.of(ping())));
        }
        for (int i = 0; i < blocks.size(); i++) {
            parts.add(block(i, gapNanos));
        }
        parts.add(Pieces.of(ending()));
        return joined(parts);
    }

    private static Pieces joined(List<Pieces> parts) {
        Deque<Pieces> left = new ArrayDeque<>(parts);
        return () -> {
            while (!left.isEmpty()) {
                Piece next = left.element().next();
                if (!next.last()) {
                    return next;
                }
                left.remove();
            }
            return Piece.END;
        };
    }

    private Pieces block(int index, long gapNanos) {
        String at = "\"index\":" + index;
        List<Piece> opening = new ArrayList<>();
        opening.add(event("content_block_start", at + ",\"content_block\":" + blocks.start(index), 0));
        if (claude != null && index == 0) {
            opening.add(ping());
        }
        MessagesBlocks.Deltas deltas = blocks.deltas(index);
        Pieces middle = () -> {
            String delta = deltas.next();
            return delta == null
                    ? Piece.END
                    : event("content_block_delta", at + ",\"delta\":" + delta, deltas.signs() ? 0 : gapNanos);
        };
        return joined(List.of(Pieces.of(opening), middle, Pieces.of(List.of(event("content_block_stop", at, 0)))));
    }

    private List<Piece> ending() {
        List<Piece> last = new ArrayList<>();
        int deltas = claude == null ? 1 : output.notes().lastDeltas();
        for (int i = 1; i <= deltas; i++) {
            StringBuilder out = new StringBuilder("\"delta\":{");
            stop(out, i == deltas).append("},");
            usage.end(out);
            last.add(event("message_delta", out.toString(), 0));
        }
        Piece stop = event("message_stop", "", 0);
        last.add(new Piece(Piece.Kind.DONE, stop.bytes(), 0, stop.promised()));
        return last;
    }

    /** The service pads events with spaces, so that their length says little about the text. */
    private Piece event(String type, String members, long delayNanos) {
        String separator = members.isEmpty() ? "" : ",";
        String padding = claude == null ? "" : " ".repeat(events++ * PADDING_STEP % MAX_PADDING);
        String text = "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + separator + members + padding + "}\n\n";
        return Piece.event(text.getBytes(StandardCharsets.UTF_8), delayNanos);
    }

    private StringBuilder message(CharSequence content) {
        StringBuilder out = new StringBuilder("{");
        if (claude != null) {
            Json.quote(out.append("\"model\":"), model).append(',');
        }
        out.append("\"id\":\"").append(id).append("\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[");
        out.append(content).append(']');
        return claude != null ? out : Json.quote(out.append(",\"model\":"), model);
    }

    private StringBuilder stop(StringBuilder out, boolean known) {
        String sequence = known && claude != null ? output.notes().stopSequence() : null;
        out.append("\"stop_reason\":");
        if (known) {
            Json.quote(out, sequence != null ? "stop_sequence" : stopReason());
        } else {
            out.append("null");
        }
        out.append(",\"stop_sequence\":");
        if (sequence == null) {
            out.append("null");
        } else {
            Json.quote(out, sequence);
        }
        if (claude != null) {
            String details = output.notes().stopDetails();
            out.append(",\"stop_details\":").append(known && details != null ? details : "null");
        }
        return out;
    }

    private String stopReason() {
        return STOP_REASONS.getOrDefault(output.finishReason(), output.finishReason());
    }

    private StringBuilder transformations(StringBuilder out) {
        List<BoundThinking.Dropped> dropped = claude == null ? null : claude.transformations();
        if (dropped == null) {
            return out;
        }
        out.append(",\"input_transformations\":[");
        for (int i = 0; i < dropped.size(); i++) {
            out.append(i == 0 ? "" : ",").append("{\"type\":\"thinking_dropped\",\"path\":");
            Json.quote(out, dropped.get(i).path()).append(",\"reason\":");
            Json.quote(out, dropped.get(i).reason()).append('}');
        }
        return out.append(']');
    }

    private static byte[] utf8(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
