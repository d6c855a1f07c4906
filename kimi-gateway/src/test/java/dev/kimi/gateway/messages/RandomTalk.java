package dev.kimi.gateway.messages;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A lawful conversation made up at random, as Anthropic's Messages have it and as chat completions should have it. */
final class RandomTalk {

    private static final String[] WORDS = {
        "plain",
        "with \"quotes\"",
        "two\nlines",
        "tab\t",
        "ünïcode",
        "🙂",
        "\u2028",
        "back\\slash",
        "{\"json\":1}",
        "\u0001"
    };

    final ArrayNode messages = MessagesFixture.JSON.createArrayNode();
    final ArrayNode expected = MessagesFixture.JSON.createArrayNode();
    private final Random random;
    private int calls;

    RandomTalk(long seed) {
        this.random = new Random(seed);
        user();
        int rounds = random.nextInt(6);
        for (int i = 0; i < rounds; i++) {
            assistant();
        }
    }

    String text() {
        StringBuilder text = new StringBuilder(WORDS[random.nextInt(WORDS.length)]);
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(' ').append(WORDS[random.nextInt(WORDS.length)]);
        }
        return text.toString();
    }

    private void user() {
        ArrayNode content = turn("user");
        boolean plain = random.nextInt(3) == 0;
        if (plain) {
            String text = text();
            ((ObjectNode) messages.get(messages.size() - 1)).put("content", text);
            expected.addObject().put("role", "user").put("content", text);
        } else {
            expected.addObject().put("role", "user").set("content", parts(content, 1 + random.nextInt(3)));
        }
        if (random.nextInt(4) == 0) {
            String rules = text();
            mark(turn("system").addObject().put("type", "text").put("text", rules));
            expected.addObject().put("role", "system").put("content", rules);
        }
    }

    private void assistant() {
        ArrayNode content = turn("assistant");
        ObjectNode turn = expected.addObject().put("role", "assistant");
        if (random.nextBoolean()) {
            String thinking = text();
            ObjectNode block = content.addObject().put("type", "thinking").put("thinking", thinking);
            switch (random.nextInt(4)) {
                case 0 -> block.put("signature", "EqQBCkgI");
                case 1 -> block.put("signature", "");
                case 2 -> block.put("signature", GatewaySignature.of(thinking));
                default -> {}
            }
            turn.put("reasoning_content", thinking);
        }
        int called = random.nextInt(4);
        if (called == 0 || random.nextBoolean()) {
            String text = text();
            mark(content.addObject().put("type", "text").put("text", text));
            turn.put("content", text);
        }
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < called; i++) {
            ids.add(call(content, turn));
        }
        if (called == 0) {
            user();
            return;
        }
        if (!turn.has("reasoning_content")) {
            turn.put("reasoning_content", "");
        }
        results(ids);
    }

    private String call(ArrayNode content, ObjectNode turn) {
        String id = random.nextBoolean() ? "toolu_" + calls++ : "tool_" + random.nextInt(2) + "x" + calls++;
        String outward = new CallIds("req").outward(id, 0);
        ObjectNode input = MessagesFixture.JSON.createObjectNode();
        for (int i = random.nextInt(3); i > 0; i--) {
            input.put("p" + i, text()).put("n" + i, random.nextInt(100));
        }
        content.addObject()
                .put("type", "tool_use")
                .put("id", outward)
                .put("name", "tool" + random.nextInt(3))
                .set("input", input);
        ObjectNode call = turn.withArray("tool_calls").addObject().put("id", id).put("type", "function");
        call.putObject("function")
                .put("name", content.get(content.size() - 1).path("name").asString())
                .put("arguments", input.toString());
        return id;
    }

    private void results(List<String> ids) {
        ArrayNode content = turn("user");
        for (String id : ids) {
            ObjectNode result = content.addObject()
                    .put("type", "tool_result")
                    .put("tool_use_id", new CallIds("req").outward(id, 0));
            ObjectNode message = expected.addObject().put("role", "tool").put("tool_call_id", id);
            if (random.nextBoolean()) {
                String text = text();
                mark(result.put("content", text));
                message.put("content", text);
            } else {
                ArrayNode inner = result.putArray("content");
                String text = text();
                inner.addObject().put("type", "text").put("text", text);
                ArrayNode parts = message.putArray("content");
                parts.addObject().put("type", "text").put("text", text);
                image(inner, parts);
            }
        }
    }

    private tools.jackson.databind.JsonNode parts(ArrayNode content, int count) {
        ArrayNode parts = MessagesFixture.JSON.createArrayNode();
        for (int i = 0; i < count; i++) {
            if (random.nextInt(4) == 0) {
                image(content, parts);
            } else {
                String text = text();
                mark(content.addObject().put("type", "text").put("text", text));
                parts.addObject().put("type", "text").put("text", text);
            }
        }
        boolean plain = count == 1 && parts.get(0).has("text");
        return plain ? parts.get(0).get("text") : parts;
    }

    private void image(ArrayNode content, ArrayNode parts) {
        content.addObject()
                .put("type", "image")
                .putObject("source")
                .put("type", "base64")
                .put("media_type", "image/jpeg")
                .put("data", "/9j/4AAQ");
        parts.addObject().put("type", "image_url").putObject("image_url").put("url", "data:image/jpeg;base64,/9j/4AAQ");
    }

    private void mark(ObjectNode block) {
        if (random.nextInt(5) == 0) {
            block.putObject("cache_control").put("type", "ephemeral");
        }
    }

    private ArrayNode turn(String role) {
        return messages.addObject().put("role", role).putArray("content");
    }
}
