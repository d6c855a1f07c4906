package dev.kimi.architecture.samples.internals.one;

import dev.kimi.architecture.samples.internals.one.internal.Hidden;

public final class Owner {
    public String name() {
        return Hidden.name();
    }
}
