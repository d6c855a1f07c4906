package dev.kimi.internal.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A stream of the Messages protocol as the service would send it, drawn from a seed, and what it says. */
final class LawfulStream {

    /** JSON, and the text that it means. */
    private record Piece(String json, String text) {}

    private static final List<Piece> PIECES = List.of(
            new Piece("blue ", "blue "),
            new Piece("\\u00e9", "é"),
            new Piece("波", "波"),
            new Piece("\\ud83d\\ude00", "😀"),
            new Piece("😀", "😀"),
            new Piece("\\n\\t\\\"", "\n\t\""),
            new Piece("\\\\", "\\"),
            new Piece("", ""),
            new Piece(FuzzInput.SECRET, FuzzInput.SECRET));

    private static final List<String> INPUTS = List.of(
            "{}",
            "{\"x\":1}",
            "{ \"city\": \"Ulm é 波 😀\", \"n\": [1.50, -0, 1e5, null] }",
            "{\"deep\":{\"deep\":[[[{\"path\":\"C:\\\\\\\\x \\\"y\\\"\"}]]]}}",
            "{\"half\":\"\\ud83d\"}");

    private static final List<String> OTHERS = List.of(
            "{\"type\":\"redacted_thinking\",\"data\":\"c2Vj\\/cmV0\"}",
            "{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"srvtoolu_1\",\"content\":[{\"n\":1.0e2}]}",
            "{\"n\":12345678901234567890123,\"type\":\"container_upload\",\"file_id\":\"\"}",
            "{\"type\":\"hologram\",\"caller\":{\"type\":\"direct\"},\"input\":3}");

    /** The data of its events. */
    final List<String> events = new ArrayList<>();

    final StringBuilder text = new StringBuilder();
    final StringBuilder reasoning = new StringBuilder();
    final List<String> arguments = new ArrayList<>();
    final String stopReason;
    final long input;
    final long output;

    private final SplittableRandom random;
    private int blocks;

    LawfulStream(SplittableRandom random) {
        this.random = random;
        this.input = random.nextInt(1_000);
        this.output = random.nextInt(1_000);
        this.stopReason = one(List.of("end_turn", "max_tokens", "tool_use", "refusal", "pause_turn", "stop_sequence"));
        events.add("{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"role\":\"assistant\",\"content\":[],"
                + "\"model\":\"m\",\"stop_reason\":null,\"usage\":{\"input_tokens\":" + input
                + ",\"cache_read_input_tokens\":7,\"output_tokens\":1}}}");
        for (int i = random.nextInt(5); i > 0; i--) {
            block();
        }
        if (random.nextInt(3) == 0) {
            events.add("{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":" + output / 2 + "}}");
        }
        events.add("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" + stopReason
                + "\",\"stop_details\":null},\"usage\":{\"output_tokens\":" + output + "}}");
        events.add("{\"type\":\"message_stop\"}");
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private void block() {
        switch (random.nextInt(6)) {
            case 0, 1 -> text();
            case 2 -> thinking();
            case 3 -> tool();
            case 4 -> serverTool();
            default -> begin(one(OTHERS));
        }
        events.add("{\"type\":\"content_block_stop\",\"index\":" + blocks++ + "}");
    }

    private void begin(String block) {
        events.add("{\"type\":\"content_block_start\",\"index\":" + blocks + ",\"content_block\":" + block + "}");
    }

    private void delta(String members) {
        events.add("{\"type\":\"content_block_delta\",\"index\":" + blocks + ",\"delta\":{" + members + "}}");
    }

    private void text() {
        begin("{\"type\":\"text\",\"text\":\"\"}");
        for (int i = random.nextInt(6); i > 0; i--) {
            grow("\"type\":\"text_delta\",\"text\"", text);
        }
        if (random.nextInt(4) == 0) {
            delta("\"type\":\"citations_delta\",\"citation\":{\"type\":\"page\",\"n\":1.50}");
        }
    }

    private void thinking() {
        begin("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}");
        for (int i = random.nextInt(4); i > 0; i--) {
            grow("\"type\":\"thinking_delta\",\"thinking\"", reasoning);
        }
        delta("\"type\":\"signature_delta\",\"signature\":\"c2ln\"");
    }

    /** A piece, which may be cut within a character. */
    private void grow(String member, StringBuilder whole) {
        if (random.nextInt(6) == 0) {
            delta(member + ":\"a\\ud83d\"");
            delta(member + ":\"\\ude00b\"");
            whole.append("a😀b");
            return;
        }
        Piece piece = one(PIECES);
        delta(member + ":\"" + piece.json() + '"');
        whole.append(piece.text());
    }

    private void tool() {
        String input = one(INPUTS);
        begin("{\"type\":\"tool_use\",\"id\":\"toolu_" + blocks + "\",\"name\":\"f\",\"input\":{}}");
        pieces(input);
        arguments.add(input);
    }

    private void serverTool() {
        begin("{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_" + blocks + "\",\"name\":\"g\",\"input\":{}}");
        pieces(one(INPUTS));
    }

    private void pieces(String json) {
        int from = 0;
        while (from < json.length()) {
            int to = Math.min(json.length(), from + 1 + random.nextInt(12));
            String piece = json.substring(from, to).replace("\\", "\\\\").replace("\"", "\\\"");
            delta("\"type\":\"input_json_delta\",\"partial_json\":\"" + halves(piece) + '"');
            from = to;
        }
    }

    /** Half a character cannot be written but as an escape. */
    private static String halves(String piece) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            out.append(Character.isSurrogate(c) ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return out.toString();
    }
}
