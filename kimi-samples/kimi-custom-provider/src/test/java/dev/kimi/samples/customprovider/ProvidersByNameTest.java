package dev.kimi.samples.customprovider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

@Timeout(60)
class ProvidersByNameTest {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Nothing {}

    @TempDir
    Path folder;

    @Test
    void one_line_of_settings_each_swaps_transport_credentials_and_retries() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "sk-from-a-file");
        try (KimiSimulator service =
                        KimiSimulator.builder().keys("sk-from-a-file").start();
                ConfigurableApplicationContext context = new SpringApplicationBuilder(Nothing.class)
                        .web(WebApplicationType.NONE)
                        .run(
                                "--kimi.base-url=" + service.baseUrl(),
                                "--kimi.transport.provider=stamped",
                                "--kimi.auth.provider=file",
                                "--kimi.auth.path=" + token,
                                "--kimi.retry.preset=patient",
                                "--kimi.retry.delay=1ms")) {
            // The standard rules stop after three attempts.
            Reply unavailable = Reply.unavailable();
            service.reply(unavailable, unavailable, unavailable, unavailable, Reply.text("At last."));

            String response = context.getBean(KimiClient.class).chat("Hi").text();

            assertThat(response).isEqualTo("At last.");
            assertThat(service.requests()).hasSize(5).allSatisfy(request -> {
                assertThat(request.header("authorization")).hasValue("Bearer sk-from-a-file");
                assertThat(stamp(request)).hasSize(16);
            });
            assertThat(service.requests().stream().map(ProvidersByNameTest::stamp))
                    .doesNotHaveDuplicates();
        }
    }

    private static String stamp(ReceivedRequest request) {
        return request.header(StampedTransport.HEADER).orElse("");
    }
}
