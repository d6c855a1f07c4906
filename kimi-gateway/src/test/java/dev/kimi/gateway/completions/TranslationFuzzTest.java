package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.Targets.MAPPER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.InvalidRequestException;
import dev.kimi.gateway.dialect.GatewayException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Requests that are put together at random, of lawful pieces and others. */
class TranslationFuzzTest {

    private static final int ROUNDS = 1_500;
    private static final List<String> MODELS = List.of(
            "claude-opus-5-5", "claude-opus-4-6", "claude-haiku-5-5", "claude-sonnet-5", "kimi-k3", "kimi-k2.6");
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "0",
            "1",
            "-7",
            "1.5",
            "1e99",
            "\"\"",
            "\" \"",
            "\"text\"",
            "\"none\"",
            "\"high\"",
            "[]",
            "{}",
            "[null]",
            "[\"a\"]",
            "{\"type\":\"enabled\"}",
            "{\"type\":\"disabled\"}",
            "{\"type\":\"json_object\"}",
            "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\"}}}",
            "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}]",
            "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}",
            "\"required\"",
            "\"auto\"");
    private static final List<String> MEMBERS = List.of(
            "max_tokens",
            "max_completion_tokens",
            "stop",
            "temperature",
            "top_p",
            "n",
            "logprobs",
            "top_logprobs",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "response_format",
            "reasoning_effort",
            "thinking",
            "user",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "modalities",
            "audio",
            "seed",
            "made_up",
            "stream_options");
    private static final List<String> OF_MESSAGES = List.of(
            "content", "name", "tool_calls", "tool_call_id", "reasoning_content", "refusal", "partial", "made_up");
    private static final List<String> CONTENTS = List.of(
            "\"hi\"",
            "\"\"",
            "null",
            "[]",
            "7",
            "[{\"type\":\"text\",\"text\":\"a\"}]",
            "[{\"type\":\"text\"}]",
            "[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]",
            "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AA\"}}]",
            "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,x\"}}]",
            "[{\"type\":\"image_url\",\"image_url\":\"ms://f\"}]",
            "[{\"type\":\"file\",\"file\":{\"file_data\":\"data:application/pdf;base64,AA\"}}]",
            "[{\"type\":\"input_audio\"}]");
    private static final String CALLS =
            "[{\"id\":\"c%d\",\"type\":\"function\",\"function\":{\"name\":\"f\"," + "\"arguments\":\"{}\"}}]";

    private final Random random = new Random(5);
    private final Set<String> names = new TreeSet<>();

    @Test
    void each_is_translated_or_rejected_and_nothing_else() {
        int translated = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String json = request();
            String model = any(MODELS);
            try {
                JsonNode sent = Targets.sent(json, Targets.target(model));
                assertThat(sent.path("model").asString()).as(json).isEqualTo(model);
                assertThat(sent.path("messages").isArray()).as(json).isTrue();
                names.addAll(Targets.notes(json, Targets.target(model)));
                translated++;
            } catch (GatewayException e) {
                assertThat(e.error().status()).as(json).isEqualTo(400);
            } catch (InvalidRequestException e) {
                assertThat(e.getMessage()).as(json).isNotBlank();
            }
        }

        assertThat(translated).isGreaterThan(ROUNDS / 10);
        assertThat(names).hasSizeBetween(10, 40).noneMatch(name -> name.contains("made_up"));
    }

    private String request() {
        ObjectNode request = MAPPER.createObjectNode().put("model", "m");
        ArrayNode messages = request.putArray("messages");
        for (int i = random.nextInt(4); i >= 0; i--) {
            messages.add(message(i));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            request.set(any(MEMBERS), MAPPER.readTree(any(VALUES)));
        }
        return request.toString();
    }

    private ObjectNode message(int number) {
        String role = any(List.of("user", "user", "user", "assistant", "assistant", "tool", "system", "developer"));
        ObjectNode message = MAPPER.createObjectNode().put("role", role);
        message.set("content", MAPPER.readTree(any(random.nextInt(3) == 0 ? CONTENTS : CONTENTS.subList(0, 1))));
        if (role.equals("tool")) {
            message.put("tool_call_id", "c" + (number + 1));
        } else if (role.equals("assistant") && random.nextBoolean()) {
            message.set("tool_calls", MAPPER.readTree(CALLS.formatted(number)));
        }
        if (random.nextInt(8) == 0) {
            message.set(any(OF_MESSAGES), MAPPER.readTree(any(VALUES)));
        }
        return message;
    }

    private String any(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
