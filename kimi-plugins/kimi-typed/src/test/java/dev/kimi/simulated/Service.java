package dev.kimi.simulated;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A service of the simulator's, and what a request to it says. */
public enum Service {
    KIMI("", "kimi-k3", "kimi-k2.6"),
    CLAUDE("", "claude-opus-5-5", "claude-opus-5"),
    /** Kimi behind the Messages protocol. */
    KIMI_MESSAGES("/anthropic", "kimi-k3", "kimi-k2.6");

    private final String path;
    private final String model;
    private final String forced;

    Service(String path, String model, String forced) {
        this.path = path;
        this.model = model;
        this.forced = forced;
    }

    public KimiClient client(KimiSimulator simulator) {
        return KimiClient.builder()
                .baseUrl(simulator.baseUrl() + path)
                .protocol(isMessages() ? "anthropic" : "openai")
                .apiKey("sk-test")
                .model(model)
                .build();
    }

    /** Whether the protocol is Messages, and not chat completions. */
    public boolean isMessages() {
        return this != KIMI;
    }

    /** A model that can be made to call a tool while it does not think. */
    public String forced() {
        return forced;
    }

    /** The turns of a role, as they were sent. */
    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> turns(ReceivedRequest request, String role) {
        return ((List<Map<String, Object>>) request.body().get("messages"))
                .stream().filter(turn -> role.equals(turn.get("role"))).toList();
    }

    /** The blocks of that type in the turns of a role; Messages only. */
    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> blocks(ReceivedRequest request, String role, String type) {
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

    /** What tools gave, in the order in which it was sent. */
    public List<Object> results(ReceivedRequest request) {
        List<Map<String, Object>> results =
                isMessages() ? blocks(request, "user", "tool_result") : turns(request, "tool");
        return results.stream().map(result -> result.get("content")).toList();
    }

    /** The reasoning of the turns that called tools; Claude keeps its own to itself. */
    public List<Object> reasoning(ReceivedRequest request) {
        return isMessages()
                ? blocks(request, "assistant", "thinking").stream()
                        .map(block -> block.get("thinking"))
                        .toList()
                : turns(request, "assistant").stream()
                        .map(turn -> turn.get("reasoning_content"))
                        .toList();
    }
}
