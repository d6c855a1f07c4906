package dev.kimi.transport.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DnsResolverTest {

    private static final MultiThreadIoEventLoopGroup LOOPS =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    private DnsServer dns;

    @BeforeEach
    void startServer() throws IOException {
        dns = new DnsServer();
    }

    @AfterEach
    void stopServer() throws IOException {
        dns.close();
    }

    @AfterAll
    static void stopLoops() {
        LOOPS.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS);
    }

    @Test
    void finds_each_family_with_its_ttl() throws IOException {
        dns.serve("service.test", 7, "127.0.0.1", "::1", "127.0.0.2");

        assertThat(found(IpFamily.V4)).isEqualTo(new Resolver.Found(all("127.0.0.1", "127.0.0.2"), 7));
        assertThat(found(IpFamily.V6)).isEqualTo(new Resolver.Found(all("::1"), 7));
    }

    @Test
    void keeps_nothing_from_one_lookup_to_the_next() throws IOException {
        dns.serve("service.test", 1000, "127.0.0.1");
        found(IpFamily.V4);

        dns.serve("service.test", 1000, "127.0.0.2");

        assertThat(found(IpFamily.V4).addresses()).isEqualTo(all("127.0.0.2"));
        assertThat(dns.queries()).containsExactly("A service.test", "A service.test");
    }

    @Test
    void an_alias_holds_no_longer_than_its_own_ttl() throws IOException {
        dns.alias("service.test", 6, "cell-1.test").serve("cell-1.test", 300, "127.0.0.1");

        assertThat(found(IpFamily.V4)).isEqualTo(new Resolver.Found(all("127.0.0.1"), 6));
    }

    @Test
    void a_name_without_addresses_of_the_family_has_none() throws IOException {
        dns.serve("service.test", 7, "127.0.0.1");

        assertThat(found(IpFamily.V6)).isEqualTo(Resolver.Found.NOTHING);
    }

    @Test
    void a_name_that_does_not_exist_has_none() {
        assertThat(found(IpFamily.V4)).isEqualTo(Resolver.Found.NOTHING);
    }

    @Test
    void a_server_that_fails_says_nothing_about_the_name() throws IOException {
        dns.serve("service.test", 7, "127.0.0.1");
        dns.fault(DnsServer.Fault.SERVFAIL);

        assertThat(failure()).isInstanceOf(UnknownHostException.class);
    }

    @Test
    void a_query_that_is_lost_is_sent_again() throws IOException {
        dns.serve("service.test", 7, "127.0.0.1");
        dns.fault(DnsServer.Fault.SILENCE);
        CompletableFuture<Resolver.Found> lookup = lookUp(dns.resolver(), "service.test", IpFamily.V4);
        assertThat(Eventually.holds(Duration.ofSeconds(10), () -> !dns.queries().isEmpty()))
                .isTrue();

        dns.fault(DnsServer.Fault.NONE);

        assertThat(lookup.join().addresses()).hasSize(1);
        assertThat(dns.queries()).hasSize(2);
    }

    @Test
    void a_response_that_does_not_fit_into_a_datagram_comes_over_tcp() throws IOException {
        String[] many = new String[200];
        for (int i = 0; i < many.length; i++) {
            many[i] = "127.0.1." + i;
        }
        dns.serve("service.test", 7, many);
        dns.fault(DnsServer.Fault.TRUNCATION);

        assertThat(found(IpFamily.V4).addresses()).hasSize(200);
    }

    @Test
    void a_name_in_the_hosts_file_is_not_queried_and_holds_until_the_file_changes(@TempDir Path folder)
            throws IOException {
        Path file = folder.resolve("hosts");
        Files.writeString(file, "127.0.0.5 Service.test other.test\n127.0.0.6 service.test\n::1 service.test\n");
        Resolver resolver = new DnsResolver(new HostsFile(file.toFile()), List.of(new InetSocketAddress(1)));

        assertThat(lookUp(resolver, "SERVICE.test", IpFamily.V4).join())
                .isEqualTo(new Resolver.Found(all("127.0.0.5", "127.0.0.6"), Long.MAX_VALUE));
        assertThat(lookUp(resolver, "service.test", IpFamily.V6).join().addresses())
                .isEqualTo(all("::1"));
        assertThat(lookUp(resolver, "other.test", IpFamily.V6).join().addresses())
                .isEmpty();

        Files.writeString(file, "127.0.0.7 service.test\n");

        assertThat(lookUp(resolver, "service.test", IpFamily.V4).join().addresses())
                .isEqualTo(all("127.0.0.7"));
    }

    @Test
    void localhost_needs_neither_file_nor_server() throws IOException {
        assertThat(lookUp(dns.resolver(), "localhost", IpFamily.V4).join().addresses())
                .isEqualTo(all("127.0.0.1"));
        assertThat(dns.queries()).isEmpty();
    }

    private Resolver.Found found(IpFamily family) {
        return lookUp(dns.resolver(), "service.test", family).join();
    }

    private Throwable failure() {
        try {
            throw new AssertionError("found " + found(IpFamily.V4));
        } catch (CompletionException failed) {
            return failed.getCause();
        }
    }

    private static CompletableFuture<Resolver.Found> lookUp(Resolver resolver, String host, IpFamily family) {
        EventLoop loop = LOOPS.next();
        CompletableFuture<Resolver.Found> result = new CompletableFuture<>();
        loop.execute(() -> resolver.resolve(host, family, loop).onComplete((found, failure) -> {
            if (failure == null) {
                result.complete(found);
            } else {
                result.completeExceptionally(failure);
            }
        }));
        return result;
    }

    private static List<InetAddress> all(String... addresses) throws IOException {
        InetAddress[] parsed = new InetAddress[addresses.length];
        for (int i = 0; i < parsed.length; i++) {
            parsed[i] = InetAddress.getByName(addresses[i]);
        }
        return List.of(parsed);
    }
}
