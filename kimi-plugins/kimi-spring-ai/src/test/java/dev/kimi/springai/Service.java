package dev.kimi.springai;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import java.util.List;
import java.util.Map;

/** A service of the simulator's, and what a request to it says. */
enum Service {
    KIMI("openai", "kimi-k3"),
    CLAUDE("anthropic", "claude-opus-5-5");

    private final String protocol;
    private final String model;

    Service(String protocol, String model) {
        this.protocol = protocol;
        this.model = model;
    }

    KimiClientBuilder client(KimiSimulator simulator) {
        return KimiClient.builder()
                .baseUrl(simulator.baseUrl())
                .protocol(protocol)
                .apiKey("sk-test")
                .model(model);
    }

    String model() {
        return model;
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> turns(ReceivedRequest request, String role) {
        return ((List<Map<String, Object>>) request.body().get("messages"))
                .stream().filter(turn -> role.equals(turn.get("role"))).toList();
    }

    /** What the assistant's turns hold of what it thought. */
    List<?> thoughts(ReceivedRequest request) {
        if (this == KIMI) {
            return turns(request, "assistant").stream()
                    .map(turn -> turn.get("reasoning_content"))
                    .toList();
        }
        return turns(request, "assistant").stream()
                .filter(turn -> turn.get("content") instanceof List<?>)
                .flatMap(turn -> ((List<?>) turn.get("content")).stream())
                .filter(block -> "thinking".equals(((Map<?, ?>) block).get("type")))
                .toList();
    }
}
