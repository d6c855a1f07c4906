package dev.kimi.tool.autoconfigure;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/** Carries to tools what is registered with Micrometer's context propagation, such as the current observation. */
final class ThreadLocals implements UnaryOperator<Executor> {

    /** What the caller had not, its tools do not see either, whoever's thread they run on. */
    private final ContextSnapshotFactory snapshots =
            ContextSnapshotFactory.builder().clearMissing(true).build();

    @Override
    public Executor apply(Executor executor) {
        ContextSnapshot callers = snapshots.captureAll();
        return task -> executor.execute(callers.wrap(task));
    }
}
