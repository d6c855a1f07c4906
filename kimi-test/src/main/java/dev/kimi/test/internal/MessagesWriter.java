package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** Writes output as the JSON of the Messages API: whole, or event by event. */
public final class MessagesWriter {

    private static final Map<String, String> STOP_REASONS =
            Map.of("stop", "end_turn", "length", "max_tokens", "tool_calls", "tool_use", "content_filter", "refusal");
    private static final String SIGNATURE = "EqoBCkYICxgCKkDsimulatedSignatureOfTheReasoning";

    private final ModelOutput output;
    private final String id;
    private final String model;
    private final boolean claude;

    public MessagesWriter(ModelOutput output, String id, ChatQuery query) {
        this.output = output;
        this.claude = query.format() == WireFormat.CLAUDE_MESSAGES;
        this.id = claude ? id.replace("chatcmpl-", "msg_") : id;
        this.model = query.model().id();
    }

    /** The body of a response that is not streamed. */
    public byte[] whole() {
        StringBuilder content = new StringBuilder();
        if (!output.reasoning().isEmpty()) {
            content.append("{\"type\":\"thinking\",\"thinking\":");
            Json.quote(content, output.reasoning())
                    .append(",\"signature\":\"")
                    .append(signature())
                    .append("\"}");
        }
        if (!output.text().isEmpty()) {
            Json.quote(comma(content).append("{\"type\":\"text\",\"text\":"), output.text())
                    .append('}');
        }
        for (ModelOutput.Call call : output.calls()) {
            comma(content).append(start(call, call.arguments().isBlank() ? "{}" : call.arguments()));
        }
        StringBuilder out = message(content);
        Json.quote(out.append(",\"stop_reason\":"), stopReason()).append(",\"stop_sequence\":null,");
        return utf8(usage(out, output.counts().completion()).append('}'));
    }

    /** The events of a streamed response, with a pause before the first and between pieces of text. */
    public Pieces events(long firstNanos, long gapNanos) {
        Deque<Piece> opening = new ArrayDeque<>();
        StringBuilder start = message(new StringBuilder()).append(",\"stop_reason\":null,\"stop_sequence\":null,");
        opening.add(event("message_start", "\"message\":" + usage(start, 0) + "}", firstNanos));
        if (claude) {
            opening.add(event("ping", "", 0));
        }
        List<Pieces> parts = new ArrayList<>();
        parts.add(Pieces.of(List.copyOf(opening)));
        int index = 0;
        if (!output.reasoning().isEmpty()) {
            parts.add(thinking(index++, gapNanos));
        }
        if (!output.text().isEmpty()) {
            parts.add(text(index++, gapNanos));
        }
        for (ModelOutput.Call call : output.calls()) {
            parts.add(call(index++, call, gapNanos));
        }
        parts.add(Pieces.of(List.of(ending(), last())));
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

    private Pieces thinking(int index, long gapNanos) {
        String begin = "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}";
        Pieces words = deltas(index, "thinking_delta", "thinking", output.reasoning(), gapNanos);
        Pieces signed =
                Pieces.of(claude ? List.of(delta(index, "signature_delta", "signature", signature(), 0)) : List.of());
        return joined(List.of(started(index, begin), words, signed, stopped(index)));
    }

    private Pieces text(int index, long gapNanos) {
        Pieces words = deltas(index, "text_delta", "text", output.text(), gapNanos);
        return joined(List.of(started(index, "{\"type\":\"text\",\"text\":\"\"}"), words, stopped(index)));
    }

    private Pieces call(int index, ModelOutput.Call call, long gapNanos) {
        List<String> fragments = new ArrayList<>(List.of(""));
        fragments.addAll(Tokens.split(call.arguments()));
        Pieces input = deltas(index, "input_json_delta", "partial_json", fragments, gapNanos);
        return joined(List.of(started(index, start(call, "{}")), input, stopped(index)));
    }

    private static Pieces deltas(int index, String type, String member, List<String> words, long gapNanos) {
        int[] at = {0};
        return () -> at[0] < words.size() ? delta(index, type, member, words.get(at[0]++), gapNanos) : Piece.END;
    }

    private static Piece delta(int index, String type, String member, String value, long gapNanos) {
        StringBuilder out = new StringBuilder("\"index\":").append(index).append(",\"delta\":{\"type\":\"");
        out.append(type).append("\",\"").append(member).append("\":");
        return event("content_block_delta", Json.quote(out, value).append('}').toString(), gapNanos);
    }

    private static Pieces started(int index, String block) {
        return Pieces.of(
                List.of(event("content_block_start", "\"index\":" + index + ",\"content_block\":" + block, 0)));
    }

    private static Pieces stopped(int index) {
        return Pieces.of(List.of(event("content_block_stop", "\"index\":" + index, 0)));
    }

    private Piece ending() {
        StringBuilder out = Json.quote(new StringBuilder("\"delta\":{\"stop_reason\":"), stopReason());
        usage(out.append(",\"stop_sequence\":null},"), output.counts().completion());
        return event("message_delta", out.toString(), 0);
    }

    private static Piece last() {
        Piece stop = event("message_stop", "", 0);
        return new Piece(Piece.Kind.DONE, stop.bytes(), 0, stop.promised());
    }

    private static Piece event(String type, String members, long delayNanos) {
        String separator = members.isEmpty() ? "" : ",";
        String text = "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + separator + members + "}\n\n";
        return Piece.event(text.getBytes(StandardCharsets.UTF_8), delayNanos);
    }

    private StringBuilder message(CharSequence content) {
        StringBuilder out = new StringBuilder("{\"id\":\"").append(id).append("\",\"type\":\"message\",");
        Json.quote(out.append("\"role\":\"assistant\",\"model\":"), model);
        return out.append(",\"content\":[").append(content).append(']');
    }

    /** Kimi's format repeats the counts in the words of its other format, with the cache in its own. */
    private StringBuilder usage(StringBuilder out, int output) {
        ModelOutput.Counts counts = this.output.counts();
        out.append("\"usage\":{\"input_tokens\":").append(counts.prompt() - counts.cached());
        out.append(",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":")
                .append(counts.cached());
        out.append(",\"output_tokens\":").append(output).append(",\"service_tier\":\"standard\"");
        if (!claude) {
            out.append(",\"prompt_tokens\":").append(counts.prompt());
            out.append(",\"cached_tokens\":").append(counts.cached());
        }
        return out.append('}');
    }

    private static String start(ModelOutput.Call call, String input) {
        StringBuilder out = new StringBuilder("{\"type\":\"tool_use\",\"id\":");
        Json.quote(Json.quote(out, call.id()).append(",\"name\":"), call.name());
        return out.append(",\"input\":").append(input).append('}').toString();
    }

    private String signature() {
        return claude ? SIGNATURE : "";
    }

    private String stopReason() {
        return STOP_REASONS.getOrDefault(output.finishReason(), output.finishReason());
    }

    private static StringBuilder comma(StringBuilder content) {
        return content.isEmpty() ? content : content.append(',');
    }

    private static byte[] utf8(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
