package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.DIALECT;
import static dev.kimi.gateway.messages.MessagesFixture.TO_CLAUDE;
import static dev.kimi.gateway.messages.MessagesFixture.json;
import static dev.kimi.gateway.messages.MessagesFixture.text;
import static dev.kimi.gateway.messages.MessagesFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.relay.RelayForm;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Bodies at random, with blanks wherever JSON has them. */
class VerbatimPropertyTest {

    private static final InboundHead HEAD = new InboundHead("/v1/messages", null, Map.of());
    private static final String[] BLANKS = {"", "", "", " ", "\n", "\t ", "\r\n  "};

    private final StringBuilder out = new StringBuilder();
    private Random random = new Random(0);

    @Test
    void the_model_is_replaced_and_unsigned_thinking_is_gone_and_all_else_is_equal() {
        for (int seed = 0; seed < 500; seed++) {
            random = new Random(seed);
            ObjectNode request = request(seed);
            String body = spaced(request);

            RelayForm.Verbatim form =
                    (RelayForm.Verbatim) DIALECT.read(HEAD, utf8(body)).formFor(TO_CLAUDE);

            assertThat(json(form.body())).as("seed " + seed + ": " + body).isEqualTo(expected(request));
            assertThat(isWithin(text(form.body()), body))
                    .as("seed " + seed + ": " + body)
                    .isTrue();
        }
    }

    @Test
    void a_body_that_is_cut_or_damaged_anywhere_is_rejected_or_read() {
        random = new Random(1);
        String body = spaced(request(7));
        int rejected = 0;
        for (int at = 0; at < body.length(); at++) {
            rejected += isRejected(utf8(body.substring(0, at))) ? 1 : 0;
            byte[] damaged = utf8(body);
            damaged[Math.min(at, damaged.length - 1)] = (byte) random.nextInt(256);
            isRejected(damaged);
        }
        assertThat(rejected).as("no beginning of a body is a body").isEqualTo(body.lastIndexOf('}') + 1);
    }

    /** Anything else that is thrown fails the test. */
    private static boolean isRejected(byte[] body) {
        try {
            DIALECT.read(HEAD, body).formFor(TO_CLAUDE);
            return false;
        } catch (GatewayException e) {
            return true;
        }
    }

    /** Whether all that is written stands in the body, in the same order, but for what was put in place of the rest. */
    private static boolean isWithin(String written, String body) {
        String rest = written.replaceFirst("\"claude-sonnet-5-5\"", "")
                .replace("{\"type\":\"text\",\"text\":\"(no text)\"}", "");
        int at = 0;
        for (int i = 0; i < rest.length(); i++) {
            at = body.indexOf(rest.charAt(i), at) + 1;
            if (at == 0) {
                return false;
            }
        }
        return true;
    }

    private ObjectNode request(int seed) {
        ObjectNode request = MessagesFixture.JSON.createObjectNode();
        boolean early = random.nextBoolean();
        if (early) {
            request.put("model", "claude \"x\" ü");
        }
        ArrayNode messages = request.putArray("messages");
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            ArrayNode content = messages.addObject()
                    .put("role", i % 2 == 0 ? "assistant" : "user")
                    .putArray("content");
            for (int j = random.nextInt(6); j > 0; j--) {
                block(content);
            }
        }
        if (!early) {
            request.put("model", "m");
        }
        request.put("seed", seed).putObject("x").put("model", "inner").putNull("n");
        return request;
    }

    private void block(ArrayNode content) {
        ObjectNode block = content.addObject();
        switch (random.nextInt(6)) {
            case 0 -> block.put("type", "thinking").put("thinking", "}],[{").put("signature", "kimi:0");
            case 1 -> block.put("thinking", "\\\"").put("type", "thinking");
            case 2 -> block.put("type", "thinking").put("thinking", "").put("signature", "EqQB");
            case 3 -> block.put("type", "text").put("text", "kimi: ü🙂\u2028");
            case 4 ->
                block.put("type", "tool_result").putArray("content").addObject().put("type", "thinking");
            default ->
                block.put("type", "image")
                        .putObject("source")
                        .put("type", "base64")
                        .put("data", "AA==");
        }
    }

    private static JsonNode expected(ObjectNode request) {
        ObjectNode expected = request.deepCopy();
        expected.put("model", "claude-sonnet-5-5");
        for (JsonNode message : expected.path("messages")) {
            ArrayNode content = (ArrayNode) message.path("content");
            boolean had = !content.isEmpty();
            content.removeIf(block -> block.path("type").asString().equals("thinking")
                    && !block.path("signature").asString("").startsWith("E"));
            if (had && content.isEmpty()) {
                content.addObject().put("type", "text").put("text", "(no text)");
            }
        }
        return expected;
    }

    private String spaced(JsonNode node) {
        out.setLength(0);
        write(node);
        return out.toString();
    }

    private void write(JsonNode node) {
        blank();
        if (node.isObject()) {
            out.append('{');
            String comma = "";
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                out.append(comma);
                blank();
                out.append(MessagesFixture.JSON.writeValueAsString(member.getKey()));
                blank();
                out.append(':');
                write(member.getValue());
                comma = ",";
            }
            blank();
            out.append('}');
        } else if (node.isArray()) {
            out.append('[');
            String comma = "";
            for (JsonNode element : node) {
                out.append(comma);
                write(element);
                comma = ",";
            }
            blank();
            out.append(']');
        } else {
            out.append(node);
        }
        blank();
    }

    private void blank() {
        out.append(BLANKS[random.nextInt(BLANKS.length)]);
    }
}
