package dev.kimi.internal.protocol;

import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.util.ErrorTextRedactor;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What services say when they refuse a request (4xx), which field it means, and what to write instead. */
final class BadRequestHints {

    private static final String UNSET = "Leave it unset: the model takes only its own value.";
    private static final String REPLAY =
            "Keep the assistant's turns as they came: ChatRequest.after(response) carries reasoning and calls over.";
    private static final String SMALLER = "Send a smaller request.";
    private static final String SHORTER =
            "Shorten the conversation or lower maxCompletionTokens: both together must fit the model's window.";
    private static final Set<String> OF_LENGTH = Set.of(SMALLER, SHORTER);

    private record Rule(Pattern words, @Nullable String param, String fix) {
        Rule(String words, @Nullable String param, String fix) {
            this(Pattern.compile(words), param, fix);
        }
    }

    private static final List<Rule> RULES = List.of(
            new Rule("invalid temperature", "temperature", UNSET),
            new Rule("invalid top_p", "top_p", UNSET),
            new Rule("invalid n:", "n", UNSET),
            new Rule("invalid presence_penalty", "presence_penalty", UNSET),
            new Rule("invalid frequency_penalty", "frequency_penalty", UNSET),
            new Rule("stop array too long", "stop", "Give at most 5 stop texts of at most 32 bytes."),
            new Rule("invalid thinking", "thinking", "Leave thinking unset for this model."),
            new Rule(
                    "tool_choice .{0,40}incompatible with thinking",
                    "tool_choice",
                    "Leave toolChoice at auto, or switch thinking off."),
            new Rule("reasoning_content is missing", "messages", REPLAY),
            new Rule("reasoning.effort", "reasoning_effort", "Use an effort that the model knows."),
            new Rule("logprobs", "logprobs", "Set logprobs when top_logprobs is set."),
            new Rule(
                    "model token limit|prompt is too long|max length exceeded|token length too long"
                            + "|context length|context window|input is too long",
                    "messages",
                    SHORTER),
            new Rule("must not be empty|content is empty", "messages", "Leave out messages without content."),
            new Rule("tool_call_id|followed by tool messages", "messages", REPLAY),
            new Rule("unsupported image url", "messages", "Give images as data: URLs or as ms:// file ids."),
            new Rule("total message size|exceeds the maximum size", "messages", SMALLER),
            new Rule("unknown tool type", "tools", "Make tools with Tool.function(…) or Tool.builtin(…)."),
            new Rule("is duplicated", "tools", "Give each tool its own name."),
            new Rule("a max of \\d+ tools", "tools", "Offer fewer tools."),
            new Rule(
                    "moonshot flavored json schema|key in parameter type",
                    "tools",
                    "Give each property a type, keep $ref local and $defs at the root."),
            new Rule("max_tokens: field required", "max_tokens", "Set maxCompletionTokens."),
            new Rule(
                    "max_(completion_)?tokens", "max_completion_tokens", "Set maxCompletionTokens within the window."));

    private static final String MODEL =
            "Check the model's name: the list of models has those on offer; older ones are retired.";
    private static final String ADDRESS = "Check the base URL: it must end before /v1.";

    private BadRequestHints() {}

    static KimiException explain(int status, String said, ErrorBody body, KimiException.Details details) {
        String words = body.words();
        if (status < 400) {
            return refusal(said, details, null, "Set the base URL to the address that it redirects to.");
        } else if (status == 404) {
            boolean model = words.contains("model") || words.contains("permission denied");
            return refusal(said, details, model ? "model" : null, model ? MODEL : ADDRESS);
        } else if (status == 413) {
            return refusal(said, details, null, SMALLER);
        }
        for (Rule rule : RULES) {
            if (rule.words().matcher(words).find()) {
                return refusal(said, details, rule.param(), rule.fix());
            }
        }
        String param = ErrorTextRedactor.of(body.param);
        return refusal(said, details, param, null);
    }

    private static KimiException refusal(
            String said, KimiException.Details details, @Nullable String param, @Nullable String fix) {
        boolean tooLong = fix != null && OF_LENGTH.contains(fix);
        return new InvalidRequestException(
                said + (fix == null ? " Change the request." : " " + fix), details, param, fix, tooLong);
    }
}
