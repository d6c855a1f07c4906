package dev.kimi.architecture.samples.internals.one.internal;

public final class Hidden {
    private Hidden() {}

    public static String name() {
        return "hidden";
    }
}
