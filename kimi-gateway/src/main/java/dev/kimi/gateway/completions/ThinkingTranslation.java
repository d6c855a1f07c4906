package dev.kimi.gateway.completions;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Provenance;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether and how hard to think, in what the model takes: {@code reasoning_effort} as OpenAI has it, and
 * {@code thinking} as Kimi has it.
 */
final class ThinkingTranslation {

    private static final List<String> EFFORTS = List.of("minimal", "low", "medium", "high", "xhigh", "max");

    private static final Map<String, Object> SUMMARIZED =
            new TreeMap<>(Map.of("type", "adaptive", "display", "summarized"));

    private final JsonNode body;
    private final ModelCard card;
    private final TranslationNotes notes;

    ThinkingTranslation(JsonNode body, ModelCard card, TranslationNotes notes) {
        this.body = body;
        this.card = card;
        this.notes = notes;
    }

    void apply(ChatRequest.Builder chat) {
        JsonNode effort = body.path("reasoning_effort");
        boolean none = effort.asString("").equals("none");
        boolean disabled = isDisabled();
        boolean canDisable = types().contains("disabled");
        if (disabled && canDisable) {
            chat.thinking(false);
        } else if (disabled) {
            notes.changed(none ? "reasoning_effort" : "thinking");
        } else if (isSwitch("enabled") || !Fields.isAbsent(effort)) {
            enable(chat);
        }
        if (Fields.isAbsent(effort) || none && canDisable) {
            return;
        }
        String taken = none ? rounded(EFFORTS.get(0), card.efforts()) : taken(effort, disabled && canDisable);
        if (taken == null) {
            notes.dropped("reasoning_effort");
            return;
        }
        if (!taken.equals(effort.asString())) {
            notes.changed("reasoning_effort");
        }
        chat.reasoningEffort(taken);
    }

    private boolean isDisabled() {
        return body.path("reasoning_effort").asString("").equals("none") || isSwitch("disabled");
    }

    private boolean isSwitch(String type) {
        return body.path("thinking").path("type").asString("").equals(type);
    }

    /**
     * Whoever says how to think gets to read it, which Claude's current models keep to themselves by default. Thinking
     * within a budget, as old models have it, needs a number that this protocol does not give.
     */
    private void enable(ChatRequest.Builder chat) {
        boolean onDemand = "when-enabled".equals(card.text(Fact.THINKING));
        if (types().contains("adaptive") && (isSwitch("enabled") || !onDemand)) {
            chat.extra(Provenance.ANTHROPIC, "thinking", SUMMARIZED);
        } else if (onDemand && isSwitch("enabled")) {
            notes.dropped("thinking");
        }
    }

    /** Whether the model can be made to call a tool; it is kept from thinking for that where nobody wants it to. */
    boolean allowsForcedTools(ChatRequest.Builder chat) {
        String when = card.text(Fact.FORCED_TOOL_CHOICE);
        boolean silent = Fields.isAbsent(body.path("reasoning_effort")) && Fields.isAbsent(body.path("thinking"));
        boolean disabled = isDisabled() && types().contains("disabled");
        if (when == null || when.equals("always") || disabled && !when.equals("never")) {
            return true;
        }
        if (when.equals("without-thinking") && silent && types().contains("disabled")) {
            chat.thinking(false);
            notes.changed("thinking");
            return true;
        }
        return false;
    }

    private @Nullable String taken(JsonNode effort, boolean withoutThinking) {
        List<String> efforts = withoutThinking ? card.texts(Fact.EFFORTS_WITHOUT_THINKING) : null;
        return rounded(effort.asString(""), efforts == null ? card.efforts() : efforts);
    }

    /** The lowest effort that the model takes and that is no less, else its highest; null if it takes none. */
    private static @Nullable String rounded(String wanted, @Nullable List<String> known) {
        List<String> taken = known == null ? EFFORTS.subList(1, EFFORTS.size()) : known;
        int least = EFFORTS.indexOf(wanted);
        if (least < 0 || taken.contains(wanted)) {
            return taken.contains(wanted) ? wanted : null;
        }
        String highest = null;
        for (int i = 0; i < EFFORTS.size(); i++) {
            if (taken.contains(EFFORTS.get(i))) {
                highest = EFFORTS.get(i);
                if (i >= least) {
                    return highest;
                }
            }
        }
        return highest;
    }

    private List<String> types() {
        List<String> types = card.texts(Fact.THINKING_TYPES);
        return types == null ? List.of() : types;
    }
}
