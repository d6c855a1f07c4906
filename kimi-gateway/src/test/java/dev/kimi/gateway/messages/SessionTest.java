package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayFixture;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A client's session through the running gateway: what it was sent it sends back, as agents do. */
class SessionTest {

    private static final String KIMI = "kimi-k3";
    private static final String CLAUDE = "claude-sonnet-5-5";

    private final ArrayNode messages = JSON.createArrayNode();
    private GatewayFixture gateway;

    @BeforeEach
    void begin() {
        gateway = GatewayFixture.gateway();
        messages.addObject().put("role", "user").put("content", "Read the files.");
    }

    @Test
    void acceptance_4_kimi_never_misses_its_reasoning_in_twelve_rounds_of_tools() {
        Set<String> ids = new HashSet<>();
        for (int round = 0; round < 12; round++) {
            String id = callTool(gateway.kimi(), KIMI, round);
            assertThat(ids.add(id)).as("ids are unique in the session: " + id).isTrue();
        }
        say(gateway.kimi(), KIMI, "Done.");

        JsonNode sent = lastOf(gateway.kimi()).path("messages");
        assertThat(sent.size()).isEqualTo(1 + 12 * 2);
        for (int round = 0; round < 12; round++) {
            JsonNode turn = sent.get(1 + 2 * round);
            assertThat(turn.path("reasoning_content").asString()).isEqualTo("Look at " + round);
            assertThat(turn.at("/tool_calls/0/id").asString()).isEqualTo("read_0");
            assertThat(sent.get(2 + 2 * round).path("tool_call_id").asString()).isEqualTo("read_0");
        }
    }

    @Test
    void acceptance_12_a_session_goes_from_claude_to_kimi_and_back() {
        callTool(gateway.claude(), CLAUDE, 0);
        callTool(gateway.kimi(), KIMI, 1);
        callTool(gateway.kimi(), KIMI, 2);
        callTool(gateway.claude(), CLAUDE, 3);
        callTool(gateway.kimi(), KIMI, 4);
        say(gateway.claude(), CLAUDE, "Done.");

        JsonNode sent = lastOf(gateway.claude());
        assertThat(sent.path("model").asString()).isEqualTo(CLAUDE);
        assertThat(sent.findValues("signature")).as("Claude's own thinking").hasSize(2);
        assertThat(sent.toString()).doesNotContain("Look at 1", "kimi:");
        JsonNode ofKimi = lastOf(gateway.kimi());
        assertThat(ofKimi.toString()).contains("Look at 1", "Look at 2").doesNotContain("signature");
    }

    /** The last request: one that was sent again on another connection would shift those before it. */
    private static JsonNode lastOf(KimiSimulator service) {
        List<ReceivedRequest> requests = service.requests();
        return JSON.readTree(requests.get(requests.size() - 1).bodyText());
    }

    /** One round: the model thinks and calls a tool, the client sends its result. Gives the id of the call. */
    private String callTool(KimiSimulator service, String model, int round) {
        service.reply(Reply.reasoning("Look at " + round).thenToolCall("read", "{\"path\":\"f" + round + "\"}"));
        StreamReader stream = ask(model);

        assertThat(stream.last().at("/delta/stop_reason").asString()).isEqualTo("tool_use");
        String id = remember(stream);
        messages.addObject()
                .put("role", "user")
                .putArray("content")
                .addObject()
                .put("type", "tool_result")
                .put("tool_use_id", id)
                .put("content", "content of file " + round);
        return id;
    }

    private void say(KimiSimulator service, String model, String text) {
        service.reply(Reply.text(text));

        StreamReader stream = ask(model);

        assertThat(stream.block(stream.blocks() - 1).path("text").asString()).isEqualTo(text);
    }

    private StreamReader ask(String model) {
        ObjectNode request = JSON.createObjectNode().put("model", model).put("max_tokens", 2_000);
        request.put("stream", true).putObject("thinking").put("type", "adaptive");
        request.putArray("tools")
                .addObject()
                .put("name", "read")
                .put("description", "Reads a file")
                .putObject("input_schema")
                .put("type", "object")
                .putObject("properties")
                .putObject("path")
                .put("type", "string");
        request.set("messages", messages);

        HttpResponse<String> response =
                gateway.post("/v1/messages?beta=true", request.toString(), "anthropic-version", "2023-06-01");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return StreamReader.of(response.body());
    }

    /** Keeps the turn as it came, and gives the id of its call. */
    private String remember(StreamReader stream) {
        String id = "";
        ArrayNode content = messages.addObject().put("role", "assistant").putArray("content");
        for (int i = 0; i < stream.blocks(); i++) {
            ObjectNode block = (ObjectNode) stream.block(i).deepCopy();
            if (block.has("json")) {
                block.set("input", JSON.readTree(block.path("json").asString()));
                block.remove("json");
                id = block.path("id").asString();
            }
            content.add(block);
        }
        return id;
    }
}
