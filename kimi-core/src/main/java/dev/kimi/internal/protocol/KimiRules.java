package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds requests that Kimi is known to answer with 400, before they cost a round trip and a place in the quota. Only
 * the models it was measured with are held to it: models change monthly, and a stale rule would be worse than none. A
 * field given as an extra is the caller's own affair.
 */
final class KimiRules {

    private static final Set<String> MODELS =
            Set.of("kimi-k3", "kimi-k2.7-code", "kimi-k2.7-code-highspeed", "kimi-k2.6");
    private static final int MOST_STOPS = 5;
    private static final int LONGEST_STOP = 32;
    private static final int MOST_TOOLS = 128;

    private KimiRules() {}

    /**
     * @throws InvalidRequestException naming the field and what to write instead
     */
    static void check(ChatRequest request, String model) {
        if (request.extra().containsKey("stream")) {
            throw refusal("stream", "Whether to stream is not the request's to say.", "Call chat(…) or stream(…).");
        }
        tools(request);
        if (!MODELS.contains(model)) {
            return;
        }
        boolean thinking = thinks(request);
        sampling(request, thinking);
        if (model.startsWith("kimi-k2.7") && Boolean.FALSE.equals(request.thinking())) {
            throw refusal("thinking", "This model cannot be told not to think.", "Leave thinking unset.");
        }
        Tool.Choice choice = request.toolChoice();
        boolean forced = choice != null && (choice.isNamed() || choice.value().equals("required"));
        if (forced && thinking && unset(request, "tool_choice")) {
            throw refusal(
                    "tool_choice",
                    "A tool cannot be forced while the model thinks.",
                    "Leave toolChoice at auto, or switch thinking off.");
        }
        stop(request);
        conversation(request, thinking);
    }

    private static boolean thinks(ChatRequest request) {
        return !Boolean.FALSE.equals(request.thinking()) && unset(request, "thinking");
    }

    private static boolean unset(ChatRequest request, String field) {
        return !request.extra().containsKey(field);
    }

    private static void sampling(ChatRequest request, boolean thinking) {
        Double temperature = request.temperature();
        // Without thinking one model wants .6 instead, so only what is wrong everywhere is refused.
        boolean pinned = temperature == null || temperature == 1 || !thinking && temperature == 0.6;
        if (!pinned && unset(request, "temperature")) {
            throw refusal("temperature", "The model takes only its own temperature.", "Leave temperature unset.");
        }
        Double topP = request.topP();
        if (topP != null && topP != 0.95 && unset(request, "top_p")) {
            throw refusal("top_p", "The model takes only its own top_p.", "Leave topP unset.");
        }
    }

    private static void stop(ChatRequest request) {
        boolean tooLong =
                request.stop().stream().anyMatch(text -> text.getBytes(StandardCharsets.UTF_8).length > LONGEST_STOP);
        if ((tooLong || request.stop().size() > MOST_STOPS) && unset(request, "stop")) {
            throw refusal(
                    "stop",
                    "There are more or longer stop texts than the service takes.",
                    "Give at most " + MOST_STOPS + " of at most " + LONGEST_STOP + " bytes.");
        }
    }

    private static void tools(ChatRequest request) {
        Set<String> names = new HashSet<>();
        for (Tool tool : request.tools()) {
            if (!names.add(tool.name())) {
                throw refusal("tools", "Two tools have the same name.", "Give each tool its own name.");
            }
        }
        if (names.size() > MOST_TOOLS) {
            throw refusal("tools", "There are " + names.size() + " tools.", "Offer at most " + MOST_TOOLS + ".");
        }
    }

    private static void conversation(ChatRequest request, boolean thinking) {
        Set<String> called = new HashSet<>();
        for (Message message : request.messages()) {
            for (ToolCall call : message.toolCalls()) {
                called.add(call.id());
            }
            boolean reasonless = message.reasoning() == null
                    && !message.extra().containsKey("reasoning_content")
                    && !message.toolCalls().isEmpty();
            if (reasonless && thinking) {
                throw refusal(
                        "messages",
                        "A turn with tool calls lacks the reasoning that came with it.",
                        "Keep turns as they came, as ChatRequest.after(response) does, or switch thinking off.");
            }
            String result = message.toolCallId();
            if (result != null && !called.contains(result)) {
                throw refusal(
                        "messages",
                        "A tool result belongs to no call of an earlier turn.",
                        "Send the assistant's turn with the call before its result.");
            }
            images(message);
        }
    }

    private static void images(Message message) {
        for (ContentPart part : message.parts()) {
            if (part instanceof ContentPart.Image image
                    && !image.url().startsWith("data:")
                    && !image.url().startsWith("ms://")) {
                throw refusal(
                        "messages",
                        "The service does not fetch images by address.",
                        "Give images as bytes, as data: URLs or as ms:// file ids.");
            }
        }
    }

    private static InvalidRequestException refusal(String param, String problem, String fix) {
        return new InvalidRequestException(problem + " " + fix, KimiException.Details.NONE, param, fix);
    }
}
