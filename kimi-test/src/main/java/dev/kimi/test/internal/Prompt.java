package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A request of the Messages API as a row of segments, in the order in which the service reads it: tools, system,
 * messages. Digests are made when they are first asked for. Not thread-safe.
 */
public final class Prompt {

    private static final int PER_MESSAGE = 4;
    private static final int IMAGE_TOKENS = 1_500;
    private static final Set<String> THINKING = Set.of("thinking", "redacted_thinking");
    private static final Set<String> NOT_READ = Set.of("cache_control", "signature", "data");
    private static final byte[] START = {};

    private final JsonNode request;
    private final List<Segment> segments = new ArrayList<>();
    private final int tokens;
    private byte @Nullable [][] chain;

    /**
     * A tool, or a block of the system prompt or of a message.
     *
     * @param path where it stands in the request
     * @param role {@code tools}, {@code system} of the request, or the role of the message
     * @param message index of the message, or -1
     * @param json the tool or block
     * @param tokens estimate of what it adds to the input
     */
    public record Segment(String path, String role, int message, JsonNode json, int tokens) {

        public boolean thinking() {
            return THINKING.contains(json.path("type").asString(""));
        }

        public JsonNode cacheControl() {
            return json.path("cache_control");
        }
    }

    public Prompt(JsonNode request) {
        this.request = request;
        int at = 0;
        for (JsonNode tool : request.path("tools")) {
            if (!tool.path("defer_loading").asBoolean(false)) {
                add("tools." + at, "tools", -1, tool, 0);
            }
            at++;
        }
        blocks("system", "system", request.path("system"), -1);
        JsonNode messages = request.path("messages");
        for (int i = 0; i < messages.size(); i++) {
            String role = messages.get(i).path("role").asString("");
            blocks("messages." + i + ".content", role, messages.get(i).path("content"), i);
        }
        tokens = segments.stream().mapToInt(Segment::tokens).sum();
    }

    private void blocks(String path, String role, JsonNode content, int message) {
        int overhead = message < 0 ? 0 : PER_MESSAGE + Tokens.ofText(role);
        if (content.isString()) {
            JsonNode text =
                    JsonNodeFactory.instance.objectNode().put("type", "text").set("text", content);
            add(path, role, message, text, overhead);
        }
        for (int i = 0; content.isArray() && i < content.size(); i++) {
            add(path + "." + i, role, message, content.get(i), i == 0 ? overhead : 0);
        }
    }

    private void add(String path, String role, int message, JsonNode json, int overhead) {
        segments.add(new Segment(path, role, message, json, overhead + tokens(json)));
    }

    /** The whole request. */
    public JsonNode request() {
        return request;
    }

    public List<Segment> segments() {
        return segments;
    }

    /** Estimate of the whole input. */
    public int tokens() {
        return tokens;
    }

    /** What precedes the segment, thinking left out, as a digest; with the number of segments, all of it. */
    public byte[] before(int index) {
        byte[][] links = chain;
        if (links == null) {
            links = new byte[segments.size() + 1][];
            links[0] = START;
            for (int i = 0; i < segments.size(); i++) {
                Segment segment = segments.get(i);
                links[i + 1] = segment.thinking() ? links[i] : link(links[i], segment.role(), segment.json());
            }
            chain = links;
        }
        return links[index];
    }

    /** The digest that a block makes of the one before it. */
    static byte[] link(byte[] before, String role, JsonNode block) {
        StringBuilder text = new StringBuilder(role).append(' ');
        canonical(text, block, false);
        return digest(before, text.toString());
    }

    static byte[] digest(byte[] before, String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(before);
            return digest.digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Leaves out what the model does not read, and the order of members except in the input of a tool. */
    private static void canonical(StringBuilder out, JsonNode node, boolean ordered) {
        if (node.isArray()) {
            out.append('[');
            node.forEach(element -> {
                canonical(out, element, ordered);
                out.append(',');
            });
            out.append(']');
        } else if (node.isObject()) {
            out.append('{');
            Iterable<String> names = ordered ? node.propertyNames() : new TreeSet<>(node.propertyNames());
            for (String name : names) {
                JsonNode value = node.path(name);
                if (ordered || read(name, value)) {
                    Json.quote(out, name).append(':');
                    canonical(out, value, ordered || "input".equals(name));
                    out.append(',');
                }
            }
            out.append('}');
        } else {
            out.append(node);
        }
    }

    private static boolean read(String name, JsonNode value) {
        boolean nothing = value.isNull() || "citations".equals(name) && value.isEmpty();
        return !nothing && !"cache_control".equals(name);
    }

    private static int tokens(JsonNode node) {
        String type = node.path("type").asString("");
        if ("image".equals(type) || "document".equals(type) && !"text".equals(sourceType(node))) {
            return IMAGE_TOKENS;
        }
        if (node.isString()) {
            return Tokens.ofText(node.stringValue());
        }
        int sum = 0;
        if (node.isObject()) {
            for (var member : node.properties()) {
                boolean counted = !"type".equals(member.getKey()) && !NOT_READ.contains(member.getKey());
                sum += counted || "text".equals(type) && "data".equals(member.getKey()) ? tokens(member.getValue()) : 0;
            }
            return sum;
        }
        for (JsonNode child : node) {
            sum += tokens(child);
        }
        return sum;
    }

    private static String sourceType(JsonNode node) {
        return node.path("source").path("type").asString("");
    }
}
