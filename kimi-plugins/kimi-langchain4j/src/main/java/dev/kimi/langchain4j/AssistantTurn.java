package dev.kimi.langchain4j;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An assistant's turn on its way through LangChain4j: the message there has its text, thinking and tool calls, and an
 * attribute with what else has to come back as it was. Where somebody changed text or calls in between, the change
 * counts, and reasoning and unknown blocks are kept all the same.
 */
final class AssistantTurn {

    private static final String ATTRIBUTE = "kimi";

    private AssistantTurn() {}

    /** @param calls of the message, those that may be run */
    static AiMessage of(Message message, List<ToolCall> calls) {
        String reasoning = message.reasoning();
        String text = message.text();
        boolean silent = text.isEmpty() && !calls.isEmpty();
        AiMessage.Builder builder = AiMessage.builder()
                .text(silent ? null : text)
                .thinking(reasoning == null || reasoning.isEmpty() ? null : reasoning)
                .toolExecutionRequests(
                        calls.stream().map(AssistantTurn::request).toList());
        if (!isOneText(message)) {
            builder.attributes(Map.of(ATTRIBUTE, KeptBlocks.write(message.blocks())));
        }
        return builder.build();
    }

    private static boolean isOneText(Message message) {
        if (message.blocks().size() != 1) {
            return message.blocks().isEmpty();
        }
        Message.Block only = message.blocks().get(0);
        return only.content() instanceof ContentPart.Text && only.raw() == null;
    }

    private static ToolExecutionRequest request(ToolCall call) {
        return ToolExecutionRequest.builder()
                .id(call.id())
                .name(call.name())
                .arguments(call.arguments())
                .build();
    }

    static Message of(AiMessage message) {
        String text = message.text() == null ? "" : message.text();
        List<ToolCall> calls = message.toolExecutionRequests().stream()
                .map(AssistantTurn::call)
                .toList();
        if (!(message.attributes().get(ATTRIBUTE) instanceof Map<?, ?> kept)) {
            return Message.assistant(text, message.thinking(), calls);
        }
        String thinking = message.thinking() == null ? "" : message.thinking();
        List<Message.Block> blocks = KeptBlocks.read(kept, text, thinking, calls);
        Message turn = Message.of(Message.Role.ASSISTANT, blocks);
        return turn.text().equals(text) && turn.toolCalls().equals(calls) ? turn : changed(blocks, text, calls);
    }

    private static ToolCall call(ToolExecutionRequest request) {
        String arguments = request.arguments();
        return new ToolCall(
                request.id() == null ? "" : request.id(),
                request.name(),
                arguments == null || arguments.isBlank() ? "{}" : arguments);
    }

    private static Message changed(List<Message.Block> blocks, String text, List<ToolCall> calls) {
        List<Message.Block> turn = new ArrayList<>();
        for (Message.Block block : blocks) {
            if (!(block.content() instanceof ContentPart.Text) && !(block.content() instanceof ToolCall)) {
                turn.add(block);
            }
        }
        if (!text.isEmpty() || calls.isEmpty()) {
            turn.add(Message.Block.of(ContentPart.text(text)));
        }
        calls.forEach(call -> turn.add(Message.Block.of(call)));
        return Message.of(Message.Role.ASSISTANT, turn);
    }
}
