package dev.kimi.samples.springaichat;

import dev.kimi.springai.KimiChatModel;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.model.ChatResponse;

/** Prints each round of a tool loop: it comes after the advisor that runs the tools, which calls it again each time. */
final class Rounds implements CallAdvisor {

    private int round;

    @Override
    public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
        List<Message> sent = request.prompt().getInstructions();
        if (sent.get(sent.size() - 1) instanceof ToolResponseMessage results) {
            results.getResponses()
                    .forEach(result -> System.out.println("  " + result.name() + " gave " + result.responseData()));
        }
        System.out.println("round " + ++round + ", " + reasoning(sent) + " blocks of reasoning sent back");
        ChatClientResponse response = chain.nextCall(request);
        ChatResponse received = Objects.requireNonNull(response.chatResponse());
        Objects.requireNonNull(received.getResult())
                .getOutput()
                .getToolCalls()
                .forEach(call -> System.out.println("  calls " + call.name() + " " + call.arguments()));
        return response;
    }

    /** What the model thought goes back to it with the turns, byte for byte: it wants to see it between tools. */
    private static long reasoning(List<Message> sent) {
        return sent.stream()
                .filter(AssistantMessage.class::isInstance)
                .map(turn -> turn.getMetadata().get(KimiChatModel.BLOCKS))
                .filter(List.class::isInstance)
                .flatMap(blocks -> ((List<?>) blocks).stream())
                .filter(block -> block instanceof Map<?, ?> fields && "reasoning".equals(fields.get("type")))
                .count();
    }

    @Override
    public String getName() {
        return "rounds";
    }

    @Override
    public int getOrder() {
        return 0;
    }
}
