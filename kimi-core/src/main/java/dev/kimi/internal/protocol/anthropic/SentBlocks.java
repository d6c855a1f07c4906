package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.Omissions;
import dev.kimi.service.ModelCard.Fact;
import java.util.ArrayList;
import java.util.List;

/** Which blocks of an assistant's turn go to a service. */
final class SentBlocks {

    private static final Block NO_REASONING = Block.of(new ContentPart.Reasoning("", null));

    private final EncodeTarget target;
    private final Omissions omissions;
    private final boolean withoutThinking;

    /** @param withoutThinking whether no thinking is sent, since the service has rejected it */
    SentBlocks(EncodeTarget target, Omissions omissions, boolean withoutThinking) {
        this.target = target;
        this.omissions = omissions;
        this.withoutThinking = withoutThinking;
    }

    Omissions omissions() {
        return omissions;
    }

    /** What of an assistant's turn goes to this service; what does not is noted. */
    List<Block> of(Message message) {
        List<Block> blocks = message.blocks();
        List<Block> sent = new ArrayList<>(blocks.size());
        int handOver = handOver(blocks);
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            if (i < handOver && isHandedOver(block)) {
                omissions.handedOver(typeOf(block));
            } else if (isSent(block)) {
                sent.add(block);
            }
        }
        if (owesReasoning(message, sent)) {
            sent.add(0, NO_REASONING);
        }
        return sent;
    }

    /** Kimi rejects a turn with tool calls that has no reasoning, and that of another service it could not read. */
    private boolean owesReasoning(Message message, List<Block> sent) {
        return target.card().flag(Fact.REASONING_OWED)
                && target.isForeign(message)
                && sent.stream().anyMatch(block -> block.content() instanceof ToolCall)
                && sent.stream().noneMatch(block -> block.content() instanceof ContentPart.Reasoning);
    }

    /** Where another model of the service took over for the last time in the turn, or -1. */
    private int handOver(List<Block> blocks) {
        for (int i = blocks.size() - 1; i >= 0; i--) {
            if (typeOf(blocks.get(i)).equals("fallback") && target.isMaker(blocks.get(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Thinking and calls of before a hand-over are rejected; text, and what the service's own tools did, stay. */
    private static boolean isHandedOver(Block block) {
        return switch (typeOf(block)) {
            case "thinking", "redacted_thinking", "tool_use" -> true;
            default -> false;
        };
    }

    /** The kind of a block, as the protocol calls it; empty where it does not matter. */
    static String typeOf(Block block) {
        ContentPart content = block.content();
        if (content instanceof ContentPart.Opaque opaque) {
            return opaque.protocol().equals(Provenance.ANTHROPIC) ? opaque.type() : "";
        }
        return content instanceof ContentPart.Reasoning ? "thinking" : content instanceof ToolCall ? "tool_use" : "";
    }

    /**
     * Whether a block of an assistant's turn is sent; where it is not, and says something, that is noted. Which model
     * of the service signed thinking does not matter: the service itself passes over what a model cannot read, and what
     * was signed later may be bound to it.
     */
    private boolean isSent(Block block) {
        ContentPart content = block.content();
        Provenance origin = block.origin();
        if (origin != null && !target.isMaker(block)) {
            return isSent(content, origin);
        }
        if (content instanceof ContentPart.Reasoning reasoning && reasoning.signature() == null && isSigned()) {
            omissions.unsignedReasoning();
            return false;
        }
        if (withoutThinking && isThinking(block)) {
            omissions.mismatchedReasoning();
            return false;
        }
        return isSaid(content);
    }

    static boolean isThinking(Block block) {
        return typeOf(block).endsWith("thinking");
    }

    private boolean isSigned() {
        return target.card().flag(Fact.REASONING_SIGNED);
    }

    /** Whether content that another service made is sent. */
    private boolean isSent(ContentPart content, Provenance maker) {
        if (content instanceof ContentPart.Reasoning) {
            omissions.reasoning(maker);
            return false;
        }
        if (content instanceof ContentPart.Opaque opaque) {
            omissions.content(opaque.type(), maker);
            return false;
        }
        return isSaid(content);
    }

    /** Whether the part can stand in content as it is. */
    static boolean isSaid(ContentPart part) {
        return !(part instanceof ContentPart.Text text && text.text().isEmpty());
    }
}
