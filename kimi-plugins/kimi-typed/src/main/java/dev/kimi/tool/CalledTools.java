package dev.kimi.tool;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.ToolCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tools that a response calls, and the turn that calls them. One that was cut or declined calls none: what it had
 * begun is not all that the model wanted, or was withdrawn.
 *
 * @param turn what the service gets back before the results
 * @param calls in their order
 */
record CalledTools(Message turn, List<Called> calls) {

    /**
     * A call.
     *
     * @param call as it is in the turn
     * @param unreadable what came as its arguments if that is no JSON object; else null
     */
    record Called(ToolCall call, @Nullable String unreadable) {}

    static CalledTools of(ChatResponse response) {
        Message turn = response.message();
        if (isStopped(response)) {
            return new CalledTools(turn, List.of());
        }
        List<Called> calls = new ArrayList<>();
        turn.toolCalls().forEach(call -> calls.add(new Called(call, null)));
        List<Block> added = new ArrayList<>(0);
        for (ChatResponse.CutToolCall cut : response.cutToolCalls()) {
            if (!cut.id().isEmpty() && !cut.name().isEmpty()) {
                ToolCall call = new ToolCall(cut.id(), cut.name(), "{}");
                calls.add(new Called(call, cut.arguments()));
                added.add(Block.of(call));
            }
        }
        return new CalledTools(added.isEmpty() ? turn : with(turn, added), calls);
    }

    /** Whether the model could not, or would not, say all that it had to say. */
    private static boolean isStopped(ChatResponse response) {
        FinishReason reason = response.finishReason();
        return reason.equals(FinishReason.LENGTH) || reason.equals(FinishReason.CONTENT_FILTER);
    }

    /** Whether a conversation can go on after the response: calls want results, and what was declined stays so. */
    static boolean canGoOn(ChatResponse response) {
        return response.toolCalls().isEmpty() && !response.finishReason().equals(FinishReason.CONTENT_FILTER);
    }

    /** Results belong to calls, which therefore must be in the turn, whatever their arguments were. */
    private static Message with(Message turn, List<Block> added) {
        List<Block> blocks = new ArrayList<>(turn.blocks());
        blocks.addAll(added);
        return Message.of(turn.role(), blocks);
    }
}
