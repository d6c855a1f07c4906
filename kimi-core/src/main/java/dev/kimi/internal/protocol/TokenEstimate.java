package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import java.nio.charset.StandardCharsets;

/**
 * How many tokens a prompt may have, rather too many than too few: what is booked too much comes back with the
 * response's usage, what is booked too little runs into the account's limit. Three bytes of UTF-8 per token: English
 * has four or more, a Chinese character is three bytes and at most one token.
 */
public final class TokenEstimate {

    private static final int BYTES_PER_TOKEN = 3;
    private static final int PER_MESSAGE = 8;
    private static final int PER_TOOL = 16;
    private static final int PER_IMAGE = 1_600;

    private TokenEstimate() {}

    public static long prompt(ChatRequest request) {
        long bytes = 0;
        long tokens = 0;
        for (Message message : request.messages()) {
            tokens += PER_MESSAGE;
            bytes += bytes(message.text());
            String reasoning = message.reasoning();
            bytes += reasoning == null ? 0 : bytes(reasoning);
            for (ToolCall call : message.toolCalls()) {
                tokens += PER_TOOL;
                bytes += bytes(call.name()) + bytes(call.arguments());
            }
            for (Message.Block block : message.blocks()) {
                tokens += images(block.content()) * PER_IMAGE;
                bytes += block.content() instanceof ContentPart.Opaque opaque ? bytes(opaque.json()) : 0;
            }
        }
        for (Tool tool : request.tools()) {
            tokens += PER_TOOL;
            bytes += bytes(tool.name()) + bytes(tool.description()) + bytes(tool.parameters());
        }
        return tokens + (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    }

    private static long images(ContentPart part) {
        if (part instanceof ContentPart.ToolResult result) {
            return result.content().stream().mapToLong(TokenEstimate::images).sum();
        }
        return part instanceof ContentPart.Image ? 1 : 0;
    }

    /** The JDK's encoder is vectorised; a loop over the characters took up to twenty times as long. */
    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
