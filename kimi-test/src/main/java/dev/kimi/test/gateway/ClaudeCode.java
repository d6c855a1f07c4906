package dev.kimi.test.gateway;

import dev.kimi.test.internal.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Requests as Claude Code sends them. White space, escapes and numbers are spelt in more than one way, so that a body
 * which somebody has parsed and written again differs.
 */
final class ClaudeCode {

    static final String MESSAGES = "/v1/messages?beta=true";
    static final String VERSION = "2023-06-01";
    static final String BETAS = "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
            + "mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,"
            + "advanced-tool-use-2025-11-20,effort-2025-11-24";
    static final String ATTRIBUTION =
            "x-anthropic-billing-header: cc_version=2.1.332.4f2; cc_entrypoint=cli; cch=7a1c;";
    static final String CONTEXT_MANAGEMENT =
            "\"context_management\": {\"edits\":[{\"type\":\"clear_thinking_20251015\",\"keep\":\"all\"}]}";
    static final String PIXEL =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5" + "ErkJggg==";

    private ClaudeCode() {}

    /** The headers that come with every request. */
    static List<Map.Entry<String, String>> headers(String credential) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("Authorization", "Bearer " + credential));
        headers.add(Map.entry("anthropic-version", VERSION));
        headers.add(Map.entry("anthropic-beta", BETAS));
        headers.add(Map.entry("anthropic-dangerous-direct-browser-access", "true"));
        headers.add(Map.entry("x-app", "cli"));
        headers.add(Map.entry("User-Agent", "claude-cli/2.1.332 (external, cli)"));
        headers.add(Map.entry("x-claude-code-session-id", "3f0b6c1e-5f1a-4c8e-9a57-0b1d2c3e4f50"));
        headers.add(Map.entry("x-stainless-timeout", "600"));
        headers.add(Map.entry("Accept", "application/json"));
        headers.add(Map.entry("Accept-Encoding", "gzip, deflate, br, zstd"));
        return headers;
    }

    /** The whole body: 30 tools, three system blocks, adaptive thinking and what else belongs to it. */
    static String body(String model, String messages) {
        return "{\"model\":\"" + model + "\",\n \"messages\":" + messages + ",\"system\":" + system() + ", \"tools\":"
                + tools(30) + ",\"metadata\":{\"user_id\":\"user_5ca1ab1e_account__session_3f0b6c1e\"},"
                + "\"max_tokens\":32000,\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"},"
                + CONTEXT_MANAGEMENT + ",\"output_config\":{\"effort\":\"high\"},\"stream\":true}";
    }

    /** The attribution block, and two with a place in the cache. */
    static String system() {
        return "[" + text(ATTRIBUTION) + ",{\"type\":\"text\",\"text\":\"You are Claude Code \\u2014 a caf\\u00e9 \\/ "
                + "terminal.\",\"cache_control\":{\"type\":\"ephemeral\"}}, {\"cache_control\" : {\"type\":"
                + " \"ephemeral\"},\"type\":\"text\",\"text\":\"Zwei W\u00f6rter.\\n\\ttabs\"}]";
    }

    /** So many tools; the last but one is put off, and the last looks for those. */
    static String tools(int count) {
        StringBuilder tools = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            String name = i == count - 1 ? "ToolSearch" : i == 0 ? "Read" : "tool_" + i;
            String more = i == count - 2
                    ? ",\"defer_loading\":true"
                    : i == 1 ? ",\"eager_input_streaming\": true,\"input_examples\":[{\"path\":\"/a\"}]" : "";
            tools.append(i == 0 ? "" : ", ").append("{\"name\":\"").append(name);
            tools.append("\",\"description\":\"Does ").append(i).append(" things \\u0026 more\",\"input_schema\":");
            tools.append("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",");
            tools.append("\"properties\":{\"path\":{\"type\":\"string\",\"description\":\"where\"},\"limit\":");
            tools.append("{\"type\":\"number\"},\"mode\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}},");
            tools.append("\"required\":[\"path\"],\"additionalProperties\":false}")
                    .append(more)
                    .append('}');
        }
        return tools.append(']').toString();
    }

    static String text(String text) {
        return "{\"type\":\"text\",\"text\":" + Json.write(text) + "}";
    }

    static String user(String... blocks) {
        return "{\"role\":\"user\",\"content\":[" + String.join(",", blocks) + "]}";
    }

    static String assistant(String content) {
        return "{\"role\": \"assistant\", \"content\":" + content + "}";
    }

    /** The turn that Claude Code puts last: reminders, under the role of the system. */
    static String reminder(String text) {
        return "{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":" + Json.write(text)
                + ",\"cache_control\":{\"type\":\"ephemeral\"}}]}";
    }

    static String toolResult(String id, String content) {
        return "{\"tool_use_id\":" + Json.write(id) + ",\"type\":\"tool_result\",\"content\":" + content + "}";
    }

    static String image() {
        return "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image\\/png\",\"data\":\"" + PIXEL
                + "\"}}";
    }

    static String document() {
        return "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"media_type\":\"application/pdf\",\"data\":"
                + "\"JVBERi0xLjQKJcOkw7zDtsOf\"},\"title\":\"plan\"}";
    }
}
