package dev.kimi.architecture.samples.cycles.b;

import dev.kimi.architecture.samples.cycles.a.Left;

public final class Right {
    static final Class<?> LEFT = Left.class;
}
