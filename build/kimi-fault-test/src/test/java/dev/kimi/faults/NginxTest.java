package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The server that most services stand behind, as a plain proxy with no fault at all. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class NginxTest {

    @Parameter
    TransportUnderTest transport = TransportUnderTest.HTTP1;

    @TempDir
    Path folder;

    @BeforeEach
    void installed() {
        Nginx.assumeInstalled();
    }

    @Test
    void calls_and_streams_pass_a_proxy_over_tls_before_and_after_its_reload() throws IOException {
        TestCertificate certificate = TestCertificate.create("127.0.0.1");
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), certificate.certificate());
        Nginx.Builder wanted = Nginx.builder().tls(certificate);
        try (KimiSimulator kimi = KimiSimulator.start();
                Nginx nginx = (transport.isMultiplexed() ? wanted.http2() : wanted)
                        .upstream(kimi.port())
                        .start();
                KimiClient client = transport
                        .client()
                        .baseUrl(nginx.baseUrl())
                        .apiKey("sk-test")
                        .set(Part.TRANSPORT, "trust-certificates", trusted.toString())
                        .build()) {
            assertThat(client.chat("Hello?").text()).isNotEmpty();

            nginx.reload();

            assertThat(client.chat("Hello?").text()).isNotEmpty();
            try (var stream = client.stream(ChatRequest.of("Hello?"))) {
                assertThat(stream).isNotEmpty();
            }
            assertThat(kimi.requests()).hasSize(3);
        }
    }
}
