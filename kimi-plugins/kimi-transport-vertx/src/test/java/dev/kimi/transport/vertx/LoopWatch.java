package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Finds the same addresses for every name, and gets to see the event loop that asks for them. */
final class LoopWatch implements Resolver {

    private static final Duration SAFETY_NET = Duration.ofSeconds(30);

    private final List<InetAddress> addresses = new ArrayList<>();
    private final CompletableFuture<ContextInternal> seen = new CompletableFuture<>();
    private final CompletableFuture<Void> mayWorkerGoOn = new CompletableFuture<>();

    LoopWatch(String... addresses) throws IOException {
        for (String address : addresses) {
            this.addresses.add(InetAddress.getByName(address));
        }
    }

    @Override
    public Future<Found> resolve(String host, IpFamily family, EventLoop loop) {
        seen.complete((ContextInternal) Vertx.currentContext());
        return found(addresses, family);
    }

    /** Those of the family. */
    static Future<Found> found(List<InetAddress> addresses, IpFamily family) {
        List<InetAddress> fitting = addresses.stream()
                .filter(address -> IpFamily.of(address) == family)
                .toList();
        return Future.succeededFuture(new Found(fitting, 300));
    }

    /** Finds the addresses too, and keeps the only worker busy until letTheWorkerGoOn: it makes the context of TLS. */
    Resolver holdingTheWorker() {
        return (host, family, loop) -> {
            boolean first = !seen.isDone();
            Future<Found> found = resolve(host, family, loop);
            if (first) {
                get(seen).executeBlockingInternal(mayWorkerGoOn::join);
            }
            return found;
        };
    }

    void letTheWorkerGoOn() {
        mayWorkerGoOn.complete(null);
    }

    EventLoop loop() {
        return get(seen).nettyEventLoop();
    }

    /** Comes back when the loop has done all that it was given before. */
    void awaitTurn() {
        try {
            loop().submit(() -> {}).get(SAFETY_NET.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Lets the loop be in the midst of a task, and not waiting for sockets, when Vert.x shuts it down. */
    void beBusyWhenShutDown() {
        EventLoop loop = loop();
        loop.execute(new Runnable() {
            @Override
            public void run() {
                // ended just before the loops for sockets, by this loop's thread
                if (!get(seen).owner().acceptorEventLoopGroup().isShuttingDown()) {
                    loop.execute(this);
                } else if (!Eventually.holds(SAFETY_NET, loop::isShuttingDown)) {
                    throw new AssertionError("the loop is not shut down");
                }
            }
        });
    }

    void awaitEnd() {
        assertThat(loop().terminationFuture().awaitUninterruptibly(SAFETY_NET.toMillis()))
                .as("the loop's end")
                .isTrue();
    }
}
