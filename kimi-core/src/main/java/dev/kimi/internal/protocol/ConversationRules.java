package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds conversations whose turns the model is known to reject in their order; see {@link CardRules}. */
final class ConversationRules {

    private final ChatRequest request;
    private final EncodeTarget target;
    private final ModelCard card;
    private final Map<String, Object> extra;

    ConversationRules(ChatRequest request, EncodeTarget target) {
        this.request = request;
        this.target = target;
        this.card = target.card();
        this.extra = target.fields(request.extra(), request.extra(target.here().protocol()));
    }

    /** @param thinking whether the model thinks */
    void check(boolean thinking) {
        if (card.flag(Fact.HISTORY_CHECKED)) {
            history(thinking);
        }
        if (extra.containsKey("messages")) {
            return;
        }
        if (card.flag(Fact.SYSTEM_TURNS) && target.here().protocol().equals(Provenance.ANTHROPIC)) {
            systemTurns();
        }
        prefill();
    }

    private void history(boolean thinking) {
        boolean owed = thinking && card.flag(Fact.REASONING_OWED);
        Set<String> called = new HashSet<>();
        for (Message message : request.messages()) {
            for (ToolCall call : message.toolCalls()) {
                called.add(call.id());
            }
            if (owed && lacksReasoning(message)) {
                throw CardRules.rejection(
                        "messages",
                        "A turn with tool calls lacks the reasoning that came with it.",
                        "Keep turns as they came, as ChatRequest.after(response) does, or switch thinking off.");
            }
            for (Message.Block block : message.blocks()) {
                if (block.content() instanceof ContentPart.ToolResult result && !called.contains(result.callId())) {
                    throw CardRules.rejection(
                            "messages",
                            "A tool result belongs to no call of an earlier turn.",
                            "Send the assistant's turn with the call before its result.");
                }
            }
        }
    }

    /** Of a turn of another service the reasoning is not sent, and the service gets an empty one. */
    private boolean lacksReasoning(Message message) {
        Map<String, Object> more =
                target.fields(message.extra(), message.extra(target.here().protocol()));
        return message.reasoning() == null
                && !more.containsKey("reasoning_content")
                && !message.toolCalls().isEmpty()
                && !target.isForeign(message);
    }

    /** Those at the beginning are no turns: they become the prompt's own field. */
    private void systemTurns() {
        List<Message> all = request.messages();
        boolean amid = false;
        for (int i = 0; i < all.size(); i++) {
            boolean system = all.get(i).role() == Message.Role.SYSTEM;
            amid |= !system;
            if (amid
                    && system
                    && !(mayPrecede(all.get(i - 1)) && (i + 1 == all.size() || isAssistant(all.get(i + 1))))) {
                throw CardRules.rejection(
                        "messages",
                        "A system message amid the conversation must follow a message of the user or the results of"
                                + " all tools, and must be last or be followed by the assistant.",
                        "Put it behind the user's message that it now precedes, or say it in that message.");
            }
        }
    }

    private static boolean mayPrecede(Message message) {
        if (!isAssistant(message)) {
            return message.role() != Message.Role.SYSTEM;
        }
        List<Message.Block> blocks = message.blocks();
        return !blocks.isEmpty()
                && blocks.get(blocks.size() - 1).content() instanceof ContentPart.Opaque last
                && last.type().endsWith("_tool_result");
    }

    private static boolean isAssistant(Message message) {
        return message.role() == Message.Role.ASSISTANT;
    }

    private void prefill() {
        List<Message> all = request.messages();
        if (card.knows(Fact.PREFILL) && !card.flag(Fact.PREFILL) && isPrefill(all.get(all.size() - 1))) {
            throw CardRules.rejection(
                    "messages",
                    "The conversation ends with a turn of the assistant, which the model does not go on with.",
                    "End it with a message of the user.");
        }
    }

    /** A turn with a tool of the service in it may have been paused there, and is then sent back as it is. */
    private static boolean isPrefill(Message last) {
        return isAssistant(last)
                && last.blocks().stream().noneMatch(block -> block.content() instanceof ContentPart.Opaque);
    }
}
