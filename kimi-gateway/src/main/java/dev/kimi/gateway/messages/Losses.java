package dev.kimi.gateway.messages;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.gateway.dialect.InboundChat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a translation leaves out or changes, each name once. The names are a closed list, so that they are good for a
 * tag; what a client has made up, or what came after this was written, is {@code other}. Not thread-safe.
 */
final class Losses {

    static final String ATTRIBUTION = "system.attribution";
    static final String CACHE_CONTROL = "cache_control";
    static final String CITATIONS = "citations";
    static final String EFFORT = "output_config.effort";
    static final String FORMAT = "output_config.format";
    static final String MAX_TOKENS = "max_tokens";
    static final String PARALLEL = "tool_choice.disable_parallel_tool_use";
    static final String REASONING_MISSING = "thinking.missing";
    static final String REDACTED_THINKING = "redacted_thinking";
    static final String SERVER_TOOLS = "tools.server";
    static final String SIGNATURE = "thinking.signature";
    static final String THINKING = "thinking";
    static final String TOOL_CHOICE = "tool_choice";
    static final String TOOL_ERROR = "tool_result.is_error";
    static final String UNSIGNED_THINKING = "thinking.unsigned";

    private static final String OTHER = "other";

    private static final Set<String> FIELDS = Set.of(
            "cache_control",
            "compaction",
            "container",
            "context_management",
            "diagnostics",
            "fallbacks",
            "inference_geo",
            "mcp_servers",
            "service_tier",
            "speed",
            "temperature",
            "top_k",
            "top_p");
    private static final Set<String> OF_TOOLS =
            Set.of("allowed_callers", "defer_loading", "eager_input_streaming", "input_examples", "strict");
    private static final Set<String> OF_MESSAGES = Set.of("clear_at");
    private static final Set<String> OF_THINKING = Set.of("block_binding", "budget_tokens", "display");
    private static final Set<String> OF_OUTPUT = Set.of("task_budget");
    private static final Set<String> BLOCKS = Set.of(
            "container_upload",
            "fallback",
            "mcp_tool_result",
            "mcp_tool_use",
            "server_tool_use",
            "tool_addition",
            "tool_removal");

    private final Set<Note> notes = new LinkedHashSet<>();

    void dropped(String name) {
        notes.add(new Note(InboundChat.DROPPED, name));
    }

    void changed(String name) {
        notes.add(new Note(InboundChat.CHANGED, name));
    }

    /** A member at the top of the request. */
    void field(String name) {
        dropped(FIELDS.contains(name) ? name : OTHER);
    }

    void ofTool(String name) {
        dropped(name.equals(CACHE_CONTROL) ? name : "tools." + (OF_TOOLS.contains(name) ? name : OTHER));
    }

    void ofMessage(String name) {
        dropped(name.equals(CACHE_CONTROL) ? name : "messages." + (OF_MESSAGES.contains(name) ? name : OTHER));
    }

    void ofThinking(String name) {
        dropped("thinking." + (OF_THINKING.contains(name) ? name : OTHER));
    }

    void ofOutput(String name) {
        dropped("output_config." + (OF_OUTPUT.contains(name) ? name : OTHER));
    }

    /** A block of content. */
    void block(String type) {
        String name = type.endsWith("_tool_result") && !BLOCKS.contains(type) ? "server_tool_result" : type;
        dropped("content." + (BLOCKS.contains(name) || name.equals("server_tool_result") ? name : OTHER));
    }

    List<Note> notes() {
        return List.copyOf(notes);
    }
}
