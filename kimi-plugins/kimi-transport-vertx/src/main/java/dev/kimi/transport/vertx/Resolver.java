package dev.kimi.transport.vertx;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** Finds all addresses of a name. */
@FunctionalInterface
interface Resolver {

    Future<List<InetAddress>> resolve(String host);

    /** The system's hosts file and name servers, cached as long as the records allow. */
    static Resolver system(Vertx vertx) {
        return host -> ((VertxInternal) vertx)
                .nameResolver()
                .resolveAll(host)
                .map(found -> found.stream().map(InetSocketAddress::getAddress).toList());
    }
}
