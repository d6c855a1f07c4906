package dev.kimi.test;

import dev.kimi.test.internal.ModelOutput;
import dev.kimi.test.internal.Prose;
import dev.kimi.test.internal.Tokens;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Output of the model whose text the test chose.
 *
 * @param reasoning null when the test does not say: then a model that thinks does so before it calls a tool, since it
 *     must be given that reasoning back with the results
 */
record ScriptedOutput(
        @Nullable String reasoning,
        String text,
        List<Call> calls,
        @Nullable String finish,
        ModelOutput.@Nullable Counts counts)
        implements Content {

    static final ScriptedOutput EMPTY = new ScriptedOutput(null, "", List.of(), null, null);

    record Call(String name, String arguments) {}

    ScriptedOutput plusReasoning(String more) {
        return new ScriptedOutput(reasoning == null ? more : reasoning + more, text, calls, finish, counts);
    }

    ScriptedOutput plusText(String more) {
        return new ScriptedOutput(reasoning, text + more, calls, finish, counts);
    }

    ScriptedOutput plusCall(String name, String arguments) {
        List<Call> all = new ArrayList<>(calls);
        all.add(new Call(name, arguments));
        return new ScriptedOutput(reasoning, text, List.copyOf(all), finish, counts);
    }

    ScriptedOutput withFinish(String reason) {
        return new ScriptedOutput(reasoning, text, calls, reason, counts);
    }

    ScriptedOutput withUsage(int prompt, int completion, int cached) {
        ModelOutput.Counts fixed = new ModelOutput.Counts(prompt, completion, 0, cached);
        return new ScriptedOutput(reasoning, text, calls, finish, fixed);
    }

    @Override
    public Rendering render(RenderContext context) {
        List<String> thought = thought(context);
        List<String> words = Tokens.split(text);
        List<ModelOutput.Call> numbered = new ArrayList<>();
        int completion = thought.size() + words.size();
        for (Call call : calls) {
            String id = ModelOutput.callId(context.query(), call.name(), numbered.size());
            numbered.add(new ModelOutput.Call(id, call.name(), call.arguments()));
            completion += Tokens.ofText(call.arguments());
        }
        String reason = finish != null ? finish : calls.isEmpty() ? "stop" : "tool_calls";
        int prompt = counts != null ? counts.prompt() : context.query().promptTokens();
        completion = counts != null ? counts.completion() : completion;
        int cached = counts != null ? counts.cached() : 0;
        ModelOutput.Counts billed =
                new ModelOutput.Counts(prompt, completion, Math.min(thought.size(), completion), cached);
        return Contents.render(new ModelOutput(thought, words, numbered, reason, billed), context);
    }

    private List<String> thought(RenderContext context) {
        if (reasoning != null) {
            return Tokens.split(reasoning);
        }
        boolean thinks = context.query().thinking() && !calls.isEmpty();
        int tokens = Math.max(1, context.latency().reasoningTokens());
        return thinks ? Prose.reasoning(context.query().prompt(), tokens) : List.of();
    }
}
