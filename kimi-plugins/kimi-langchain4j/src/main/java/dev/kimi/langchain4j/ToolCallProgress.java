package dev.kimi.langchain4j;

import dev.kimi.chat.ChatEvent;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Completes the tool calls of a stream: a call whose arguments are a whole object as soon as the next call begins,
 * because nothing can be appended to them; the others with the response, which alone is sure of them. Not thread-safe.
 */
final class ToolCallProgress {

    private final BitSet completed = new BitSet();
    private final StringBuilder arguments = new StringBuilder();
    /** The latest call that has begun. */
    private int index = -1;

    private String id = "";
    private String name = "";
    private int depth;
    private boolean inText;
    private boolean escaped;
    private boolean whole;

    /** The call that is complete now that the fragment begins another, or null. */
    @Nullable CompleteToolCall begin(ChatEvent.ToolFragment fragment) {
        CompleteToolCall previous = null;
        if (fragment.index() > index) {
            previous = whole ? complete() : null;
            index = fragment.index();
            arguments.setLength(0);
            depth = 0;
            inText = false;
            escaped = false;
            whole = false;
        }
        if (fragment.index() == index) {
            id = fragment.id();
            name = fragment.name();
            append(fragment.arguments());
        }
        return previous;
    }

    /** Whether the call was completed before, so that nothing more is reported of it. */
    boolean isCompleted(int call) {
        return completed.get(call);
    }

    /** The calls that are complete with the response. */
    List<CompleteToolCall> rest(ChatResponse response) {
        List<ToolExecutionRequest> calls = response.aiMessage().toolExecutionRequests();
        List<CompleteToolCall> rest = new ArrayList<>();
        for (int call = completed.nextClearBit(0); call < calls.size(); call = completed.nextClearBit(call + 1)) {
            rest.add(new CompleteToolCall(call, calls.get(call)));
        }
        return rest;
    }

    private CompleteToolCall complete() {
        completed.set(index);
        ToolExecutionRequest request = ToolExecutionRequest.builder()
                .id(id)
                .name(name)
                .arguments(arguments.toString())
                .build();
        return new CompleteToolCall(index, request);
    }

    private void append(String piece) {
        arguments.append(piece);
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            if (inText) {
                inText = escaped || c != '"';
                escaped = !escaped && c == '\\';
            } else if (c == '"') {
                inText = true;
            } else if (c == '{') {
                depth++;
                whole = false;
            } else if (c == '}') {
                whole = --depth == 0;
            }
        }
    }
}
