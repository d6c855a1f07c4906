package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Usage;
import dev.kimi.error.TruncatedStreamException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer while it is being put together, from one body or from the chunks of a stream. */
final class Answer {

    private static final int MOST_EXTRAS = 64;

    final StringBuilder text = new StringBuilder();
    final StringBuilder reasoning = new StringBuilder(0);
    final ToolCallCollector tools = new ToolCallCollector();
    private final KeptValues kept = new KeptValues();
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
        return text.length() > 0 || reasoning.length() > 0 || !tools.isEmpty();
    }

    boolean takesExtra(String name) {
        return extra.size() < MOST_EXTRAS && !extra.containsKey(name);
    }

    /** Keeps a member that has no place of its own. */
    void extra(String name, Object value) {
        kept.add(value);
        extra.put(name, value);
    }

    /**
     * The whole answer.
     *
     * @throws UnreadableAnswer if a tool call is broken though the model was not stopped in the middle
     */
    ChatResponse response(@Nullable String requestId) {
        ToolCallCollector.Settled calls = tools.settle(mayBeCut());
        boolean reasoned = standardReasoning || routedReasoning;
        Message message = Message.assistant(text.toString(), reasoned ? reasoning.toString() : null, calls.whole());
        // What came under another name goes back under that name; see OpenAiRequestWriter.
        if (!standardReasoning && routedReasoning && reasoning.length() > 0) {
            message = message.with("reasoning", reasoning.toString());
        }
        if (!details.entries().isEmpty()) {
            message = message.with("reasoning_details", details.entries());
        }
        ChatResponse.Builder response = ChatResponse.builder(message)
                .id(id)
                .model(model)
                .finishReason(finish)
                .usage(usage == null ? Usage.NONE : usage)
                .requestId(requestId);
        calls.cut().forEach(response::cutToolCall);
        extra.forEach(response::extra);
        return response.build();
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
