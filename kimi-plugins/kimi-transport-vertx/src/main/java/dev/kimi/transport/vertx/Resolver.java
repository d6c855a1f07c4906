package dev.kimi.transport.vertx;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of names, each time anew: how long they hold is the business of {@link Addresses}. */
@FunctionalInterface
interface Resolver {

    /**
     * Looks a name up. Fails when it cannot be found out whether the name has such addresses.
     *
     * @param loop on whose thread this is called and the result is handed over
     */
    Future<Found> resolve(String host, IpFamily family, EventLoop loop);

    /**
     * What a name has of one family.
     *
     * @param addresses empty if there are none
     * @param ttlSeconds how long that holds; {@link Long#MAX_VALUE} if it was not said
     */
    record Found(List<InetAddress> addresses, long ttlSeconds) {

        static final Found NOTHING = new Found(List.of(), Long.MAX_VALUE);

        public Found {
            addresses = List.copyOf(addresses);
        }
    }
}
