package dev.kimi.gateway.messages;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.ResponseWriter;
import dev.kimi.gateway.messages.StreamedBlock.Kind;

/**
 * Writes a response of another protocol as the Messages protocol has it. Content of kinds that the protocol has no
 * place for is left out.
 */
final class MessagesWriter implements ResponseWriter {

    private static final byte[] NOTHING = {};
    private static final int EVENT = 256;
    private static final int CHARACTERS_PER_TOKEN = 3;

    private final InboundChat chat;
    private final String messageId;
    private final CallIds ids;
    private final BlockStream blocks;
    private long characters;

    MessagesWriter(InboundChat chat, String requestId) {
        this.chat = chat;
        this.messageId = "msg_" + (requestId.startsWith("req_") ? requestId.substring("req_".length()) : requestId);
        this.ids = new CallIds(requestId);
        this.blocks = new BlockStream(ids);
    }

    @Override
    public byte[] start() {
        SseBytes out =
                new SseBytes(2 * EVENT).raw("event: message_start\ndata: {\"type\":\"message_start\",\"message\":");
        head(out).raw("[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":");
        UsageJson.write(out, chat.inputTokens());
        return out.raw("}}\n\n").toByteArray();
    }

    @Override
    public byte[] event(ChatEvent event) {
        if (event instanceof ChatEvent.Text text) {
            return text(Kind.TEXT, text.value());
        }
        if (event instanceof ChatEvent.Reasoning reasoning) {
            return text(Kind.THINKING, reasoning.value());
        }
        if (event instanceof ChatEvent.ToolFragment call) {
            SseBytes out = new SseBytes(EVENT + call.arguments().length());
            characters += call.arguments().length();
            blocks.call(out, call.index(), call.id(), call.name(), call.arguments());
            return out.toByteArray();
        }
        // counts and the reason to stop come with the whole response
        return NOTHING;
    }

    private byte[] text(Kind kind, String text) {
        SseBytes out = new SseBytes(EVENT + text.length());
        characters += text.length();
        blocks.append(out, kind, text);
        return out.toByteArray();
    }

    @Override
    public byte[] end(ChatResponse response) {
        SseBytes out = new SseBytes(4 * EVENT);
        blocks.end(out, !response.cutToolCalls().isEmpty());
        out.raw("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":")
                .string(stopReason(response))
                .raw(",\"stop_sequence\":null},\"usage\":");
        UsageJson.write(out, response.usage(), chat.inputTokens(), characters / CHARACTERS_PER_TOKEN);
        return out.raw("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
                .toByteArray();
    }

    @Override
    public byte[] whole(ChatResponse response) {
        SseBytes out = new SseBytes(4 * EVENT);
        head(out).raw("[");
        boolean first = true;
        int calls = 0;
        for (Message.Block block : response.message().blocks()) {
            SseBytes one = block(block.content(), calls);
            calls += block.content() instanceof ToolCall ? 1 : 0;
            if (!one.isEmpty()) {
                out.raw(first ? "" : ",").raw(one.toByteArray());
                first = false;
            }
        }
        out.raw("],\"stop_reason\":").string(stopReason(response)).raw(",\"stop_sequence\":null,\"usage\":");
        int said = response.text().length() + response.reasoning().length();
        UsageJson.write(out, response.usage(), chat.inputTokens(), said / CHARACTERS_PER_TOKEN);
        return out.raw("}").toByteArray();
    }

    private SseBytes head(SseBytes out) {
        return out.raw("{\"id\":")
                .string(messageId)
                .raw(",\"type\":\"message\",\"role\":\"assistant\",\"model\":")
                .string(chat.model())
                .raw(",\"content\":");
    }

    private SseBytes block(ContentPart content, int call) {
        SseBytes out = new SseBytes(EVENT);
        if (content instanceof ContentPart.Text text && !text.text().isEmpty()) {
            out.raw("{\"type\":\"text\",\"text\":").string(text.text()).raw("}");
        } else if (content instanceof ContentPart.Reasoning reasoning
                && !reasoning.text().isEmpty()) {
            out.raw("{\"type\":\"thinking\",\"thinking\":")
                    .string(reasoning.text())
                    .raw(",\"signature\":")
                    .string(GatewaySignature.of(reasoning.text()))
                    .raw("}");
        } else if (content instanceof ToolCall tool) {
            out.raw("{\"type\":\"tool_use\",\"id\":")
                    .string(ids.outward(tool.id(), call))
                    .raw(",\"name\":")
                    .string(tool.name())
                    .raw(",\"input\":")
                    .raw(tool.arguments().isBlank() ? "{}" : tool.arguments())
                    .raw("}");
        }
        return out;
    }

    private static String stopReason(ChatResponse response) {
        FinishReason reason = response.finishReason();
        if (reason.equals(FinishReason.LENGTH)) {
            return "max_tokens";
        }
        if (reason.equals(FinishReason.CONTENT_FILTER)) {
            return "refusal";
        }
        // some services call tools and say stop
        return reason.equals(FinishReason.TOOL_CALLS) || !response.toolCalls().isEmpty() ? "tool_use" : "end_turn";
    }
}
