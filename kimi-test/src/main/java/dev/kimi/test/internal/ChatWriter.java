package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes output as the JSON of the chat endpoint: whole, or chunk by chunk. */
public final class ChatWriter {

    private static final int ROOM = 512;
    private static final int ROOM_PER_WORD = 8;
    private static final String FINGERPRINT = "fpv0_5c1e9a70";

    private final ModelOutput output;
    private final List<String> reasoning;
    private final List<String> text;
    private final List<ModelOutput.Call> toolCalls;
    private final String id;
    private final String model;
    private final long created;

    public ChatWriter(ModelOutput output, String id, String model, long created) {
        this.output = output;
        this.reasoning = output.reasoning();
        this.text = output.text();
        this.toolCalls = output.calls();
        this.id = id;
        this.model = model;
        this.created = created;
    }

    /** The body of a response that is not streamed. */
    public byte[] whole() {
        int words = text.size() + reasoning.size();
        StringBuilder out = head("chat.completion", ROOM + words * ROOM_PER_WORD);
        out.append("{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
        Json.quote(out, text);
        if (!reasoning.isEmpty()) {
            Json.quote(out.append(",\"reasoning_content\":"), reasoning);
        }
        if (!toolCalls.isEmpty()) {
            out.append(",\"tool_calls\":[");
            for (int i = 0; i < toolCalls.size(); i++) {
                ModelOutput.Call call = toolCalls.get(i);
                call(out.append(i == 0 ? "" : ","), i, call, call.arguments());
            }
            out.append(']');
        }
        Json.quote(out.append("},\"finish_reason\":"), output.finishReason());
        usage(out.append("}],"));
        return utf8(out.append('}'));
    }

    /**
     * The chunks of a streamed response, made one at a time.
     *
     * @param usageChunk whether a chunk with nothing but the usage follows the last one
     * @param firstNanos wait before the first chunk
     * @param gapNanos wait before each further piece of text
     */
    public Pieces chunks(boolean usageChunk, long firstNanos, long gapNanos) {
        return new Chunks(usageChunk, firstNanos, gapNanos);
    }

    private StringBuilder head(String object, int room) {
        StringBuilder out = new StringBuilder(room).append("{\"id\":\"").append(id);
        out.append("\",\"object\":\"").append(object);
        out.append("\",\"created\":").append(created).append(",\"model\":");
        return Json.quote(out, model).append(",\"choices\":[");
    }

    private static StringBuilder call(StringBuilder out, int index, ModelOutput.Call call, String arguments) {
        out.append("{\"index\":").append(index).append(",\"id\":");
        Json.quote(out, call.id()).append(",\"type\":\"function\",\"function\":{\"name\":");
        Json.quote(out, call.name()).append(",\"arguments\":");
        return Json.quote(out, arguments).append("}}");
    }

    private StringBuilder usage(StringBuilder out) {
        ModelOutput.Counts counts = output.counts();
        out.append("\"usage\":{\"prompt_tokens\":").append(counts.prompt());
        out.append(",\"completion_tokens\":").append(counts.completion());
        out.append(",\"total_tokens\":").append(counts.prompt() + counts.completion());
        if (counts.cached() > 0) {
            out.append(",\"cached_tokens\":").append(counts.cached());
        }
        if (counts.reasoning() > 0) {
            out.append(",\"completion_tokens_details\":{\"reasoning_tokens\":")
                    .append(counts.reasoning())
                    .append('}');
        }
        if (counts.cached() > 0) {
            out.append(",\"prompt_tokens_details\":{\"cached_tokens\":")
                    .append(counts.cached())
                    .append('}');
        }
        return out.append('}');
    }

    private static byte[] utf8(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private final class Chunks implements Pieces {

        private enum Stage {
            ROLE,
            REASONING,
            TEXT,
            CALLS,
            FINISH,
            USAGE,
            DONE,
            END
        }

        private final String before = "data: " + head("chat.completion.chunk", ROOM) + "{\"index\":0,\"delta\":{";
        private final String after = "}],\"system_fingerprint\":\"" + FINGERPRINT + "\"}\n\n";
        private final boolean usageChunk;
        private final long gapNanos;
        private final Pieces calls;
        private Stage stage = Stage.ROLE;
        private long delayNanos;
        private int at;

        Chunks(boolean usageChunk, long firstNanos, long gapNanos) {
            this.usageChunk = usageChunk;
            this.delayNanos = firstNanos;
            this.gapNanos = gapNanos;
            this.calls = new CallChunks();
        }

        @Override
        public Piece next() {
            while (true) {
                Piece piece = step();
                if (piece != null) {
                    return piece;
                }
                stage = Stage.values()[stage.ordinal() + 1];
                at = 0;
            }
        }

        private @Nullable Piece step() {
            return switch (stage) {
                case ROLE -> once("\"role\":\"assistant\",\"content\":\"\"");
                case REASONING -> word("reasoning_content", reasoning);
                case TEXT -> word("content", text);
                case CALLS -> {
                    Piece piece = calls.next();
                    yield piece.last() ? null : piece;
                }
                case FINISH -> finish();
                case USAGE -> usageChunk && at++ == 0 ? usageEvent() : null;
                case DONE -> at++ == 0 ? Piece.DONE : null;
                case END -> Piece.END;
            };
        }

        private @Nullable Piece once(String delta) {
            return at++ == 0 ? chunk(new StringBuilder(delta)) : null;
        }

        private @Nullable Piece word(String member, List<String> words) {
            if (at >= words.size()) {
                return null;
            }
            StringBuilder delta =
                    new StringBuilder(64).append('"').append(member).append("\":");
            return chunk(Json.quote(delta, words.get(at++)));
        }

        private @Nullable Piece finish() {
            if (at++ > 0) {
                return null;
            }
            StringBuilder out = new StringBuilder(before).append("},\"finish_reason\":");
            usage(Json.quote(out, output.finishReason()).append(','));
            return Piece.event(utf8(out.append(after)), 0);
        }

        private Piece usageEvent() {
            StringBuilder out = new StringBuilder("data: ").append(head("chat.completion.chunk", ROOM));
            usage(out.append("],\"system_fingerprint\":\"").append(FINGERPRINT).append("\","));
            return Piece.event(utf8(out.append("}\n\n")), 0);
        }

        private Piece chunk(StringBuilder delta) {
            StringBuilder out = new StringBuilder(before.length() + delta.length() + after.length() + 24);
            out.append(before).append(delta).append("},\"finish_reason\":null").append(after);
            Piece piece = Piece.event(utf8(out), delayNanos);
            delayNanos = stage == Stage.ROLE ? 0 : gapNanos;
            return piece;
        }

        private final class CallChunks implements Pieces {

            private int index;
            private int fragment = -1;
            private List<String> fragments = List.of();

            @Override
            public Piece next() {
                if (fragment >= fragments.size()) {
                    index++;
                    fragment = -1;
                }
                if (index >= toolCalls.size()) {
                    return Piece.END;
                }
                ModelOutput.Call call = toolCalls.get(index);
                StringBuilder delta = new StringBuilder("\"tool_calls\":[");
                if (fragment < 0) {
                    fragments = Tokens.split(call.arguments());
                    call(delta, index, call, "");
                } else {
                    delta.append("{\"index\":").append(index).append(",\"function\":{\"arguments\":");
                    Json.quote(delta, fragments.get(fragment)).append("}}");
                }
                fragment++;
                return chunk(delta.append(']'));
            }
        }
    }
}
