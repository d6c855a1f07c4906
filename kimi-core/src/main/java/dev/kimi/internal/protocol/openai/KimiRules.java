package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.EncodeTarget;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds requests that Kimi is known to reject with 400, before they cost a round trip and a place in the quota. Only
 * the models it was measured with are held to it: models change monthly, and a stale rule would be worse than none. A
 * field given as an extra is the caller's own affair.
 */
final class KimiRules {

    private static final ModelFacts FACTS = ModelFacts.KIMI;

    private final ChatRequest request;
    private final EncodeTarget target;
    private final Map<String, Object> extra;

    private KimiRules(ChatRequest request, EncodeTarget target) {
        this.request = request;
        this.target = target;
        this.extra = target.fields(request.extra(), request.extra(Provenance.OPENAI));
    }

    /** @throws InvalidRequestException naming the field and what to write instead */
    static void check(ChatRequest request, EncodeTarget target) {
        new KimiRules(request, target).check();
    }

    private void check() {
        String model = target.model();
        if (extra.containsKey("stream")) {
            throw rejection("stream", "Whether to stream is not the request's to say.", "Call chat(…) or stream(…).");
        }
        tools();
        if (!FACTS.isChecked(model)) {
            return;
        }
        boolean thinking = thinks();
        sampling(thinking);
        if (FACTS.family(model).thinking() == ModelFacts.Thinking.ALWAYS && Boolean.FALSE.equals(request.thinking())) {
            throw rejection("thinking", "Thinking of this model cannot be disabled.", "Leave thinking unset.");
        }
        Tool.Choice choice = request.toolChoice();
        boolean forced = choice != null && (choice.isNamed() || choice.value().equals("required"));
        if (forced && thinking && unset("tool_choice")) {
            throw rejection(
                    "tool_choice",
                    "A tool cannot be forced while the model thinks.",
                    "Leave toolChoice at auto, or switch thinking off.");
        }
        stop();
        conversation(thinking);
    }

    private boolean thinks() {
        return !Boolean.FALSE.equals(request.thinking()) && unset("thinking");
    }

    private boolean unset(String field) {
        return !extra.containsKey(field);
    }

    private void sampling(boolean thinking) {
        Double temperature = request.temperature();
        // Without thinking one model wants another instead, so only what is wrong everywhere is rejected.
        boolean pinned = temperature == null
                || temperature == FACTS.temperature
                || !thinking && temperature == FACTS.temperatureWithoutThinking;
        if (!pinned && unset("temperature")) {
            throw rejection("temperature", "The model takes only its own temperature.", "Leave temperature unset.");
        }
        Double topP = request.topP();
        if (topP != null && topP != FACTS.topP && unset("top_p")) {
            throw rejection("top_p", "The model takes only its own top_p.", "Leave topP unset.");
        }
    }

    private void stop() {
        boolean tooLong = request.stop().stream()
                .anyMatch(text -> text.getBytes(StandardCharsets.UTF_8).length > FACTS.maxStopBytes);
        if ((tooLong || request.stop().size() > FACTS.maxStops) && unset("stop")) {
            throw rejection(
                    "stop",
                    "There are more or longer stop texts than the service takes.",
                    "Give at most " + FACTS.maxStops + " of at most " + FACTS.maxStopBytes + " bytes.");
        }
    }

    private void tools() {
        Set<String> names = new HashSet<>();
        for (Tool tool : request.tools()) {
            if (!names.add(tool.name())) {
                throw rejection("tools", "Two tools have the same name.", "Give each tool its own name.");
            }
        }
        if (names.size() > FACTS.maxTools) {
            throw rejection("tools", "There are " + names.size() + " tools.", "Offer at most " + FACTS.maxTools + ".");
        }
    }

    private void conversation(boolean thinking) {
        Set<String> called = new HashSet<>();
        for (Message message : request.messages()) {
            for (ToolCall call : message.toolCalls()) {
                called.add(call.id());
            }
            if (thinking && lacksReasoning(message)) {
                throw rejection(
                        "messages",
                        "A turn with tool calls lacks the reasoning that came with it.",
                        "Keep turns as they came, as ChatRequest.after(response) does, or switch thinking off.");
            }
            for (Message.Block block : message.blocks()) {
                if (block.content() instanceof ContentPart.ToolResult result) {
                    if (!called.contains(result.callId())) {
                        throw rejection(
                                "messages",
                                "A tool result belongs to no call of an earlier turn.",
                                "Send the assistant's turn with the call before its result.");
                    }
                    result.content().forEach(KimiRules::image);
                } else {
                    image(block.content());
                }
            }
        }
    }

    /** Of a turn of another service the reasoning is not sent, and the service gets an empty one. */
    private boolean lacksReasoning(Message message) {
        Map<String, Object> more = target.fields(message.extra(), message.extra(Provenance.OPENAI));
        return message.reasoning() == null
                && !more.containsKey("reasoning_content")
                && !message.toolCalls().isEmpty()
                && !target.isForeign(message);
    }

    private static void image(ContentPart part) {
        if (part instanceof ContentPart.Image image
                && !image.url().startsWith("data:")
                && !image.url().startsWith("ms://")) {
            throw rejection(
                    "messages",
                    "The service does not fetch images by address.",
                    "Give images as bytes, as data: URLs or as ms:// file ids.");
        }
    }

    private static InvalidRequestException rejection(String param, String problem, String fix) {
        return new InvalidRequestException(problem + " " + fix, KimiException.Details.NONE, param, fix);
    }
}
