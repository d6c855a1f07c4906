package dev.kimi.transport.vertx;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsCnameCache;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddresses;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * The system's hosts file and, for what is not listed there, its name servers, which are those of Netty's resolver: it
 * speaks the protocol, this says what to ask. Nothing is kept from one lookup to the next, neither addresses nor
 * sockets. Thread-safe.
 */
final class DnsResolver implements Resolver {

    /** After which a server that has not responded is passed over; when none has, all are tried once more. */
    private static final int QUERY_MILLIS = 2_000;

    private final HostsFile hosts;
    private final List<InetSocketAddress> servers;

    /** @param servers the name servers to query; those of the system if empty */
    DnsResolver(HostsFile hosts, List<InetSocketAddress> servers) {
        this.hosts = hosts;
        this.servers = List.copyOf(servers);
    }

    static DnsResolver system() {
        return new DnsResolver(HostsFile.system(), List.of());
    }

    @Override
    public Future<Found> resolve(String host, IpFamily family, EventLoop loop) {
        List<InetAddress> listed = hosts.find(host);
        if (!listed.isEmpty()) {
            List<InetAddress> fitting = listed.stream()
                    .filter(address -> IpFamily.of(address) == family)
                    .toList();
            return Future.succeededFuture(new Found(fitting, Long.MAX_VALUE));
        }
        return query(host, family, loop)
                .recover(failure -> failure.getCause() instanceof DnsNameResolverTimeoutException
                        ? query(host, family, loop)
                        : Future.failedFuture(failure));
    }

    private Future<Found> query(String host, IpFamily family, EventLoop loop) {
        ShortestTtl ttl = new ShortestTtl();
        DnsNameResolver resolver = resolver(family, loop, ttl);
        Promise<Found> promise = Promise.promise();
        resolver.resolveAll(host).addListener((io.netty.util.concurrent.Future<List<InetAddress>> done) -> {
            resolver.close();
            if (done.isSuccess()) {
                promise.complete(new Found(done.getNow(), ttl.seconds));
            } else if (hasNone(done.cause())) {
                promise.complete(Found.NOTHING);
            } else {
                promise.fail(done.cause());
            }
        });
        return promise.future();
    }

    private DnsNameResolver resolver(IpFamily family, EventLoop loop, ShortestTtl ttl) {
        DnsNameResolverBuilder builder = new DnsNameResolverBuilder(loop)
                .datagramChannelFactory(NioDatagramChannel::new)
                // for responses that do not fit into a datagram
                .socketChannelFactory(NioSocketChannel::new)
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .hostsFileEntriesResolver((name, types) -> null)
                .resolvedAddressTypes(family.types())
                .resolveCache(ttl)
                .cnameCache(ttl.ofAliases)
                .queryTimeoutMillis(QUERY_MILLIS)
                .ndots(1);
        if (!servers.isEmpty()) {
            builder.nameServerProvider(name -> DnsServerAddresses.sequential(servers).stream());
        }
        return builder.build();
    }

    /** Whether the servers say that there is no such name, or that it has nothing of the kind. */
    private static boolean hasNone(Throwable failure) {
        return failure instanceof UnknownHostException
                && (failure.getCause() == null
                        || (failure.getCause() instanceof DnsErrorCauseException error
                                && DnsResponseCode.NXDOMAIN.equals(error.getCode())));
    }

    /**
     * Netty hands out TTLs to caches only. This one keeps the shortest, that of an alias included, and nothing else.
     */
    private static final class ShortestTtl implements DnsCache {

        private long seconds = Long.MAX_VALUE;
        private final DnsCnameCache ofAliases = new DnsCnameCache() {
            @Override
            public void cache(String name, String target, long ttl, EventLoop loop) {
                seconds = Math.min(seconds, ttl);
            }

            @Override
            public String get(String name) {
                return NoopDnsCnameCache.INSTANCE.get(name);
            }

            @Override
            public void clear() {
                // there is nothing
            }

            @Override
            public boolean clear(String name) {
                return false;
            }
        };

        @Override
        public DnsCacheEntry cache(
                String name, DnsRecord[] additionals, InetAddress address, long ttl, EventLoop loop) {
            seconds = Math.min(seconds, ttl);
            return NoopDnsCache.INSTANCE.cache(name, additionals, address, ttl, loop);
        }

        @Override
        public DnsCacheEntry cache(String name, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
            return NoopDnsCache.INSTANCE.cache(name, additionals, cause, loop);
        }

        @Override
        public List<? extends DnsCacheEntry> get(String name, DnsRecord[] additionals) {
            return List.of();
        }

        @Override
        public void clear() {
            // there is nothing
        }

        @Override
        public boolean clear(String name) {
            return false;
        }
    }
}
