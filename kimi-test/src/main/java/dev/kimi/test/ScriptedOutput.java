package dev.kimi.test;

import dev.kimi.test.internal.ClaudeCall;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.ModelOutput;
import dev.kimi.test.internal.Prose;
import dev.kimi.test.internal.Tokens;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Output of the model that the test chose.
 *
 * @param parts what the model says, in that order; calls still have no id
 * @param finish the finish reason, or null for the usual one
 * @param usage the counted tokens, or null for the usual ones
 * @param notes what only the Messages API can say
 */
record ScriptedOutput(
        List<Part> parts, @Nullable String finish, @Nullable Usage usage, ModelOutput.Notes notes) implements Content {

    static final ScriptedOutput EMPTY = new ScriptedOutput(List.of(), null, null, ModelOutput.Notes.NONE);

    /** One thing the model says: what it is, and its text. */
    record Part(Kind kind, String text, String name) {}

    enum Kind {
        REASONING,
        TEXT,
        CALL,
        BLOCK
    }

    record Usage(int prompt, int completion, int cached) {}

    ScriptedOutput plusReasoning(String more) {
        return plus(Kind.REASONING, more, "");
    }

    ScriptedOutput plusText(String more) {
        return plus(Kind.TEXT, more, "");
    }

    ScriptedOutput plusCall(String name, String arguments) {
        return plus(Kind.CALL, arguments, name);
    }

    ScriptedOutput plusBlock(String json) {
        return plus(Kind.BLOCK, ModelOutput.Block.of(json).json().toString(), "");
    }

    /** Text after text, and reasoning after reasoning, go on with it. */
    private ScriptedOutput plus(Kind kind, String text, String name) {
        List<Part> all = new ArrayList<>(parts);
        Part last = all.isEmpty() ? null : all.get(all.size() - 1);
        boolean joins = kind == Kind.REASONING || kind == Kind.TEXT;
        if (joins && last != null && last.kind() == kind) {
            all.set(all.size() - 1, new Part(kind, last.text() + text, name));
        } else {
            all.add(new Part(kind, text, name));
        }
        return new ScriptedOutput(List.copyOf(all), finish, usage, notes);
    }

    ScriptedOutput withFinish(String reason) {
        return new ScriptedOutput(parts, reason, usage, notes);
    }

    ScriptedOutput withUsage(int prompt, int completion, int cached) {
        return new ScriptedOutput(parts, finish, new Usage(prompt, completion, cached), notes);
    }

    ScriptedOutput refusing(@Nullable String category, @Nullable String explanation) {
        StringBuilder details = new StringBuilder("{\"type\":\"refusal\",\"category\":");
        quote(details, category).append(",\"explanation\":");
        quote(details, explanation).append('}');
        ModelOutput.Notes changed =
                new ModelOutput.Notes(notes.stopSequence(), details.toString(), notes.servedBy(), notes.lastDeltas());
        return new ScriptedOutput(parts, "content_filter", usage, changed);
    }

    /** The model takes over at this place. */
    ScriptedOutput servedBy(String model) {
        ModelOutput.Notes changed =
                new ModelOutput.Notes(notes.stopSequence(), notes.stopDetails(), model, notes.lastDeltas());
        return new ScriptedOutput(plus(Kind.BLOCK, "", model).parts(), finish, usage, changed);
    }

    ScriptedOutput endingIn(int deltas) {
        ModelOutput.Notes changed =
                new ModelOutput.Notes(notes.stopSequence(), notes.stopDetails(), notes.servedBy(), deltas);
        return new ScriptedOutput(parts, finish, usage, changed);
    }

    @Override
    public Rendering render(RenderContext context) {
        List<ModelOutput.Part> said = new ArrayList<>();
        boolean reasons = parts.stream().anyMatch(part -> part.kind() == Kind.REASONING);
        boolean calls = parts.stream().anyMatch(part -> part.kind() == Kind.CALL);
        int reasoning = 0;
        if (!reasons && calls && context.query().thinking()) {
            int tokens = Math.max(1, context.latency().reasoningTokens());
            said.add(new ModelOutput.Thought(Prose.reasoning(context.query().prompt(), tokens)));
        }
        int numbered = 0;
        for (Part part : parts) {
            switch (part.kind()) {
                case REASONING -> add(said, new ModelOutput.Thought(Tokens.split(part.text())));
                case TEXT -> add(said, new ModelOutput.Words(Tokens.split(part.text())));
                case CALL -> {
                    String id = ModelOutput.callId(context.query(), part.name(), numbered++);
                    said.add(new ModelOutput.Call(id, part.name(), part.text()));
                }
                case BLOCK -> {
                    boolean handOver = !part.name().isEmpty();
                    if (!handOver || context.query().claude() != null) {
                        said.add(ModelOutput.Block.of(block(part, context)));
                    }
                }
            }
        }
        int completion = 0;
        for (ModelOutput.Part part : said) {
            completion += tokens(part);
            reasoning += part instanceof ModelOutput.Thought thought
                    ? thought.pieces().size()
                    : 0;
        }
        String reason = finish != null ? finish : calls ? "tool_calls" : "stop";
        ModelOutput.Counts counts = counts(context, completion, reasoning);
        return Contents.render(new ModelOutput(said, reason, counts, notes), context);
    }

    private ModelOutput.Counts counts(RenderContext context, int completion, int reasoning) {
        if (usage == null) {
            return ModelOutput.counts(context.query(), completion, reasoning);
        }
        int thought = Math.min(reasoning, usage.completion());
        ClaudeCall.CacheUse cache = new ClaudeCall.CacheUse(usage.cached(), 0, 0);
        return new ModelOutput.Counts(usage.prompt(), usage.completion(), thought, cache);
    }

    /** A part without text is none. */
    private static void add(List<ModelOutput.Part> said, ModelOutput.Part part) {
        if (tokens(part) > 0) {
            said.add(part);
        }
    }

    private static int tokens(ModelOutput.Part part) {
        if (part instanceof ModelOutput.Thought thought) {
            return thought.pieces().size();
        }
        if (part instanceof ModelOutput.Words words) {
            return words.pieces().size();
        }
        return part instanceof ModelOutput.Call call ? Tokens.ofText(call.arguments()) : 0;
    }

    private static String block(Part part, RenderContext context) {
        if (part.name().isEmpty()) {
            return part.text();
        }
        StringBuilder out = new StringBuilder("{\"type\":\"fallback\",\"from\":{\"model\":");
        Json.quote(out, context.query().model().id()).append("},\"to\":{\"model\":");
        return Json.quote(out, part.name())
                .append("},\"trigger\":{\"type\":\"refusal\",\"category\":null}}")
                .toString();
    }

    private static StringBuilder quote(StringBuilder out, @Nullable String text) {
        return text == null ? out.append("null") : Json.quote(out, text);
    }
}
