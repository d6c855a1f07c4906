package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the fragments of tool calls together. Which call a fragment belongs to is said by {@code index} alone where it
 * is there; where not, by the id; and where that is missing too, it is the call begun last.
 */
final class ToolCallCollector {

    private static final int MOST_CALLS = 1_024;

    private final List<Call> calls = new ArrayList<>(0);

    private static final class Call {
        private final int position;
        private final int index;
        private String id = "";
        private String name = "";
        private final StringBuilder arguments = new StringBuilder();

        Call(int position, int index) {
            this.position = position;
            this.index = index;
        }
    }

    /**
     * A fragment.
     *
     * @param index the service's number of the call, -1 when it is missing
     * @param id empty when missing
     * @param name empty when missing
     * @param arguments empty when missing
     */
    record Fragment(int index, String id, String name, String arguments) {}

    boolean isEmpty() {
        return calls.isEmpty();
    }

    /** Adds a fragment of a stream and says what of it is new, or null when nothing is. */
    ChatEvent.@Nullable ToolFragment add(Fragment fragment) {
        Call found = find(fragment);
        Call call = found == null ? begin(fragment.index()) : found;
        boolean news = found == null || !fragment.arguments().isEmpty();
        if (call.id.isEmpty() && !fragment.id().isEmpty()) {
            call.id = fragment.id();
            news = true;
        }
        // Later fragments repeat the name or send it empty.
        if (call.name.isEmpty() && !fragment.name().isEmpty()) {
            call.name = fragment.name();
            news = true;
        }
        call.arguments.append(fragment.arguments());
        return news ? new ChatEvent.ToolFragment(call.position, call.id, call.name, fragment.arguments()) : null;
    }

    /** Adds a whole call. */
    void addWhole(Fragment fragment) {
        Call call = begin(calls.size());
        call.id = fragment.id();
        call.name = fragment.name();
        call.arguments.append(fragment.arguments());
    }

    /**
     * The calls when the answer is whole.
     *
     * @param mayBeCut true when the model was stopped before it was done: then calls that are not whole are left out
     * @throws UnreadableAnswer if a call has no name, or arguments that are no JSON object or name a member twice
     */
    List<ToolCall> whole(boolean mayBeCut) {
        List<ToolCall> whole = new ArrayList<>(calls.size());
        for (Call call : calls) {
            String arguments = call.arguments.toString();
            boolean none = arguments.isBlank() || arguments.equals("null");
            if (call.name.isEmpty() || (none ? mayBeCut : !isObject(arguments))) {
                if (!mayBeCut) {
                    throw new UnreadableAnswer("a tool call has no name, or its arguments are no JSON object");
                }
                continue;
            }
            whole.add(new ToolCall(call.id, call.name, none ? "{}" : arguments));
        }
        return whole;
    }

    /** The calls as far as they have come. */
    List<TruncatedStreamException.ToolFragment> partial() {
        List<TruncatedStreamException.ToolFragment> fragments = new ArrayList<>(calls.size());
        for (Call call : calls) {
            fragments.add(new TruncatedStreamException.ToolFragment(call.id, call.name, call.arguments.toString()));
        }
        return fragments;
    }

    private Call begin(int index) {
        if (calls.size() == MOST_CALLS) {
            throw new UnreadableAnswer("it holds more than " + MOST_CALLS + " tool calls");
        }
        Call call = new Call(calls.size(), index);
        calls.add(call);
        return call;
    }

    private @Nullable Call find(Fragment fragment) {
        if (fragment.index() >= 0) {
            Call call = last(fragment.index());
            // Some services number each of several whole calls 0.
            return call != null && isAnother(fragment, call) ? null : call;
        }
        Call latest = calls.isEmpty() ? null : calls.get(calls.size() - 1);
        if (!fragment.id().isEmpty()) {
            Call call = byId(fragment.id());
            // Arguments may have come before the id.
            return call == null && latest != null && latest.id.isEmpty() && latest.name.isEmpty() ? latest : call;
        }
        boolean begun = latest != null && !latest.name.isEmpty() && !latest.arguments.isEmpty();
        return begun && !fragment.name().isEmpty() ? null : latest;
    }

    private static boolean isAnother(Fragment fragment, Call call) {
        return !fragment.name().isEmpty()
                && !fragment.id().isEmpty()
                && !call.id.isEmpty()
                && !call.id.equals(fragment.id());
    }

    private @Nullable Call last(int index) {
        for (int i = calls.size() - 1; i >= 0; i--) {
            if (calls.get(i).index == index) {
                return calls.get(i);
            }
        }
        return null;
    }

    private @Nullable Call byId(String id) {
        for (int i = calls.size() - 1; i >= 0; i--) {
            if (calls.get(i).id.equals(id)) {
                return calls.get(i);
            }
        }
        return null;
    }

    private static boolean isObject(String arguments) {
        try (JsonReader in = new JsonReader(arguments.getBytes(StandardCharsets.UTF_8))) {
            boolean object = in.next() && in.isObject();
            // Two members of one name: the service's filters and the tool may each see another one.
            in.anyUnique();
            return object && !in.next();
        } catch (JsonException e) {
            return false;
        }
    }
}
