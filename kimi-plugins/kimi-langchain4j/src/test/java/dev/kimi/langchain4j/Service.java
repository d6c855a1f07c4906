package dev.kimi.langchain4j;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A service of the simulator's, and what a request to it says. */
enum Service {
    KIMI("", "openai", "kimi-k3"),
    CLAUDE("", "anthropic", "claude-opus-5-5"),
    /** Kimi behind the Messages protocol. */
    KIMI_MESSAGES("/anthropic", "anthropic", "kimi-k3");

    private final String path;
    private final String protocol;
    private final String model;

    Service(String path, String protocol, String model) {
        this.path = path;
        this.protocol = protocol;
        this.model = model;
    }

    KimiClient client(KimiSimulator simulator) {
        return KimiClient.builder()
                .baseUrl(simulator.baseUrl() + path)
                .protocol(protocol)
                .apiKey("sk-test")
                .model(model)
                .build();
    }

    /** Another model of the same service. */
    String otherModel() {
        return this == CLAUDE ? "claude-opus-5" : "kimi-k3.1-pro";
    }

    /** With which a model can be forced to call tools. */
    KimiChatRequestParameters forcible() {
        return KimiChatRequestParameters.builder()
                .modelName(this == CLAUDE ? "claude-sonnet-5" : "kimi-k3")
                .thinking(false)
                .build();
    }

    boolean isMessages() {
        return this != KIMI;
    }

    /** What tools gave, in the order in which it was sent. */
    List<Object> results(ReceivedRequest request) {
        List<Map<String, Object>> results =
                isMessages() ? blocks(request, "user", "tool_result") : turns(request, "tool");
        return results.stream().map(result -> result.get("content")).toList();
    }

    /** The reasoning of the assistant's turns, or its signatures where it is kept by them. */
    List<Object> reasoning(ReceivedRequest request) {
        return isMessages()
                ? blocks(request, "assistant", "thinking").stream()
                        .map(block -> this == CLAUDE ? block.get("signature") : block.get("thinking"))
                        .toList()
                : turns(request, "assistant").stream()
                        .map(turn -> turn.get("reasoning_content"))
                        .toList();
    }

    /** The schema of the response format. */
    Map<String, Object> schema(ReceivedRequest request) {
        Map<String, Object> body = request.body();
        return isMessages()
                ? member(member(member(body, "output_config"), "format"), "schema")
                : member(member(member(body, "response_format"), "json_schema"), "schema");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> member(Map<String, Object> object, String name) {
        return (Map<String, Object>) object.getOrDefault(name, Map.of());
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> turns(ReceivedRequest request, String role) {
        return ((List<Map<String, Object>>) request.body().get("messages"))
                .stream().filter(turn -> role.equals(turn.get("role"))).toList();
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> blocks(ReceivedRequest request, String role, String type) {
        List<Map<String, Object>> blocks = new ArrayList<>();
        for (Map<String, Object> turn : turns(request, role)) {
            if (turn.get("content") instanceof List<?> content) {
                ((List<Map<String, Object>>) content)
                        .stream()
                                .filter(block -> type.equals(block.get("type")))
                                .forEach(blocks::add);
            }
        }
        return blocks;
    }
}
