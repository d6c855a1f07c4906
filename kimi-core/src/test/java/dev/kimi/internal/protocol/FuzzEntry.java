package dev.kimi.internal.protocol;

/** Where Jazzer comes in: it finds these methods by their names. Public, since it calls them from outside. */
public final class FuzzEntry {

    private static FuzzTarget target = FuzzTarget.SSE;

    private FuzzEntry() {}

    /** Takes the target's name. */
    public static void fuzzerInitialize(String[] arguments) {
        target = FuzzTarget.of(arguments[0]);
    }

    /** Takes one input. */
    public static void fuzzerTestOneInput(byte[] input) {
        target.check(input);
    }
}
