package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;

/** How much room a request may need, so that its bytes are not copied again and again while it is written. */
public final class BodySize {

    private static final int FRAME = 512;
    private static final int PER_BLOCK = 128;
    /** Longer ones grow as they are written: an estimate is no reason to take that much at once. */
    private static final int MAX_PART = 1 << 20;

    private BodySize() {}

    /** Bytes for the request, if most of its characters are ASCII. */
    public static int of(ChatRequest request) {
        long size = FRAME;
        for (Message message : request.messages()) {
            for (Message.Block block : message.blocks()) {
                size += PER_BLOCK + (block.raw() == null ? of(block.content()) : part(block.raw()));
            }
        }
        for (Tool tool : request.tools()) {
            size += PER_BLOCK + part(tool.description()) + part(tool.parameters());
        }
        return (int) Math.min(size + size / 8, Integer.MAX_VALUE / 2);
    }

    private static long of(ContentPart content) {
        if (content instanceof ContentPart.Text text) {
            return part(text.text());
        } else if (content instanceof ContentPart.Image image) {
            return part(image.url());
        } else if (content instanceof ContentPart.Reasoning reasoning) {
            String signature = reasoning.signature();
            return part(reasoning.text()) + (signature == null ? 0 : part(signature));
        } else if (content instanceof ToolCall call) {
            return part(call.arguments());
        } else if (content instanceof ContentPart.ToolResult result) {
            long size = 0;
            for (ContentPart part : result.content()) {
                size += PER_BLOCK + of(part);
            }
            return size;
        }
        return content instanceof ContentPart.Opaque opaque ? part(opaque.json()) : 0;
    }

    private static int part(String text) {
        return Math.min(text.length(), MAX_PART);
    }
}
