package dev.kimi.gateway.messages;

import dev.kimi.gateway.messages.StreamedBlock.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes the content blocks of a stream one after the other, as the protocol wants them: one is open at a time, and
 * what comes for another meanwhile waits. The open one ends as soon as another has begun and nothing more can come for
 * it; of a tool call that is when its arguments are a whole object. Not thread-safe.
 */
final class BlockStream {

    private final CallIds ids;
    /** Blocks that have not ended, in the order in which they began. The first may be open. */
    private final Deque<StreamedBlock> blocks = new ArrayDeque<>(2);

    private final Map<Integer, StreamedBlock> calls = new HashMap<>(0);
    private int next;

    BlockStream(CallIds ids) {
        this.ids = ids;
    }

    /** Text or thinking. */
    void append(SseBytes out, Kind kind, String text) {
        StreamedBlock last = blocks.peekLast();
        if (last == null || last.kind != kind) {
            last = new StreamedBlock(kind, 0);
            blocks.add(last);
        }
        last.append(out, text);
        write(out, false);
    }

    /** A piece of a tool call. */
    void call(SseBytes out, int index, String id, String name, String arguments) {
        StreamedBlock call = calls.get(index);
        if (call == null) {
            call = new StreamedBlock(Kind.TOOL, index);
            calls.put(index, call);
            blocks.add(call);
        }
        call.identify(id, name);
        call.append(out, arguments);
        write(out, false);
    }

    /**
     * Nothing more comes.
     *
     * @param cut whether calls may be cut: one of which nothing has come but its name is left out then
     */
    void end(SseBytes out, boolean cut) {
        if (cut) {
            blocks.removeIf(block -> block.isBare() && !block.isOpen());
        }
        write(out, true);
    }

    private void write(SseBytes out, boolean last) {
        for (StreamedBlock first = blocks.peek(); first != null; first = blocks.peek()) {
            if (!first.isOpen() && first.mayOpen(last)) {
                first.open(out, next++, ids);
            }
            if (!last && (blocks.size() == 1 || !first.mayEnd())) {
                return;
            }
            first.close(out);
            blocks.remove();
        }
    }
}
