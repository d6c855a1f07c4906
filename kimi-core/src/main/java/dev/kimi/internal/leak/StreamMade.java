package dev.kimi.internal.leak;

import java.lang.StackWalker.StackFrame;
import org.jspecify.annotations.Nullable;

/** Where a stream was made: the place of the program that asked for it, and all of the stack when that is wanted. */
public final class StreamMade {

    private static final StackWalker WALKER = StackWalker.getInstance();

    private final @Nullable MadeHere stack;
    private final @Nullable StackFrame frame;

    private StreamMade(@Nullable MadeHere stack, @Nullable StackFrame frame) {
        this.stack = stack;
        this.frame = frame;
    }

    /** The whole stack of here. */
    static StreamMade withStack() {
        return new StreamMade(new MadeHere("the stream was made here"), null);
    }

    /** The first frame of here that is the program's. What is costly, its text, is made only for a warning. */
    static StreamMade withPlace() {
        return new StreamMade(
                null,
                WALKER.walk(frames -> frames.filter(frame -> !MadeHere.isOurs(frame.getClassName()))
                        .findFirst()
                        .orElse(null)));
    }

    @Nullable MadeHere stack() {
        return stack;
    }

    String place() {
        if (stack != null) {
            return stack.place();
        }
        return frame == null ? MadeHere.UNKNOWN : frame.toString();
    }
}
