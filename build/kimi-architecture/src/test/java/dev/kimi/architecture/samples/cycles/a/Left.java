package dev.kimi.architecture.samples.cycles.a;

import dev.kimi.architecture.samples.cycles.b.Right;

public final class Left {
    Right right() {
        return new Right();
    }
}
