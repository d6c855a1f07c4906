package dev.kimi.test.internal;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a model says, in the pieces it says it in.
 *
 * @param reasoning pieces of the reasoning, empty if the model does not think
 * @param text pieces of the text
 * @param calls tool calls
 * @param finishReason why the model stopped
 * @param counts what is billed
 */
public record ModelOutput(
        List<String> reasoning, List<String> text, List<Call> calls, String finishReason, Counts counts) {

    private static final String STOP = "stop";

    /** A tool call; the arguments are JSON text, not checked. */
    public record Call(String id, String name, String arguments) {}

    /** Tokens; {@code prompt} includes {@code cached}, {@code completion} includes {@code reasoning}. */
    public record Counts(int prompt, int completion, int reasoning, int cached) {}

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
        List<String> text = text(query, prompt, Math.min(left, textTokens));
        boolean cut = thought >= cap || textTokens > left;
        Counts counts = new Counts(query.promptTokens(), reasoning.size() + text.size(), reasoning.size(), 0);
        return new ModelOutput(reasoning, text, List.of(), cut ? "length" : STOP, counts);
    }

    private static ModelOutput call(ChatQuery query, List<String> reasoning, String prompt) {
        var function = Objects.requireNonNull(query.forcedFunction());
        String name = function.path("name").asString("");
        String word = String.join("", Prose.text(prompt, 1));
        String arguments = Json.write(SchemaRules.example(function.path("parameters"), word));
        Call call = new Call(callId(query, name, 0), name, arguments);
        int completion = reasoning.size() + Tokens.ofText(arguments);
        Counts counts = new Counts(query.promptTokens(), completion, reasoning.size(), 0);
        return new ModelOutput(reasoning, List.of(), List.of(call), "tool_calls", counts);
    }

    /** The id the service gives to the call at the index: the two styles in use differ by model. */
    public static String callId(ChatQuery query, String name, int index) {
        if (query.format() == WireFormat.CLAUDE_MESSAGES) {
            return String.format("toolu_%020d", query.earlierToolCalls() + index);
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
        List<String> words = Prose.text(prompt, tokens);
        return query.stops().isEmpty() ? words : stopAt(words, query.stops());
    }

    private static List<String> stopAt(List<String> words, List<String> stops) {
        String whole = String.join("", words);
        int end = whole.length();
        for (String stop : stops) {
            int at = stop.isEmpty() ? -1 : whole.indexOf(stop);
            end = at >= 0 ? Math.min(end, at) : end;
        }
        return end == whole.length() ? words : Tokens.split(whole.substring(0, end));
    }
}
