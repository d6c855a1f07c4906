package dev.kimi.internal.leak;

import java.lang.StackWalker.StackFrame;
import org.jspecify.annotations.Nullable;

/** Which call it is, and where it was made: the place of the program, and all of the stack when that is wanted. */
public final class CallMade {

    private static final StackWalker WALKER = StackWalker.getInstance();

    private final long number;
    private final @Nullable CreationSite stack;
    private final @Nullable StackFrame frame;

    private CallMade(long number, @Nullable CreationSite stack, @Nullable StackFrame frame) {
        this.number = number;
        this.stack = stack;
        this.frame = frame;
    }

    /** Whose place is not remembered. */
    static CallMade anywhere(long number) {
        return new CallMade(number, null, null);
    }

    /** The whole stack of here. */
    static CallMade withStack(long number) {
        return new CallMade(number, new CreationSite("the stream was made here"), null);
    }

    /** The first frame of here that is the program's. What is costly, its text, is made only when it is read. */
    static CallMade withPlace(long number) {
        return new CallMade(
                number,
                null,
                WALKER.walk(frames -> frames.filter(frame -> !CreationSite.isOurs(frame.getClassName()))
                        .findFirst()
                        .orElse(null)));
    }

    /** One more than that of the call before. */
    public long number() {
        return number;
    }

    @Nullable CreationSite stack() {
        return stack;
    }

    /** The line of the program, or null when it is not remembered. */
    public @Nullable String place() {
        if (stack != null) {
            return stack.place();
        }
        return frame == null ? null : frame.toString();
    }
}
