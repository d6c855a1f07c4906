package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Usage;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.RateLimitHeaders;
import dev.kimi.internal.protocol.RequestIds;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.internal.protocol.ValueLimit;
import dev.kimi.transport.Headers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A message while its blocks arrive, from one body or from the events of a stream. */
final class MessageAssembly {

    private static final int MAX_BLOCKS = 4_096;
    private static final int MAX_EXTRAS = 64;

    private final List<BlockDraft> blocks = new ArrayList<>(2);
    private final Map<Integer, BlockDraft> byIndex = new HashMap<>(4);
    private @Nullable BlockDraft latest;
    private final ValueLimit kept = new ValueLimit();
    private final Map<String, @Nullable Object> extra = new LinkedHashMap<>(4);
    private int toolCalls;

    String id = "";
    String model = "";
    FinishReason finish = FinishReason.UNKNOWN;
    final MessagesUsage counts = new MessagesUsage(this::keep);

    boolean hasContent() {
        return !blocks.isEmpty();
    }

    /**
     * Begins a block, and hands out what it begins with.
     *
     * @param index the service's number of the block
     */
    BlockDraft begin(int index, BlockStart start, Consumer<? super ChatEvent> out) {
        BlockDraft block = new BlockDraft(index, start, kept);
        if (blocks.size() == MAX_BLOCKS) {
            throw new UnreadableResponse("it has more than " + MAX_BLOCKS + " blocks");
        }
        blocks.add(block);
        latest = block;
        byIndex.put(block.index, block);
        switch (block.kind) {
            case TEXT -> text(block.text().toString(), out);
            case THINKING -> reasoning(block.text().toString(), out);
            case TOOL_USE -> {
                block.call = toolCalls++;
                out.accept(new ChatEvent.ToolFragment(block.call, block.id(), block.name(), ""));
            }
            case OTHER -> {
                // handed out when it is whole
                String successor = block.handsOverTo();
                model = successor == null ? model : successor;
            }
        }
        return block;
    }

    /** Ends a block, and hands out what was kept back of it. */
    void end(BlockDraft block, Consumer<? super ChatEvent> out) {
        String rest = block.end();
        switch (block.kind) {
            case TEXT -> text(rest, out);
            case THINKING -> reasoning(rest, out);
            case TOOL_USE -> fragment(block, rest, out);
            case OTHER -> {
                if (!block.handed) {
                    block.handed = true;
                    out.accept(new ChatEvent.Other(block.type, block.toJson()));
                }
            }
        }
    }

    void endAll(Consumer<? super ChatEvent> out) {
        blocks.forEach(block -> end(block, out));
    }

    void text(String piece, Consumer<? super ChatEvent> out) {
        if (!piece.isEmpty()) {
            out.accept(new ChatEvent.Text(piece));
        }
    }

    void reasoning(String piece, Consumer<? super ChatEvent> out) {
        if (!piece.isEmpty()) {
            out.accept(new ChatEvent.Reasoning(piece));
        }
    }

    /** More of a tool call's arguments. */
    void input(BlockDraft block, String piece, Consumer<? super ChatEvent> out) {
        if (block.kind == BlockStart.Kind.TOOL_USE && block.handed) {
            throw new UnreadableResponse("the input of a tool comes whole, and then in pieces");
        }
        String whole = block.appendInput(piece);
        if (block.kind == BlockStart.Kind.TOOL_USE) {
            fragment(block, whole, out);
        }
    }

    private static void fragment(BlockDraft block, String piece, Consumer<? super ChatEvent> out) {
        if (!piece.isEmpty()) {
            out.accept(new ChatEvent.ToolFragment(block.call, block.id(), block.name(), piece));
        }
    }

    /**
     * The block that an event is for: the one of that number that began last, or the latest where the service counts
     * none, as some proxies do; null if there is none.
     *
     * @param index negative for none
     */
    @Nullable BlockDraft find(int index) {
        BlockDraft known = latest;
        if (known == null || index < 0 || known.index == index) {
            return known;
        }
        return byIndex.get(index);
    }

    /** Counts what is kept of the response as it came. */
    void keep(@Nullable Object value) {
        kept.add(value);
    }

    /** Keeps a member that has no place of its own; null says nothing. */
    void extra(String name, @Nullable Object value) {
        if (value != null && (extra.size() < MAX_EXTRAS || extra.containsKey(name))) {
            kept.add(value);
            boolean joins = name.equals(InputTransformations.FIELD);
            extra.put(name, joins ? InputTransformations.joined(extra.get(name), value) : value);
        }
    }

    /** Takes the service's reason to stop; where ours says less, the service's own is kept beside it. */
    void stopped(String reason) {
        finish = switch (reason) {
            case "end_turn", "stop_sequence" -> FinishReason.STOP;
            case "max_tokens", "model_context_window_exceeded" -> FinishReason.LENGTH;
            case "tool_use" -> FinishReason.TOOL_CALLS;
            case "refusal" -> FinishReason.CONTENT_FILTER;
            default -> FinishReason.of(reason);
        };
        switch (reason) {
            case "stop_sequence", "model_context_window_exceeded", "refusal" -> extra("stop_reason", reason);
            default -> extra.remove("stop_reason");
        }
    }

    /** The whole response; of tool calls whose arguments are no JSON, what there is, as calls that were cut. */
    ChatResponse response(Headers headers) {
        List<Message.Block> whole = new ArrayList<>(blocks.size());
        List<ChatResponse.CutToolCall> cut = new ArrayList<>(0);
        int handOver = handOver();
        for (int i = 0; i < blocks.size(); i++) {
            BlockDraft block = blocks.get(i);
            if (block.kind == BlockStart.Kind.TOOL_USE && i < handOver) {
                whole.add(block.toOpaque());
            } else if (isCutBeforeArguments(block, i)) {
                cut.add(new ChatResponse.CutToolCall(block.id(), block.name(), ""));
            } else if (block.kind != BlockStart.Kind.TOOL_USE || block.isWholeCall()) {
                whole.add(block.toBlock());
            } else {
                cut.add(new ChatResponse.CutToolCall(block.id(), block.name(), block.arguments()));
            }
        }
        Usage usage = counts.usage();
        ChatResponse.Builder response = ChatResponse.builder(Message.of(Message.Role.ASSISTANT, whole))
                .id(id)
                .model(model)
                .finishReason(finish)
                .usage(usage == null ? Usage.NONE : usage)
                .requestId(RequestIds.find(headers, null))
                .rateLimits(RateLimitHeaders.of(headers))
                .notes(InputTransformations.notes(extra.get(InputTransformations.FIELD)));
        cut.forEach(response::cutToolCall);
        extra.forEach(response::extra);
        return response.build();
    }

    /** Where the model was stopped right after a tool's name, its arguments may be missing. */
    private boolean isCutBeforeArguments(BlockDraft block, int place) {
        return block.kind == BlockStart.Kind.TOOL_USE
                && finish.equals(FinishReason.LENGTH)
                && place == blocks.size() - 1
                && block.isWithoutArguments();
    }

    /**
     * Where another model took over for the last time, or -1. Nobody waits for the results of tools that were called
     * before.
     */
    private int handOver() {
        for (int i = blocks.size() - 1; i >= 0; i--) {
            if (blocks.get(i).type.equals("fallback")) {
                return i;
            }
        }
        return -1;
    }

    /** What has arrived. */
    TruncatedStreamException.Partial partial() {
        StringBuilder text = new StringBuilder();
        StringBuilder reasoning = new StringBuilder(0);
        List<TruncatedStreamException.ToolFragment> calls = new ArrayList<>(0);
        for (BlockDraft block : blocks) {
            switch (block.kind) {
                case TEXT -> text.append(block.text());
                case THINKING -> reasoning.append(block.text());
                case TOOL_USE ->
                    calls.add(new TruncatedStreamException.ToolFragment(block.id(), block.name(), block.arguments()));
                case OTHER -> {
                    // has no text
                }
            }
        }
        Usage usage = counts.usage();
        return new TruncatedStreamException.Partial(
                text.toString(),
                reasoning.toString(),
                calls,
                usage == null ? -1 : usage.promptTokens(),
                usage == null ? -1 : usage.completionTokens());
    }
}
