package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code of docs/failover.md, run over sockets. */
@Timeout(60)
class FailoverSnippetsTest {

    private final List<String> shown = new ArrayList<>();

    @Test
    void a_call_goes_on_at_claude() {
        try (KimiSimulator kimiService = KimiSimulator.start();
                KimiSimulator claudeService = KimiSimulator.start()) {
            kimiService.otherwise(Reply.quotaExceeded());
            claudeService.otherwise(Reply.text("blue"));
            KimiClientBuilder kimi =
                    KimiClient.builder().baseUrl(kimiService.baseUrl()).apiKey(String.valueOf(kimiService.apiKey()));
            String claudeUrl = claudeService.baseUrl();
            String claudeKey = String.valueOf(claudeService.apiKey());

            try (KimiClient client = build(kimi, claudeUrl, claudeKey)) {
                see(client, ChatRequest.of("Why is the sky blue?"));

                assertThat(shown)
                        .hasSize(4)
                        .startsWith("from claude")
                        .anyMatch(line -> line.startsWith("sent-elsewhere: "))
                        .anyMatch(line -> line.contains("endpoint=default") && line.contains("state=OPEN"));
                assertThat(claudeService.requests()).hasSize(1);
            }
        }
    }

    private static KimiClient build(KimiClientBuilder kimi, String claudeUrl, String claudeKey) {
        // snippet:failover
        KimiClientBuilder claude = KimiClient.builder()
                .name("claude")
                .protocol("anthropic")
                .baseUrl(claudeUrl)
                .model("claude-sonnet-5-5")
                .apiKey(claudeKey);
        KimiClient client = kimi.failover(claude).build();
        // end
        return client;
    }

    private void see(KimiClient client, ChatRequest request) {
        // snippet:failover-seen
        ChatResponse response = client.chat(request);
        show("from " + response.endpoint());
        response.notes().forEach(note -> show(note.code() + ": " + note.message()));
        client.diagnostics().circuits().forEach(circuit -> show(circuit.toString()));
        // end
    }

    private void show(String line) {
        shown.add(line);
    }
}
