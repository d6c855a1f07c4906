package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.JsonBytes.ascii;
import static dev.kimi.gateway.completions.JsonBytes.join;
import static dev.kimi.gateway.completions.JsonBytes.quoted;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.gateway.dialect.ResponseWriter;
import java.util.ArrayList;
import java.util.List;

/** Writes the response of a service of another protocol as a chat completion, or as chunks of one. */
final class CompletionWriter implements ResponseWriter {

    private static final byte[] NOTHING = new byte[0];
    private static final byte[] DELTA = ascii("{\"index\":0,\"delta\":");
    private static final byte[] TEXT = ascii("{\"content\":");
    private static final byte[] REASONING = ascii("{\"reasoning_content\":");
    private static final byte[] CLOSE = ascii("}");
    private static final byte[] UNFINISHED = ascii(",\"finish_reason\":null}]}\n\n");
    private static final byte[] DONE = ascii("data: [DONE]\n\n");

    private final String model;
    private final String id;
    private final long created;
    private final boolean withUsage;
    /** What every chunk begins with. */
    private final byte[] head;

    private final List<ToolCallProgress> calls = new ArrayList<>(0);

    /**
     * @param model as the client names it
     * @param created in seconds since 1970
     * @param withUsage whether the client wants a chunk with the usage
     */
    CompletionWriter(String model, String requestId, long created, boolean withUsage) {
        this.model = model;
        this.id = "chatcmpl-" + requestId;
        this.created = created;
        this.withUsage = withUsage;
        this.head = join(
                ascii("data: {\"id\":"),
                quoted(id),
                ascii(",\"object\":\"chat.completion.chunk\",\"created\":" + created + ",\"model\":"),
                quoted(model),
                ascii(",\"choices\":["));
    }

    @Override
    public byte[] start() {
        return chunk(ascii("{\"role\":\"assistant\",\"content\":\"\"}"));
    }

    @Override
    public byte[] event(ChatEvent event) {
        if (event instanceof ChatEvent.Text text) {
            return chunk(TEXT, quoted(text.value()), CLOSE);
        }
        if (event instanceof ChatEvent.Reasoning reasoning) {
            return chunk(REASONING, quoted(reasoning.value()), CLOSE);
        }
        if (event instanceof ChatEvent.ToolFragment fragment) {
            return fragment(fragment);
        }
        // reasons and counts are written at the end, and the rest has no place in this protocol
        return NOTHING;
    }

    private byte[] fragment(ChatEvent.ToolFragment fragment) {
        while (calls.size() <= fragment.index()) {
            calls.add(new ToolCallProgress(calls.size()));
        }
        return chunk(calls.get(fragment.index()).piece(fragment.id(), fragment.name(), fragment.arguments()));
    }

    @Override
    public byte[] end(ChatResponse response) {
        List<byte[]> pieces = new ArrayList<>(4);
        for (ToolCallProgress call : calls) {
            if (call.lacksId()) {
                pieces.add(chunk(call.piece(idOf(call.index()), "", "")));
            }
        }
        pieces.add(join(
                head,
                ascii("{\"index\":0,\"delta\":{},\"finish_reason\":\"" + CompletionJson.finish(response)
                        + "\"}]}\n\n")));
        if (withUsage) {
            byte[] usage = CompletionJson.bytes(CompletionJson.usage(response.usage()));
            pieces.add(join(head, ascii("],\"usage\":"), usage, ascii("}\n\n")));
        }
        pieces.add(DONE);
        return join(pieces.toArray(byte[][]::new));
    }

    @Override
    public byte[] whole(ChatResponse response) {
        return CompletionJson.bytes(CompletionJson.completion(id, created, model, response, this::idOf));
    }

    /** For a call to which the service gave none; a client could not send its result back without one. */
    private String idOf(int index) {
        return "call_" + id.substring("chatcmpl-".length()) + "_" + index;
    }

    private byte[] chunk(byte[]... delta) {
        byte[][] all = new byte[delta.length + 3][];
        all[0] = head;
        all[1] = DELTA;
        System.arraycopy(delta, 0, all, 2, delta.length);
        all[all.length - 1] = UNFINISHED;
        return join(all);
    }
}
