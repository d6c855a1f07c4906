package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/** What the loops of one transport share to look names up. Thread-safe. */
final class Names {

    private final Resolver resolver;
    private final TimeSource time;
    private final OutageLog log = new OutageLog();

    Names(Resolver resolver, TimeSource time) {
        this.resolver = resolver;
        this.time = time;
    }

    /** The addresses of a name, or of what is an address already, as one loop sees them. */
    Addresses of(String host, LoopExecutor loop) {
        return new Addresses(
                host,
                family -> lookUp(host, family, loop),
                time,
                (delayNanos, task) -> loop.schedule(delayNanos, due -> task.run()),
                log);
    }

    /** What comes from a name server comes on the loop's thread, but not as a task of the loop. */
    private Future<Resolver.Found> lookUp(String host, IpFamily family, LoopExecutor loop) {
        Promise<Resolver.Found> promise = Promise.promise();
        resolver.resolve(host, family, loop.eventLoop())
                .onComplete((found, failure) -> loop.execute(task -> {
                    if (failure == null) {
                        promise.complete(found);
                    } else {
                        promise.fail(failure);
                    }
                }));
        return promise.future();
    }
}
