package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.RateLimitHeaders;
import dev.kimi.internal.protocol.RequestIds;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.internal.protocol.ValueLimit;
import dev.kimi.transport.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A response while it is being put together, from one body or from the chunks of a stream. */
final class ResponseAssembly {

    private static final int MAX_EXTRAS = 64;
    private static final int MAX_OPAQUE = 1_024;

    final StringBuilder text = new StringBuilder();
    final StringBuilder reasoning = new StringBuilder(0);
    final ToolCallCollector tools = new ToolCallCollector();
    final List<ContentPart.Opaque> opaque = new ArrayList<>(0);
    private final ValueLimit kept = new ValueLimit();
    final ReasoningDetails details = new ReasoningDetails(kept);
    private final Map<String, @Nullable Object> extra = new LinkedHashMap<>(4);

    String id = "";
    String model = "";
    FinishReason finish = FinishReason.UNKNOWN;

    @Nullable Usage usage;

    /** Whether reasoning came as {@code reasoning_content}, even an empty one. */
    boolean standardReasoning;

    /** Whether reasoning came as {@code reasoning} or {@code reasoning_details}. */
    boolean routedReasoning;

    boolean hasContent() {
        return text.length() > 0 || reasoning.length() > 0 || !tools.isEmpty() || !opaque.isEmpty();
    }

    boolean takesExtra(String name) {
        return extra.size() < MAX_EXTRAS && !extra.containsKey(name);
    }

    /** Keeps a member that has no place of its own. */
    void extra(String name, Object value) {
        kept.add(value);
        extra.put(name, value);
    }

    /**
     * The whole response.
     *
     * @param headers with which it came
     * @throws UnreadableResponse if a tool call is broken though the model was not stopped in the middle
     */
    ChatResponse response(Headers headers) {
        ToolCallCollector.Settled calls = tools.settle(mayBeCut());
        Message message = Message.of(Message.Role.ASSISTANT, blocks(calls.whole()));
        ChatResponse.Builder response = ChatResponse.builder(message)
                .id(id)
                .model(model)
                .finishReason(finish)
                .usage(usage == null ? Usage.NONE : usage)
                .requestId(RequestIds.find(headers, null))
                .rateLimits(RateLimitHeaders.of(headers));
        calls.cut().forEach(response::cutToolCall);
        extra.forEach(response::extra);
        return response.build();
    }

    private List<Message.Block> blocks(List<ToolCall> calls) {
        List<Message.Block> blocks = new ArrayList<>(2 + calls.size());
        if (standardReasoning || routedReasoning || !details.entries().isEmpty()) {
            ContentPart thought = new ContentPart.Reasoning(reasoning.toString(), details.signature());
            blocks.add(new Message.Block(thought, null, reasoningMembers()));
        }
        if (text.length() > 0) {
            blocks.add(Message.Block.of(new ContentPart.Text(text.toString())));
        }
        opaque.forEach(part -> blocks.add(Message.Block.of(part)));
        calls.forEach(call -> blocks.add(Message.Block.of(call)));
        return blocks;
    }

    /** What came under another name than {@code reasoning_content} goes back under that name. */
    private @Nullable String reasoningMembers() {
        boolean routed = !standardReasoning && routedReasoning && reasoning.length() > 0;
        if (!routed && details.entries().isEmpty()) {
            return null;
        }
        JsonWriter out = new JsonWriter().beginObject();
        if (routed) {
            out.field("reasoning", reasoning.toString());
        } else if (standardReasoning || routedReasoning) {
            out.field("reasoning_content", reasoning.toString());
        }
        if (!details.entries().isEmpty()) {
            out.name("reasoning_details").any(details.entries());
        }
        return new String(out.endObject().toByteArray(), StandardCharsets.UTF_8);
    }

    /** Keeps content of a kind that has no place of its own, and hands it out. */
    void opaque(ContentPart.Opaque part, Consumer<? super ChatEvent> out) {
        if (opaque.size() == MAX_OPAQUE) {
            throw new UnreadableResponse("it holds more than " + MAX_OPAQUE + " parts of kinds that are not known");
        }
        opaque.add(part);
        out.accept(new ChatEvent.Other(part.type(), part.json()));
    }

    /** Only what is known to stop a model in the middle excuses half a call; any other reason may be a new "done". */
    private boolean mayBeCut() {
        return switch (finish.value()) {
            case "length", "content_filter", "max_tokens", "max_output_tokens", "model_length" -> true;
            default -> false;
        };
    }

    /** What has arrived. */
    TruncatedStreamException.Partial partial() {
        return new TruncatedStreamException.Partial(
                text.toString(),
                reasoning.toString(),
                tools.partial(),
                usage == null ? -1 : usage.promptTokens(),
                usage == null ? -1 : usage.completionTokens());
    }
}
