package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.KimiSimulator;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Only the proxy's name is known here: a service that is reached was looked up by the proxy. */
@Timeout(60)
class ProxyTest {

    private static final String LOGIN = "ava:s3cr:et";

    @ParameterizedTest
    @CsvSource({"http, http1", "http, h2", "socks5, http1", "socks5, h2"})
    void a_service_is_reached_whose_name_only_the_proxy_knows(String type, String http) throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                ProxyServer proxy = proxy(type, null);
                VertxFixture fixture = fixture("http://service.test:" + service.port(), type, proxy, "http", http)) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(get(fixture.stream().end)).isNull();

            assertThat(proxy.targets()).containsExactly("service.test:" + service.port());
            assertThat(service.connectionsAccepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"http, auto, HTTP/2", "http, http1, HTTP/1.1", "socks5, auto, HTTP/2", "socks5, http1, HTTP/1.1"})
    void tls_is_spoken_with_the_service_and_not_with_the_proxy(
            String type, String http, String protocol, @TempDir Path folder) throws IOException {
        try (KimiSimulator service = KimiSimulator.builder().tls().start();
                ProxyServer proxy = proxy(type, LOGIN)) {
            Path pem = Files.writeString(folder.resolve("trusted.pem"), service.certificatePem());
            try (VertxFixture fixture = fixture(
                    "https://localhost:" + service.port(),
                    type,
                    proxy,
                    "http",
                    http,
                    "trust-certificates",
                    pem.toString(),
                    "proxy.no-proxy",
                    "<-loopback>",
                    "proxy.username",
                    "ava",
                    "proxy.password",
                    "s3cr:et")) {
                assertThat(get(fixture.whole().end)).isNull();
                assertThat(get(service.awaitRequests(1)).get(0).protocol()).isEqualTo(protocol);
                assertThat(proxy.targets()).containsExactly("localhost:" + service.port());
            }
        }
    }

    @Test
    void an_address_goes_to_socks5_as_an_address() throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                ProxyServer proxy = ProxyServer.socks(null);
                VertxFixture fixture = fixture("http://10.1.2.3:" + service.port(), "socks5", proxy)) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(proxy.targets()).containsExactly("10.1.2.3:" + service.port());
        }
    }

    @Test
    void this_machine_is_connected_to_directly() throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                ProxyServer proxy = ProxyServer.http(null);
                VertxFixture fixture = fixture("http://127.0.0.1:" + service.port(), "http", proxy)) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(proxy.targets()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"http, 407", "socks5, SOCKS5"})
    void missing_credentials_are_named_and_not_tried_again(String type, String said) throws IOException {
        try (ProxyServer proxy = proxy(type, LOGIN);
                VertxFixture fixture = fixture("http://service.test", type, proxy)) {
            TransportFailure failure = rejected(fixture, Kind.PROXY);

            assertThat(failure.detail())
                    .contains("proxy.test:" + proxy.port(), said)
                    .endsWith("Set kimi.transport.proxy.username and kimi.transport.proxy.password.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "socks5"})
    void wrong_credentials_are_named_and_not_shown(String type) throws IOException {
        try (ProxyServer proxy = proxy(type, LOGIN);
                VertxFixture fixture = fixture(
                        "http://service.test",
                        type,
                        proxy,
                        "proxy.username",
                        "avalanche",
                        "proxy.password",
                        "hunter2")) {
            TransportFailure failure = rejected(fixture, Kind.PROXY);

            assertThat(failure.detail()).contains("rejected the user name or the password");
            for (Throwable cause = failure.cause(); cause != null; cause = cause.getCause()) {
                assertThat(cause.toString()).doesNotContain("avalanche", "hunter2");
            }
            assertThat(failure.detail() + failure).doesNotContain("avalanche", "hunter2");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "407, PROXY, does not offer Basic",
        "403, PROXY, does not allow connections to service.test:80 (status 403)",
        "301, PROXY, does not allow connections",
        "502, CONNECT, could not connect to service.test:80 (status 502)",
        "504, CONNECT, could not connect",
        "429, CONNECT, could not connect"
    })
    void a_status_of_the_proxy_says_what_is_wrong(int status, Kind kind, String words) throws IOException {
        try (ProxyServer proxy = ProxyServer.saying("HTTP/1.1 " + status + " hunter2\r\nX: hunter2\r\n\r\nhunter2");
                VertxFixture fixture = fixture("http://service.test", "http", proxy)) {
            assertThat(rejected(fixture, kind).detail()).contains(words).doesNotContain("hunter2");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http, SSH-2.0-something",
        "http, HTTP/2 200 OK[][]",
        "socks5, HTTP/1.1 400 Bad Request[][]",
    })
    void what_is_no_proxy_is_found_to_be_none(String type, String response) throws IOException {
        try (ProxyServer other = ProxyServer.saying(response.replace("[]", "\r\n"));
                VertxFixture fixture = fixture("http://service.test", type, other)) {
            assertThat(rejected(fixture, Kind.PROXY).detail())
                    .contains("does not respond as a proxy", "kimi.transport.proxy.url");
        }
    }

    @Test
    void a_head_without_end_is_not_collected() throws IOException {
        try (ProxyServer proxy = ProxyServer.saying("HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000));
                VertxFixture fixture = fixture("http://service.test", "http", proxy)) {
            rejected(fixture, Kind.PROXY);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, PROXY, not allowed by its rules", "4, CONNECT, host unreachable", "7, PROXY, reply 7"})
    void a_reply_of_socks5_says_what_is_wrong(int reply, Kind kind, String words) throws IOException {
        ProxyServer.Talk talk = socket -> {
            socket.getInputStream().read(new byte[3]);
            socket.getOutputStream().write(new byte[] {5, 0});
            socket.getInputStream().read(new byte[100]);
            socket.getOutputStream().write(new byte[] {5, (byte) reply, 0, 1, 0, 0, 0, 0, 0, 0});
            return null;
        };
        try (ProxyServer proxy = ProxyServer.of(talk);
                VertxFixture fixture = fixture("http://service.test", "socks5", proxy)) {
            assertThat(rejected(fixture, kind).detail()).contains(words);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 Conn"})
    void a_proxy_that_closes_midway_may_do_better_next_time(String said) throws IOException {
        try (ProxyServer proxy = ProxyServer.saying(said);
                VertxFixture fixture = fixture("http://service.test", "http", proxy)) {
            assertThat(rejected(fixture, Kind.CONNECT).detail()).contains("closed the connection before");
        }
    }

    @Test
    void a_response_in_pieces_and_after_an_interim_one_is_read() throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                ProxyServer proxy = ProxyServer.of(socket -> {
                    socket.setTcpNoDelay(true);
                    String head = ProxyServer.head(socket);
                    for (char next : "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nX: y\r\n\r\n".toCharArray()) {
                        ProxyServer.say(socket, String.valueOf(next));
                    }
                    return head.split(" ")[1];
                });
                VertxFixture fixture = fixture("http://service.test:" + service.port(), "http", proxy)) {
            assertThat(get(fixture.whole().end)).isNull();
        }
    }

    @Test
    void what_a_proxy_says_after_200_is_not_taken_for_the_service() throws IOException {
        try (ProxyServer proxy = ProxyServer.saying("HTTP/1.1 200 OK\r\n\r\nWelcome!");
                VertxFixture fixture = fixture("https://service.test", "http", proxy)) {
            assertThat(get(fixture.whole().failure).kind()).isEqualTo(Kind.TLS_MISMATCH);
        }
    }

    @Test
    void a_proxy_that_cannot_be_reached_is_named() throws IOException {
        ProxyServer gone = ProxyServer.http(null);
        gone.close();
        try (VertxFixture fixture = fixture("http://service.test", "http", gone)) {
            assertThat(rejected(fixture, Kind.CONNECT).detail())
                    .isEqualTo("The proxy proxy.test:" + gone.port()
                            + " cannot be reached. Check kimi.transport.proxy.url and the network.");
        }
    }

    @Test
    void a_proxy_without_an_address_is_a_wrong_setting() {
        Resolver nothing = (host, family, loop) -> Future.failedFuture(new UnknownHostException(host));
        try (VertxFixture fixture = new VertxFixture(
                "http://service.test", builder -> builder.set("proxy.url", "http://nowhere.test:3128"), nothing)) {
            assertThat(rejected(fixture, Kind.UNKNOWN_HOST).detail()).contains("nowhere.test:3128");
        }
    }

    @Test
    void a_silent_proxy_is_timed_out_on_and_named() throws IOException {
        VirtualTime clock = new VirtualTime();
        try (SilentServer silent = new SilentServer();
                VertxFixture fixture = VertxFixture.connectingIn(
                        Duration.ofSeconds(5),
                        clock,
                        "http://service.test",
                        builder -> builder.set("proxy.url", "http://127.0.0.1:" + silent.port()))) {
            Probe probe = fixture.whole();
            Socket socket = silent.accept();

            clock.advance(Duration.ofSeconds(5));

            TransportFailure failure = get(probe.failure);
            assertThat(failure.kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
            assertThat(failure.detail()).contains("proxy 127.0.0.1:" + silent.port());
            SilentServer.awaitEnd(socket);
        }
    }

    @Test
    void a_client_that_closes_lets_go_of_a_silent_proxy() throws IOException {
        try (SilentServer silent = new SilentServer();
                VertxFixture fixture = new VertxFixture(
                        "https://service.test",
                        builder -> builder.set("proxy.url", "socks5://127.0.0.1:" + silent.port()))) {
            Exchange exchange = fixture.send(new Probe(), VertxFixture.WHOLE);
            Socket socket = silent.accept();

            exchange.abort();
            fixture.transport.close();

            SilentServer.awaitEnd(socket);
        }
    }

    private static TransportFailure rejected(VertxFixture fixture, Kind kind) {
        TransportFailure failure = get(fixture.whole().failure);
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.unprocessed()).isTrue();
        assertThat(failure.permanent()).isEqualTo(kind == Kind.PROXY || kind == Kind.UNKNOWN_HOST);
        return failure;
    }

    private static ProxyServer proxy(String type, String login) throws IOException {
        return type.equals("http") ? ProxyServer.http(login) : ProxyServer.socks(login);
    }

    private static VertxFixture fixture(String origin, String type, ProxyServer proxy, String... settings) {
        Resolver resolver = (host, family, loop) -> {
            if (family == IpFamily.V6) {
                return Future.succeededFuture(Resolver.Found.NOTHING);
            }
            try {
                if (family == IpFamily.V6) {
                    return Future.succeededFuture(Resolver.Found.NOTHING);
                }
                return host.equals("proxy.test")
                        ? Future.succeededFuture(
                                new Resolver.Found(List.of(InetAddress.getByName("127.0.0.1")), Long.MAX_VALUE))
                        : Future.failedFuture(new UnknownHostException(host));
            } catch (UnknownHostException e) {
                return Future.failedFuture(e);
            }
        };
        return new VertxFixture(
                origin,
                builder -> {
                    ProviderSettings.Builder all = builder.set("proxy.url", type + "://proxy.test:" + proxy.port());
                    for (int i = 0; i < settings.length; i += 2) {
                        all.set(settings[i], settings[i + 1]);
                    }
                    return all;
                },
                resolver);
    }
}
