package dev.kimi.internal.call;

import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
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

    static OpenCall of(CallMade made, CallPlan plan, String state) {
        String doing = state.toLowerCase(Locale.ROOT).replace('_', '-');
        return of(made, plan.request().operation() + ": " + doing);
    }

    private static OpenCall of(CallMade made, String what) {
        return new OpenCall(made.number(), what, made.place());
    }

    /** In the order of making, and a stream whose call has not ended once. */
    static List<OpenCall> listOf(List<OpenCall> live, Leaks leaks) {
        TreeMap<Long, OpenCall> open = new TreeMap<>();
        leaks.unreadStreams()
                .forEach(made -> open.put(made.number(), of(made, "stream: not read to its end, and not closed")));
        // one that is being taken for dropped just now is in both
        leaks.droppedStreams().forEach(made -> open.put(made.number(), of(made, "stream: dropped unread")));
        live.forEach(call -> open.put(call.number(), call));
        return List.copyOf(open.values());
    }
}
