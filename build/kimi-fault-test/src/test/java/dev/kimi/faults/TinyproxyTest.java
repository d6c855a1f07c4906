package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.TransportException;
import dev.kimi.test.KimiSimulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client behind a real proxy, which takes CONNECT from whoever knows user and password, to one port only. */
@Timeout(60)
class TinyproxyTest {

    private static KimiSimulator service;
    private static KimiSimulator forbidden;
    private static Tinyproxy proxy;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        Tinyproxy.assumeInstalled();
        service = KimiSimulator.builder().tls().start();
        forbidden = KimiSimulator.start();
        proxy = Tinyproxy.start("BasicAuth ava s3cret", "ConnectPort " + service.port());
    }

    @AfterAll
    static void stop() {
        if (proxy != null) {
            proxy.close();
            forbidden.close();
            service.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"auto, HTTP/2", "http1, HTTP/1.1"})
    void calls_and_streams_go_through_the_proxy(String http, String protocol) throws IOException {
        long before = proxy.connects(service.port());
        int requests = service.requests().size();
        try (KimiClient client =
                client(service, "s3cret").set(Part.TRANSPORT, "http", http).build()) {
            assertThat(client.chat("Hello?").text()).isNotBlank();
            try (ChatStream stream = client.stream(ChatRequest.of("Hello?"))) {
                assertThat(stream).isNotEmpty();
            }
        }
        assertThat(service.requests().subList(requests, requests + 2))
                .allSatisfy(request -> assertThat(request.protocol()).isEqualTo(protocol));
        assertThat(proxy.connects(service.port())).isEqualTo(before + 1);
    }

    @Test
    void wrong_credentials_get_one_attempt_and_a_message() throws IOException {
        try (KimiClient client = client(service, "hunter2").build()) {
            TransportException failure = catchThrowableOfType(TransportException.class, () -> client.chat("Hello?"));

            assertThat(failure.permanent()).isTrue();
            assertThat(failure.attempts()).isEqualTo(1);
            assertThat(failure)
                    .hasMessageContaining("rejected the user name or the password")
                    .hasMessageContaining("kimi.transport.proxy.password");
            assertThat(failure.getMessage()).doesNotContain("hunter2", "ava");
        }
    }

    @Test
    void a_target_that_the_proxy_does_not_allow_gets_one_attempt_and_a_message() throws IOException {
        try (KimiClient client = client(forbidden, "s3cret").build()) {
            TransportException failure = catchThrowableOfType(TransportException.class, () -> client.chat("Hello?"));

            assertThat(failure.attempts()).isEqualTo(1);
            assertThat(failure).hasMessageContaining("does not allow connections to 127.0.0.1:" + forbidden.port());
            assertThat(forbidden.requests()).isEmpty();
        }
    }

    private KimiClientBuilder client(KimiSimulator simulator, String password) throws IOException {
        Path pem = Files.writeString(folder.resolve("trusted.pem"), service.certificatePem());
        return KimiClient.builder()
                .apiKey("sk-test")
                .baseUrl(simulator.baseUrl())
                .set(Part.TRANSPORT, "trust-certificates", pem.toString())
                .set(Part.TRANSPORT, "proxy.url", proxy.url())
                .set(Part.TRANSPORT, "proxy.username", "ava")
                .set(Part.TRANSPORT, "proxy.password", password)
                .set(Part.TRANSPORT, "proxy.no-proxy", "<-loopback>");
    }
}
