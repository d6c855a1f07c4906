package dev.kimi.architecture.samples.signatures;

import dev.kimi.architecture.samples.signatures.internal.Hidden;
import java.util.List;

public final class Leaky {
    public List<Hidden> hidden() {
        return List.of();
    }
}
