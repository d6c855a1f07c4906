package dev.kimi.test;

import dev.kimi.test.internal.Answer;
import dev.kimi.test.internal.Prose;
import dev.kimi.test.internal.Tokens;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the model whose words the test chose.
 *
 * @param reasoning null when the test does not say: then a model that thinks does so before it calls a tool, since it
 *     must be given that reasoning back with the results
 */
record ScriptedAnswer(
        @Nullable String reasoning,
        String text,
        List<Call> calls,
        @Nullable String finish,
        Answer.@Nullable Counts counts)
        implements Content {

    static final ScriptedAnswer EMPTY = new ScriptedAnswer(null, "", List.of(), null, null);

    record Call(String name, String arguments) {}

    ScriptedAnswer plusReasoning(String more) {
        return new ScriptedAnswer(reasoning == null ? more : reasoning + more, text, calls, finish, counts);
    }

    ScriptedAnswer plusText(String more) {
        return new ScriptedAnswer(reasoning, text + more, calls, finish, counts);
    }

    ScriptedAnswer plusCall(String name, String arguments) {
        List<Call> all = new ArrayList<>(calls);
        all.add(new Call(name, arguments));
        return new ScriptedAnswer(reasoning, text, List.copyOf(all), finish, counts);
    }

    ScriptedAnswer withFinish(String reason) {
        return new ScriptedAnswer(reasoning, text, calls, reason, counts);
    }

    ScriptedAnswer withUsage(int prompt, int completion, int cached) {
        Answer.Counts fixed = new Answer.Counts(prompt, completion, 0, cached);
        return new ScriptedAnswer(reasoning, text, calls, finish, fixed);
    }

    @Override
    public Rendering render(Asked asked) {
        List<String> thought = thought(asked);
        List<String> words = Tokens.split(text);
        List<Answer.Call> numbered = new ArrayList<>();
        int completion = thought.size() + words.size();
        for (Call call : calls) {
            String id = Answer.callId(asked.query(), call.name(), numbered.size());
            numbered.add(new Answer.Call(id, call.name(), call.arguments()));
            completion += Tokens.ofText(call.arguments());
        }
        String reason = finish != null ? finish : calls.isEmpty() ? "stop" : "tool_calls";
        int prompt = counts != null ? counts.prompt() : asked.query().promptTokens();
        completion = counts != null ? counts.completion() : completion;
        int cached = counts != null ? counts.cached() : 0;
        Answer.Counts billed = new Answer.Counts(prompt, completion, Math.min(thought.size(), completion), cached);
        return Contents.render(new Answer(thought, words, numbered, reason, billed), asked);
    }

    private List<String> thought(Asked asked) {
        if (reasoning != null) {
            return Tokens.split(reasoning);
        }
        boolean thinks = asked.query().thinking() && !calls.isEmpty();
        int tokens = Math.max(1, asked.latency().reasoningTokens());
        return thinks ? Prose.reasoning(asked.query().prompt(), tokens) : List.of();
    }
}
