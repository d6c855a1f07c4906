package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import java.util.Arrays;

/**
 * A failure is made on the transport's thread, whose stack tells the caller nothing. Thrown from a blocking call it
 * shows where that call was made instead.
 */
final class CallerStack {

    private static final String OURS = CallerStack.class.getPackageName();

    private CallerStack() {}

    static KimiException of(KimiException failure) {
        StackTraceElement[] stack = Thread.currentThread().getStackTrace();
        // the first is the method that reads the stack
        int ours = 1;
        while (ours < stack.length - 1 && stack[ours].getClassName().startsWith(OURS)) {
            ours++;
        }
        failure.setStackTrace(Arrays.copyOfRange(stack, ours, stack.length));
        return failure;
    }
}
