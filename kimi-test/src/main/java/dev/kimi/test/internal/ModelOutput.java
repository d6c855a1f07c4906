package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model says, in the pieces it says it in.
 *
 * @param parts what it says in its order; chat completions have a place for each kind instead
 * @param finishReason why the model stopped
 * @param counts what is billed
 * @param notes what only the Messages API can say
 */
public record ModelOutput(List<Part> parts, String finishReason, Counts counts, Notes notes) {

    private static final String STOP = "stop";

    /** One thing that a model says. */
    public sealed interface Part {}

    /** Reasoning, in pieces. */
    public record Thought(List<String> pieces) implements Part {}

    /** Text, in pieces. */
    public record Words(List<String> pieces) implements Part {}

    /** A tool call; the arguments are JSON text, not checked. */
    public record Call(String id, String name, String arguments) implements Part {}

    /** A block of the Messages API that chat completions do not have. */
    public record Block(ObjectNode json) implements Part {

        /** Reads one. @throws IllegalArgumentException if the text is no JSON object with a type */
        public static Block of(String json) {
            if (Json.parse(json.getBytes(StandardCharsets.UTF_8)) instanceof ObjectNode object
                    && object.path("type").isString()) {
                return new Block(object);
            }
            throw new IllegalArgumentException("a block must be a JSON object with a type");
        }
    }

    /** Tokens; {@code prompt} includes the cache's, {@code completion} includes {@code reasoning}. */
    public record Counts(int prompt, int completion, int reasoning, ClaudeCall.CacheUse cache) {

        public int cached() {
            return cache.read();
        }
    }

    /**
     * What only the Messages API can say.
     *
     * @param stopSequence the sequence at which the model stopped, or null
     * @param stopDetails JSON text of the details of {@code refusal}, or null
     * @param servedBy the model that responded in place of the requested one, or null
     * @param lastDeltas in how many events the end of a stream comes
     */
    public record Notes(
            @Nullable String stopSequence,
            @Nullable String stopDetails,
            @Nullable String servedBy,
            int lastDeltas) {

        public static final Notes NONE = new Notes(null, null, null, 1);
    }

    /** The pieces of all reasoning. */
    public List<String> reasoning() {
        return pieces(true);
    }

    /** The pieces of all text. */
    public List<String> text() {
        return pieces(false);
    }

    /** The tool calls. */
    public List<Call> calls() {
        return parts.stream()
                .filter(Call.class::isInstance)
                .map(Call.class::cast)
                .toList();
    }

    /** A single part is not copied: it may be far longer than the memory allows. */
    private List<String> pieces(boolean thoughts) {
        List<String> all = List.of();
        for (Part part : parts) {
            List<String> more = List.of();
            if (thoughts && part instanceof Thought thought) {
                more = thought.pieces();
            } else if (!thoughts && part instanceof Words words) {
                more = words.pieces();
            }
            if (all.isEmpty()) {
                all = more;
            } else if (!more.isEmpty()) {
                all = new ArrayList<>(all);
                all.addAll(more);
            }
        }
        return all;
    }

    /** Generated output: reasoning first if it thinks, so long as the cap allows, then text or a forced call. */
    public static ModelOutput generate(ChatQuery query, int reasoningTokens, int textTokens) {
        int cap = query.maxTokens();
        String prompt = query.prompt();
        int thought = query.thinking() ? reasoningTokens : 0;
        List<String> reasoning = Prose.reasoning(prompt, Math.min(cap, thought));
        int left = Math.max(0, cap - thought);
        if (query.forcedFunction() != null && left > 0) {
            return call(query, reasoning, prompt);
        }
        List<String> whole = text(query, prompt, Math.min(left, textTokens));
        String stop = firstStop(String.join("", whole), query.stops());
        List<String> text = stop == null ? whole : stopAt(whole, stop);
        boolean cut = thought >= cap || textTokens > left;
        Counts counts = counts(query, reasoning.size() + text.size(), reasoning.size());
        String reason = stop == null && cut ? "length" : STOP;
        return new ModelOutput(parts(reasoning, text), reason, counts, new Notes(stop, null, null, 1));
    }

    /** What is billed for output of so many tokens. */
    public static Counts counts(ChatQuery query, int completion, int reasoning) {
        return new Counts(query.promptTokens(), completion, reasoning, query.cache());
    }

    private static List<Part> parts(List<String> reasoning, List<String> text) {
        List<Part> parts = new ArrayList<>();
        if (!reasoning.isEmpty()) {
            parts.add(new Thought(reasoning));
        }
        if (!text.isEmpty()) {
            parts.add(new Words(text));
        }
        return parts;
    }

    private static ModelOutput call(ChatQuery query, List<String> reasoning, String prompt) {
        var function = Objects.requireNonNull(query.forcedFunction());
        String name = function.path("name").asString("");
        String word = String.join("", Prose.text(prompt, 1));
        String arguments = Json.write(SchemaRules.example(function.path("parameters"), word));
        List<Part> parts = parts(reasoning, List.of());
        parts.add(new Call(callId(query, name, 0), name, arguments));
        Counts counts = counts(query, reasoning.size() + Tokens.ofText(arguments), reasoning.size());
        return new ModelOutput(parts, "tool_calls", counts, Notes.NONE);
    }

    /** The id the service gives to the call at the index: the two styles in use differ by model. */
    public static String callId(ChatQuery query, String name, int index) {
        if (query.format() == WireFormat.CLAUDE_MESSAGES) {
            return String.format("toolu_01%022d", query.earlierToolCalls() + index);
        }
        return query.model().efforts()
                ? name + "_" + index
                : "functions." + name + ":" + (query.earlierToolCalls() + index);
    }

    private static List<String> text(ChatQuery query, String prompt, int tokens) {
        String format = Json.text(query.body().path("response_format"), "type");
        if (format != null && !"text".equals(format)) {
            String words = String.join("", Prose.text(prompt, tokens));
            var schema =
                    query.body().path("response_format").path("json_schema").path("schema");
            Object value = schema.isMissingNode() ? Map.of("answer", words) : SchemaRules.example(schema, words);
            return Tokens.split(Json.write(value));
        }
        return Prose.text(prompt, tokens);
    }

    /** The sequence that comes first in the text, or null. */
    private static @Nullable String firstStop(String whole, List<String> stops) {
        String first = null;
        for (String stop : stops) {
            int at = stop.isEmpty() ? -1 : whole.indexOf(stop);
            first = at >= 0 && (first == null || at < whole.indexOf(first)) ? stop : first;
        }
        return first;
    }

    private static List<String> stopAt(List<String> words, String stop) {
        String whole = String.join("", words);
        return Tokens.split(whole.substring(0, whole.indexOf(stop)));
    }
}
