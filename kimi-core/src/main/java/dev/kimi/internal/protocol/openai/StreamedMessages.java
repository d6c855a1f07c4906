package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatEvent;
import dev.kimi.error.TruncatedStreamException.ToolFragment;
import dev.kimi.internal.json.JsonReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@code message} members in a stream. Some services send them in place of deltas, as pieces or as the whole so
 * far; some send the whole so far beside each delta, and some repeat it in the last chunk. So a message counts for what
 * no delta gave, and beside a delta only at the end; of messages that grow, what is new counts.
 */
final class StreamedMessages {

    private static final JsonReader.Names CALLS = JsonReader.Names.of("tool_calls");

    private final ResponseAssembly assembly;
    private final Consumer<? super ChatEvent> out;
    private final GrowingText text = new GrowingText();
    private final GrowingText reasoning = new GrowingText();
    private final List<ToolFragment> calls = new ArrayList<>(0);
    /** The message of the choice that is being read. */
    private @Nullable ResponseAssembly sent;
    /** The latest that came beside a delta. */
    private @Nullable ResponseAssembly beside;

    private boolean taken;
    /** How many parts of unknown kinds messages gave. */
    private int opaques;

    StreamedMessages(ResponseAssembly assembly, Consumer<? super ChatEvent> out) {
        this.assembly = assembly;
        this.out = out;
    }

    /** Whether messages, and not deltas, make the response. */
    boolean madeIt() {
        return taken;
    }

    /** Reads a message, to be judged by {@link #choiceEnds}. */
    void read(JsonReader in) {
        if (!deltasSpoke()) {
            sent = new ResponseAssembly();
            new OpenAiMessageReader(sent, true, event -> {}).read(in);
            return;
        }
        if (in.beginObject()) {
            for (int name = in.nextName(CALLS); name != JsonReader.END; name = in.nextName(CALLS)) {
                if (name == 0 && in.isArray() && assembly.tools.isEmpty()) {
                    sent = new ResponseAssembly();
                    new OpenAiMessageReader(sent, true, event -> {}).calls(in);
                } else {
                    in.skip();
                }
            }
        }
    }

    void choiceEnds(boolean hadDelta) {
        ResponseAssembly message = sent;
        sent = null;
        if (message == null || !message.hasContent()) {
            return;
        }
        if (hadDelta) {
            beside = message;
        } else {
            merge(message);
        }
    }

    /** No chunk follows. */
    void end() {
        if (beside != null) {
            merge(beside);
            beside = null;
        }
    }

    private boolean deltasSpoke() {
        return assembly.text.length() > text.taken()
                || assembly.reasoning.length() > reasoning.taken()
                || !assembly.tools.isEmpty() && calls.isEmpty();
    }

    private void merge(ResponseAssembly message) {
        taken |= !deltasSpoke();
        if (assembly.reasoning.length() == reasoning.taken()) {
            String news = reasoning.news(message.reasoning, assembly.reasoning);
            assembly.standardReasoning |= message.standardReasoning;
            assembly.routedReasoning |= message.routedReasoning;
            if (!news.isEmpty()) {
                assembly.reasoning.append(news);
                out.accept(new ChatEvent.Reasoning(news));
            }
        }
        if (assembly.text.length() == text.taken()) {
            String news = text.news(message.text, assembly.text);
            if (!news.isEmpty()) {
                assembly.text.append(news);
                out.accept(new ChatEvent.Text(news));
            }
        }
        if (assembly.opaque.size() == opaques) {
            for (; opaques < message.opaque.size(); opaques++) {
                assembly.opaque(message.opaque.get(opaques), out);
            }
        }
        if (assembly.tools.isEmpty() || !calls.isEmpty()) {
            mergeCalls(message.tools.partial());
        }
    }

    /** A call in the same place is the same call when it has the same id, or none and continues it. */
    private void mergeCalls(List<ToolFragment> sentCalls) {
        for (int i = 0; i < sentCalls.size(); i++) {
            ToolFragment call = sentCalls.get(i);
            ToolFragment known = i < calls.size() ? calls.get(i) : null;
            if (known == null || !isSame(known, call)) {
                calls.add(call);
                add(calls.size() - 1, call, call.name(), call.arguments());
            } else if (call.arguments().startsWith(known.arguments())) {
                calls.set(i, call);
                String name = known.name().isEmpty() ? call.name() : "";
                add(i, call, name, call.arguments().substring(known.arguments().length()));
            }
        }
    }

    private static boolean isSame(ToolFragment known, ToolFragment call) {
        return known.id().equals(call.id())
                && (!call.id().isEmpty() || call.arguments().startsWith(known.arguments()));
    }

    private void add(int place, ToolFragment call, String name, String arguments) {
        assembly.tools.add(new ToolCallPiece(place, call.id(), false, name, arguments), out);
    }
}
