package dev.kimi.architecture.samples.internals.two;

import dev.kimi.architecture.samples.internals.one.internal.Hidden;
import java.util.function.Supplier;

public final class Neighbour {
    public Supplier<String> name() {
        return Hidden::name;
    }
}
