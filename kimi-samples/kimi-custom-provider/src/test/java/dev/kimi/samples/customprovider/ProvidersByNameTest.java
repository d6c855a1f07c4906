package dev.kimi.samples.customprovider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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

    @ParameterizedTest
    @CsvSource({
        "file, kimi.auth.pth, kimi.auth.path",
        "api-key, kimi.auth.pth, kimi.auth.path",
        "file, kimi.retry.dely, kimi.retry.delay"
    })
    void a_typo_in_a_setting_of_this_jar_stops_the_start_of_an_application(String provider, String typo, String meant)
            throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "sk-from-a-file");

        assertThatThrownBy(() -> new SpringApplicationBuilder(Nothing.class)
                        .web(WebApplicationType.NONE)
                        .run("--kimi.auth.provider=" + provider, "--kimi.api-key=sk-test", "--" + typo + "=" + token))
                .hasStackTraceContaining("There is no setting " + typo)
                .hasStackTraceContaining("Did you mean " + meant + "?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "api-key"})
    void in_plain_java_it_is_the_same_sentence(String provider) {
        KimiClientBuilder builder = KimiClient.builder()
                .apiKey("sk-test")
                .provider(Part.AUTH, provider)
                .set(Part.AUTH, "pth", "a");

        assertThatThrownBy(builder::build)
                .hasMessage("There is no setting kimi.auth.pth. Did you mean kimi.auth.path?");
    }

    /** Editors complete and explain what this jar's metadata lists; the check goes by what its factories declare. */
    @Test
    void editors_know_the_settings_of_this_jar() throws Exception {
        String metadata = metadata();
        Set<String> declared = new TreeSet<>();
        new FileCredentialsProviderFactory().settings().forEach(name -> declared.add("kimi.auth." + name));
        new PatientRetryPolicyFactory().settings().forEach(name -> declared.add("kimi.retry." + name));

        assertThat(declared).allSatisfy(name -> assertThat(metadata).contains("\"name\": \"" + name + "\""));
    }

    private static String metadata() throws Exception {
        StringBuilder all = new StringBuilder();
        for (URL found : Collections.list(ProvidersByNameTest.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream file = found.openStream()) {
                all.append(new String(file.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return all.toString();
    }

    private static String stamp(ReceivedRequest request) {
        return request.header(StampedTransport.HEADER).orElse("");
    }
}
