package dev.kimi.docs;

import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.ClaudeApi.Batch;
import dev.kimi.starter.feign.ClaudeApi.BatchRequest;
import dev.kimi.starter.feign.ClaudeApi.BatchResult;
import dev.kimi.starter.feign.ClaudeApi.Message;
import dev.kimi.starter.feign.ClaudeApi.MessageRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.stereotype.Service;

// snippet:spring-claude-api
@Service
class NightlyBatch {

    private final ClaudeApi claude;

    NightlyBatch(ClaudeApi claude) {
        this.claude = claude;
    }

    String start(Map<String, String> questions) {
        Map<String, MessageRequest> requests = new HashMap<>();
        questions.forEach((id, text) ->
                requests.put(id, MessageRequest.of("claude-haiku-5-5", text).withMaxTokens(2_000)));
        return claude.createBatch(BatchRequest.of(requests)).id();
    }

    Map<String, String> results(String id) {
        Map<String, String> texts = new TreeMap<>();
        Batch batch = claude.batch(id);
        if (batch.ended()) {
            try (Stream<BatchResult> results = claude.batchResults(id)) {
                results.forEach(result -> {
                    Message message = result.result().message();
                    texts.put(result.customId(), message == null ? "" : message.text());
                });
            }
        }
        return texts;
    }
}
// end
