package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The content blocks of a response, each whole, or as its beginning and deltas. */
final class MessagesBlocks {

    private final List<ModelOutput.Part> parts;
    private final @Nullable ClaudeCall claude;
    private final List<String> signatures;

    MessagesBlocks(List<ModelOutput.Part> parts, @Nullable ClaudeCall claude, String signer) {
        this.parts = parts;
        this.claude = claude;
        this.signatures = signatures(signer);
    }

    /** The deltas of one block, one at a time. */
    interface Deltas {

        /** The next delta as JSON text, or null. */
        @Nullable String next();

        /** Whether what {@link #next} returned last is no piece of text, so that no pause precedes it. */
        default boolean signs() {
            return false;
        }
    }

    int size() {
        return parts.size();
    }

    /** The block as a response that is not streamed has it. */
    String whole(int index) {
        ModelOutput.Part part = parts.get(index);
        StringBuilder out = new StringBuilder();
        if (part instanceof ModelOutput.Thought thought) {
            out.append("{\"type\":\"thinking\",\"thinking\":");
            Json.quote(out, shown() ? thought.pieces() : List.of()).append(",\"signature\":");
            Json.quote(out, signatures.get(index)).append('}');
        } else if (part instanceof ModelOutput.Words words) {
            Json.quote(out.append("{\"type\":\"text\",\"text\":"), words.pieces())
                    .append('}');
        } else if (part instanceof ModelOutput.Call call) {
            out.append(call(call, call.arguments().isBlank() ? "{}" : call.arguments()));
        } else if (part instanceof ModelOutput.Block block) {
            out.append(block.json());
        }
        return out.toString();
    }

    /** The block as a stream begins it. */
    String start(int index) {
        ModelOutput.Part part = parts.get(index);
        if (part instanceof ModelOutput.Thought) {
            return "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}";
        }
        if (part instanceof ModelOutput.Words) {
            return "{\"type\":\"text\",\"text\":\"\"}";
        }
        return part instanceof ModelOutput.Call call ? call(call, "{}") : start(((ModelOutput.Block) part).json());
    }

    private static String start(ObjectNode block) {
        if ("text".equals(block.path("type").asString("")) && block.has("citations")) {
            return "{\"citations\":[],\"type\":\"text\",\"text\":\"\"}";
        }
        ObjectNode start = block.deepCopy();
        switch (block.path("type").asString("")) {
            case "text" -> start.put("text", "");
            case "thinking" -> start.put("thinking", "").put("signature", "");
            case "compaction" -> start.putNull("content");
            case "server_tool_use", "mcp_tool_use", "tool_use" -> start.putObject("input");
            default -> {
                // results and marks come whole
            }
        }
        return start.toString();
    }

    /** What a stream sends between the beginning of the block and its end. */
    Deltas deltas(int index) {
        ModelOutput.Part part = parts.get(index);
        if (part instanceof ModelOutput.Thought thought) {
            return thought(thought, index);
        }
        if (part instanceof ModelOutput.Words words) {
            return pieces("text_delta", "text", words.pieces());
        }
        if (part instanceof ModelOutput.Call call) {
            List<String> fragments = new ArrayList<>(List.of(""));
            fragments.addAll(Tokens.split(call.arguments()));
            return pieces("input_json_delta", "partial_json", fragments);
        }
        Iterator<String> each = deltas(((ModelOutput.Block) part).json()).iterator();
        return () -> each.hasNext() ? each.next() : null;
    }

    private Deltas thought(ModelOutput.Thought thought, int index) {
        Deltas words = pieces("thinking_delta", "thinking", shown() ? thought.pieces() : List.of());
        boolean[] signed = {claude == null};
        return new Deltas() {
            @Override
            public @Nullable String next() {
                String next = words.next();
                if (next == null && !signed[0]) {
                    signed[0] = true;
                    return delta("signature_delta", "signature", signatures.get(index));
                }
                return next;
            }

            @Override
            public boolean signs() {
                return signed[0];
            }
        };
    }

    private static List<String> deltas(JsonNode block) {
        List<String> deltas = new ArrayList<>();
        switch (block.path("type").asString("")) {
            case "text" -> {
                for (JsonNode citation : block.path("citations")) {
                    deltas.add("{\"type\":\"citations_delta\",\"citation\":" + citation + "}");
                }
                for (String piece : Tokens.split(block.path("text").asString(""))) {
                    deltas.add(delta("text_delta", "text", piece));
                }
            }
            case "thinking" -> {
                for (String piece : Tokens.split(block.path("thinking").asString(""))) {
                    deltas.add(delta("thinking_delta", "thinking", piece));
                }
                deltas.add(delta(
                        "signature_delta", "signature", block.path("signature").asString("")));
            }
            case "compaction" ->
                deltas.add(delta(
                        "compaction_delta", "content", block.path("content").asString("")));
            case "server_tool_use", "mcp_tool_use", "tool_use" -> {
                deltas.add(delta("input_json_delta", "partial_json", ""));
                for (String piece : Tokens.split(block.path("input").toString())) {
                    deltas.add(delta("input_json_delta", "partial_json", piece));
                }
            }
            default -> {
                // results and marks come whole
            }
        }
        return deltas;
    }

    private static Deltas pieces(String type, String member, List<String> words) {
        int[] at = {0};
        return () -> at[0] < words.size() ? delta(type, member, words.get(at[0]++)) : null;
    }

    private static String delta(String type, String member, String value) {
        StringBuilder out = new StringBuilder("{\"type\":\"").append(type).append("\",\"");
        return Json.quote(out.append(member).append("\":"), value).append('}').toString();
    }

    private String call(ModelOutput.Call call, String input) {
        StringBuilder out = new StringBuilder("{\"type\":\"tool_use\",\"id\":");
        Json.quote(Json.quote(out, call.id()).append(",\"name\":"), call.name());
        out.append(",\"input\":").append(input);
        return out.append(claude == null ? "}" : ",\"caller\":{\"type\":\"direct\"}}")
                .toString();
    }

    private boolean shown() {
        return claude == null || claude.showsThinking();
    }

    /** The signature of each thinking block, bound to the request and to the blocks before it; else empty. */
    private List<String> signatures(String signer) {
        List<String> all = new ArrayList<>();
        int last = -1;
        for (int i = 0; i < parts.size(); i++) {
            all.add("");
            last = parts.get(i) instanceof ModelOutput.Thought ? i : last;
        }
        if (claude == null || last < 0) {
            return all;
        }
        byte[] link = claude.prompt().before(claude.prompt().segments().size());
        String previous = claude.lastSignature();
        for (int i = 0; i <= last; i++) {
            if (parts.get(i) instanceof ModelOutput.Thought thought) {
                String text = shown() ? String.join("", thought.pieces()) : "";
                String signature = Signatures.sign(signer, claude.account(), link, previous, text);
                all.set(i, signature);
                previous = signature;
            } else {
                JsonNode block = Json.parse(whole(i).getBytes(StandardCharsets.UTF_8));
                link = block == null ? link : Prompt.link(link, "assistant", block);
            }
        }
        return all;
    }
}
