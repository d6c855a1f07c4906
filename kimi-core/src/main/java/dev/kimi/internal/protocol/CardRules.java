package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds requests that the service is known to reject with 400, before they cost a round trip and a place in the quota.
 * A model is held to the facts of its card and to nothing else: models change monthly, and a stale rule would be worse
 * than none. A field given as an extra is the caller's own affair.
 */
public final class CardRules {

    private final ChatRequest request;
    private final EncodeTarget target;
    private final ModelCard card;
    private final Map<String, Object> extra;
    /** Names of the fields on the wire are those of the Messages protocol. */
    private final boolean messages;

    private CardRules(ChatRequest request, EncodeTarget target) {
        String protocol = target.here().protocol();
        this.request = request;
        this.target = target;
        this.card = target.card();
        this.extra = target.fields(request.extra(), request.extra(protocol));
        this.messages = protocol.equals(Provenance.ANTHROPIC);
    }

    /** @throws InvalidRequestException naming the field and what to write instead */
    public static void check(ChatRequest request, EncodeTarget target) {
        new CardRules(request, target).check();
    }

    private void check() {
        if (extra.containsKey("stream")) {
            throw rejection("stream", "Whether to stream is not the request's to say.", "Call chat(…) or stream(…).");
        }
        tools();
        boolean thinking = thinks();
        sampling();
        thinkingSwitch();
        effort();
        forcedTool(thinking);
        outputCap();
        stop();
        content();
        new ConversationRules(request, target).check(thinking);
    }

    private boolean thinks() {
        Boolean asked = request.thinking();
        return unset("thinking") && (asked == null ? !"when-enabled".equals(card.text(Fact.THINKING)) : asked);
    }

    private boolean disablesThinking() {
        return Boolean.FALSE.equals(request.thinking()) && unset("thinking");
    }

    private boolean unset(String field) {
        return !extra.containsKey(field);
    }

    private void sampling() {
        boolean withoutThinking = !unset("thinking") || Boolean.FALSE.equals(request.thinking());
        oneOf(
                "temperature",
                "temperature",
                request.temperature(),
                withoutThinking ? Fact.TEMPERATURES_WITHOUT_THINKING : Fact.TEMPERATURES);
        oneOf("top_p", "topP", request.topP(), Fact.TOP_PS);
    }

    private void oneOf(String field, String name, @Nullable Double value, Fact fact) {
        if (value != null
                && card.facts().get(fact) instanceof List<?> taken
                && !taken.contains(value)
                && unset(field)) {
            String problem = taken.isEmpty()
                    ? "The model does not take " + field + "."
                    : "The model takes only its own " + field + ".";
            throw rejection(field, problem, "Leave " + name + " unset.");
        }
    }

    private void thinkingSwitch() {
        List<String> types = card.texts(Fact.THINKING_TYPES);
        if (types == null || request.thinking() == null || !unset("thinking")) {
            return;
        }
        if (!disablesThinking()) {
            budget(types);
            return;
        }
        if (types.contains("disabled")) {
            return;
        }
        String fix = types.contains("between_tools")
                ? "Leave thinking unset, or give the extra field thinking with the type between_tools."
                : "Leave thinking unset.";
        throw rejection("thinking", "Thinking of this model cannot be disabled.", fix);
    }

    private void budget(List<String> types) {
        if (messages && !types.contains("adaptive") && "when-enabled".equals(card.text(Fact.THINKING))) {
            throw rejection(
                    "thinking",
                    "The model thinks only within a budget of tokens, and the request names none.",
                    "Give the extra field thinking with the type enabled and its budget_tokens.");
        }
    }

    private void effort() {
        String effort = request.reasoningEffort();
        String field = messages ? "output_config" : "reasoning_effort";
        if (effort == null || !unset(field)) {
            return;
        }
        List<String> taken = card.efforts();
        if (taken != null && !taken.contains(effort)) {
            throw rejection(
                    field,
                    "The model does not take the effort " + effort + ".",
                    taken.isEmpty()
                            ? "Leave reasoningEffort unset."
                            : "Write one of " + String.join(", ", taken) + ".");
        }
        List<String> without = card.texts(Fact.EFFORTS_WITHOUT_THINKING);
        if (without != null && !without.contains(effort) && disablesThinking()) {
            throw rejection(
                    field,
                    "The model does not take the effort " + effort + " while thinking is disabled.",
                    "Write one of " + String.join(", ", without) + ", or leave thinking unset.");
        }
    }

    private void forcedTool(boolean thinking) {
        Tool.Choice choice = request.toolChoice();
        String when = card.text(Fact.FORCED_TOOL_CHOICE);
        boolean forced = choice != null && (choice.isNamed() || choice.value().equals("required"));
        if (!forced || when == null || !unset("tool_choice")) {
            return;
        }
        if (when.equals("never")) {
            throw rejection("tool_choice", "No tool of this model can be forced.", "Leave toolChoice at auto.");
        }
        if (when.equals("without-thinking") && thinking) {
            throw rejection(
                    "tool_choice",
                    "A tool cannot be forced while the model thinks.",
                    "Leave toolChoice at auto, or switch thinking off.");
        }
    }

    private void outputCap() {
        String field = messages ? "max_tokens" : "max_completion_tokens";
        long most = card.maxOutputTokens();
        if (most > 0 && request.maxCompletionTokens() > most && unset(field)) {
            throw rejection(
                    field,
                    "The cap of " + request.maxCompletionTokens() + " tokens is above what the model can write.",
                    "Set maxCompletionTokens to at most " + most + ".");
        }
    }

    private void stop() {
        if (request.stop().isEmpty()) {
            return;
        }
        long most = card.count(Fact.STOPS_MAX);
        long bytes = card.count(Fact.STOP_BYTES_MAX);
        boolean tooLong = bytes > 0
                && request.stop().stream().anyMatch(text -> text.getBytes(StandardCharsets.UTF_8).length > bytes);
        boolean tooMany = most > 0 && request.stop().size() > most;
        if ((tooLong || tooMany) && unset(messages ? "stop_sequences" : "stop")) {
            throw rejection(
                    messages ? "stop_sequences" : "stop",
                    "There are more or longer stop texts than the service takes.",
                    "Give at most " + most + " of at most " + bytes + " bytes.");
        }
    }

    private void tools() {
        Set<String> names = new HashSet<>();
        for (Tool tool : request.tools()) {
            if (!names.add(tool.name())) {
                throw rejection("tools", "Two tools have the same name.", "Give each tool its own name.");
            }
        }
        long most = card.count(Fact.TOOLS_MAX);
        if (most > 0 && names.size() > most) {
            throw rejection("tools", "There are " + names.size() + " tools.", "Offer at most " + most + ".");
        }
    }

    private void content() {
        List<String> sources = card.texts(Fact.IMAGE_SOURCES);
        List<String> rejected = messages ? card.texts(Fact.CONTENT_REJECTED) : null;
        if (sources == null && rejected == null) {
            return;
        }
        for (Message message : request.messages()) {
            for (Message.Block block : message.blocks()) {
                if (block.content() instanceof ContentPart.ToolResult result) {
                    result.content().forEach(part -> content(part, sources, rejected));
                } else {
                    // what another service made is not sent
                    boolean foreign = block.origin() != null && !target.isMaker(block);
                    content(block.content(), sources, foreign ? null : rejected);
                }
            }
        }
    }

    private static void content(ContentPart part, @Nullable List<String> sources, @Nullable List<String> rejected) {
        if (sources != null && part instanceof ContentPart.Image image && !isFrom(image.url(), sources)) {
            throw rejection(
                    "messages",
                    sources.contains("https")
                            ? "The service does not take images from such an address."
                            : "The service does not fetch images by address.",
                    "Give images as bytes, or by URLs that begin with " + String.join(": or ", sources) + ":.");
        }
        if (rejected != null
                && part instanceof ContentPart.Opaque opaque
                && opaque.protocol().equals(Provenance.ANTHROPIC)
                && rejected.contains(opaque.type())) {
            throw rejection(
                    "messages", "The model takes no content of type " + opaque.type() + ".", "Give it as text.");
        }
    }

    private static boolean isFrom(String url, List<String> schemes) {
        int colon = url.indexOf(':');
        for (String scheme : schemes) {
            if (colon == scheme.length() && url.startsWith(scheme)) {
                return true;
            }
        }
        return false;
    }

    static InvalidRequestException rejection(String param, String problem, String fix) {
        return new InvalidRequestException(problem + " " + fix, KimiException.Details.NONE, param, fix);
    }
}
