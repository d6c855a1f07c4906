package dev.kimi.test.sdk;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Content blocks of every kind that the Messages protocol has, as they stand in a whole message. */
final class GeneratedBlocks {

    static final JsonMapper JSON = JsonMapper.builder().build();

    /** The kinds that only a client of the beta API has a type for. */
    static final List<String> BETA = List.of(
            "compaction", "fallback", "mcp_tool_use", "mcp_tool_result", "mcp_tool_listing", "advisor_tool_result");

    private final Dice dice;
    private final Map<String, Supplier<ObjectNode>> kinds;

    GeneratedBlocks(Dice dice) {
        this.dice = dice;
        this.kinds = Map.ofEntries(
                Map.entry("text", this::text),
                Map.entry("thinking", this::thinking),
                Map.entry("redacted_thinking", () -> block("redacted_thinking").put("data", dice.id("EmwK"))),
                Map.entry("tool_use", this::toolUse),
                Map.entry("server_tool_use", this::serverToolUse),
                Map.entry("web_search_tool_result", this::webSearch),
                Map.entry("web_fetch_tool_result", this::webFetch),
                Map.entry("code_execution_tool_result", () -> execution("code_execution")),
                Map.entry("bash_code_execution_tool_result", () -> execution("bash_code_execution")),
                Map.entry("text_editor_code_execution_tool_result", this::textEditor),
                Map.entry("tool_search_tool_result", this::toolSearch),
                Map.entry("container_upload", () -> block("container_upload").put("file_id", dice.id("file_"))),
                Map.entry("compaction", this::compaction),
                Map.entry("fallback", this::fallback),
                Map.entry("mcp_tool_use", this::mcpToolUse),
                Map.entry("mcp_tool_result", this::mcpResult),
                Map.entry("mcp_tool_listing", this::mcpListing),
                Map.entry("advisor_tool_result", this::advisor),
                Map.entry(
                        "hologram",
                        () -> block("hologram").put("data", dice.text()).putNull("depth")));
    }

    /** The names of all kinds; {@code hologram} is one that nobody knows. */
    List<String> kinds() {
        return kinds.keySet().stream().sorted().toList();
    }

    ObjectNode of(String kind) {
        return kinds.get(kind).get();
    }

    private static ObjectNode block(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    private ObjectNode result(String type) {
        return block(type).put("tool_use_id", dice.id("srvtoolu_"));
    }

    private ObjectNode text() {
        ObjectNode block = block("text").put("text", dice.text());
        switch (dice.below(4)) {
            case 0 -> {
                ArrayNode citations = block.putArray("citations");
                for (int i = dice.below(4); i > 0; i--) {
                    citations.add(citation());
                }
            }
            case 1 -> block.putNull("citations");
            default -> {
                // most have none
            }
        }
        return block;
    }

    private ObjectNode citation() {
        ObjectNode citation = JSON.createObjectNode();
        String type = dice.pick(
                "char_location",
                "page_location",
                "content_block_location",
                "search_result_location",
                "web_search_result_location");
        citation.put("type", type).put("cited_text", dice.text());
        switch (type) {
            case "web_search_result_location" ->
                citation.put("encrypted_index", dice.id("Eo8B"))
                        .put("title", dice.text())
                        .put("url", "https://example.org/a?b=ü");
            case "search_result_location" ->
                citation.put("search_result_index", dice.below(9))
                        .put("source", "https://example.org/")
                        .putNull("title")
                        .put("start_block_index", 0)
                        .put("end_block_index", 1 + dice.below(9));
            default -> document(citation, type);
        }
        return citation;
    }

    private void document(ObjectNode citation, String type) {
        String unit = switch (type) {
            case "char_location" -> "char_index";
            case "page_location" -> "page_number";
            default -> "block_index";
        };
        citation.put("document_index", dice.below(5));
        if (dice.oneIn(2)) {
            citation.putNull("document_title");
        } else {
            citation.put("document_title", dice.text());
        }
        citation.put("start_" + unit, dice.below(100)).put("end_" + unit, 100 + dice.below(100));
        if (dice.oneIn(2)) {
            citation.putNull("file_id");
        }
    }

    private ObjectNode thinking() {
        return block("thinking")
                .put("thinking", dice.oneIn(3) ? "" : dice.text())
                .put("signature", dice.id("EqQB") + dice.pick("", "=", "=="));
    }

    private ObjectNode toolUse() {
        ObjectNode block =
                block("tool_use").put("id", dice.id("toolu_")).put("name", dice.pick("get_weather", "f", "计算"));
        block.set("input", input());
        caller(block);
        if (dice.oneIn(6)) {
            block.put("toolset_name", "browser");
        }
        return block;
    }

    private void caller(ObjectNode block) {
        switch (dice.below(4)) {
            case 0 -> block.putObject("caller").put("type", "direct");
            case 1 ->
                block.putObject("caller").put("type", "code_execution_20260120").put("tool_id", dice.id("srvtoolu_"));
            default -> {
                // older models name none
            }
        }
    }

    private ObjectNode serverToolUse() {
        ObjectNode block = block("server_tool_use")
                .put("id", dice.id("srvtoolu_"))
                .put("name", dice.pick("web_search", "web_fetch", "bash_code_execution", "advisor", "not_yet_known"));
        block.set("input", input());
        caller(block);
        return block;
    }

    /** The input of a tool: an object of anything. */
    ObjectNode input() {
        ObjectNode input = JSON.createObjectNode();
        for (int i = dice.below(4); i > 0; i--) {
            input.set(dice.pick("city", "x", "größe", "a b", "", "\"", "日") + i, value(0));
        }
        return input;
    }

    private JsonNode value(int depth) {
        return switch (dice.below(depth < 4 ? 9 : 6)) {
            case 0 -> JSON.getNodeFactory().numberNode(dice.between(-1_000_000_000_000L, 1_000_000_000_000L));
            case 1 -> JSON.getNodeFactory().numberNode(dice.between(-9_999, 9_999) / 64.0);
            case 2 -> JSON.getNodeFactory().booleanNode(dice.oneIn(2));
            case 3 -> JSON.getNodeFactory().nullNode();
            case 4, 5 -> JSON.getNodeFactory().stringNode(dice.text());
            case 6 -> input();
            default -> {
                ArrayNode array = JSON.createArrayNode();
                for (int i = dice.below(4); i > 0; i--) {
                    array.add(value(depth + 1));
                }
                yield array;
            }
        };
    }

    private ObjectNode webSearch() {
        ObjectNode block = result("web_search_tool_result");
        if (dice.oneIn(4)) {
            block.putObject("content")
                    .put("type", "web_search_tool_result_error")
                    .put("error_code", "max_uses_exceeded");
            return block;
        }
        ArrayNode content = block.putArray("content");
        for (int i = dice.below(4); i > 0; i--) {
            content.addObject()
                    .put("type", "web_search_result")
                    .put("title", dice.text())
                    .put("url", "https://example.org/" + i)
                    .put("encrypted_content", dice.id("Eu4"))
                    .putNull("page_age");
        }
        caller(block);
        return block;
    }

    private ObjectNode webFetch() {
        ObjectNode block = result("web_fetch_tool_result");
        ObjectNode content = block.putObject("content");
        if (dice.oneIn(4)) {
            content.put("type", "web_fetch_tool_result_error").put("error_code", "url_not_accessible");
            return block;
        }
        content.put("type", "web_fetch_result").put("url", "https://example.org/");
        ObjectNode document = content.putObject("content").put("type", "document");
        document.putObject("source")
                .put("type", "text")
                .put("media_type", "text/plain")
                .put("data", dice.text());
        document.putObject("citations").put("enabled", true);
        document.put("title", dice.text());
        content.put("retrieved_at", "2026-11-20T10:00:00Z");
        return block;
    }

    private ObjectNode execution(String tool) {
        ObjectNode block = result(tool + "_tool_result");
        ObjectNode content = block.putObject("content");
        if (dice.oneIn(4)) {
            content.put("type", tool + "_tool_result_error").put("error_code", "unavailable");
            return block;
        }
        content.put("type", tool + "_result")
                .put("stdout", dice.text())
                .put("stderr", dice.text())
                .put("return_code", dice.below(3));
        ArrayNode files = content.putArray("content");
        for (int i = dice.below(3); i > 0; i--) {
            files.addObject().put("type", tool + "_output").put("file_id", dice.id("file_"));
        }
        return block;
    }

    private ObjectNode textEditor() {
        ObjectNode block = result("text_editor_code_execution_tool_result");
        ObjectNode content = block.putObject("content");
        switch (dice.below(3)) {
            case 0 ->
                content.put("type", "text_editor_code_execution_tool_result_error")
                        .put("error_code", "unavailable")
                        .put("error_message", dice.text());
            case 1 ->
                content.put("type", "text_editor_code_execution_create_result").put("is_file_update", dice.oneIn(2));
            default ->
                content.put("type", "text_editor_code_execution_view_result")
                        .put("file_type", "text")
                        .put("content", dice.text())
                        .put("num_lines", 1)
                        .putNull("start_line")
                        .put("total_lines", 1);
        }
        return block;
    }

    private ObjectNode toolSearch() {
        ObjectNode block = result("tool_search_tool_result");
        ArrayNode references = block.putObject("content")
                .put("type", "tool_search_tool_search_result")
                .putArray("tool_references");
        for (int i = dice.below(3); i > 0; i--) {
            references.addObject().put("type", "tool_reference").put("tool_name", "tool_" + i);
        }
        return block;
    }

    private ObjectNode compaction() {
        ObjectNode block = block("compaction");
        if (dice.oneIn(4)) {
            block.putNull("content");
        } else {
            block.put("content", dice.text());
        }
        if (dice.oneIn(2)) {
            block.putNull("encrypted_content");
        } else {
            block.put("encrypted_content", dice.id("Ep4B"));
        }
        return block;
    }

    private ObjectNode fallback() {
        ObjectNode block = block("fallback");
        block.putObject("from").put("model", "claude-fable-5-2");
        block.putObject("to").put("model", dice.pick("claude-opus-5-5", "claude-sonnet-5-5"));
        if (dice.oneIn(2)) {
            block.putObject("trigger").put("type", "refusal").put("category", "cyber");
        }
        return block;
    }

    private ObjectNode mcpToolUse() {
        ObjectNode block = block("mcp_tool_use")
                .put("id", dice.id("mcptoolu_"))
                .put("name", "ask")
                .put("server_name", "wiki");
        block.set("input", input());
        return block;
    }

    private ObjectNode mcpResult() {
        ObjectNode block = block("mcp_tool_result")
                .put("tool_use_id", dice.id("mcptoolu_"))
                .put("is_error", dice.oneIn(3));
        if (dice.oneIn(3)) {
            block.put("content", dice.text());
        } else {
            block.putArray("content")
                    .addObject()
                    .put("type", "text")
                    .put("text", dice.text())
                    .putNull("citations");
        }
        return block;
    }

    private ObjectNode mcpListing() {
        ObjectNode block = block("mcp_tool_listing").put("mcp_server_name", "wiki");
        block.putArray("tools").addObject().put("name", "ask").put("description", dice.text());
        return block;
    }

    private ObjectNode advisor() {
        ObjectNode block = result("advisor_tool_result");
        block.putObject("content").put("type", "advisor_result").put("text", dice.text());
        return block;
    }
}
