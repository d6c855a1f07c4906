package dev.kimi.internal.call;

import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A call that has not ended, or a stream that nobody has finished with.
 *
 * @param number its number among the calls of the client
 * @param what the operation, and what it is doing
 * @param madeAt the line of the program that made it, or null when that is not remembered
 */
public record OpenCall(long number, String what, @Nullable String madeAt) {

    static List<OpenCall> listOf(Collection<Call> live, Leaks leaks) {
        TreeMap<Long, OpenCall> open = new TreeMap<>();
        leaks.droppedStreams().forEach(made -> put(open, made, "stream: dropped unread"));
        leaks.unreadStreams().forEach(made -> put(open, made, "stream: not read to its end, and not closed"));
        for (Call call : live) {
            CallState state = call.state();
            if (state != CallState.DONE) {
                put(open, call.made(), call.request().operation() + ": " + describe(state));
            }
        }
        return List.copyOf(open.values());
    }

    private static void put(TreeMap<Long, OpenCall> open, CallMade made, String what) {
        open.put(made.number(), new OpenCall(made.number(), what, made.place()));
    }

    private static String describe(CallState state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
