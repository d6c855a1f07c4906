package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.error.TransportException;
import dev.kimi.starter.KimiProperties;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

@Timeout(60)
class ProxyAndTlsTest {

    private static final String BUNDLE = "spring.ssl.bundle.pem.company.";

    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, KimiAutoConfiguration.class));

    @Test
    void calls_and_token_requests_go_through_the_proxy() throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                KimiSimulator issuer =
                        KimiSimulator.builder().oauth2("client", "hunter2").start();
                TunnelServer proxy = new TunnelServer("ava:s3cret")) {
            contexts.withPropertyValues(
                            "kimi.base-url=" + service.baseUrl(),
                            "kimi.auth.provider=oauth2",
                            "kimi.auth.token-uri=" + issuer.baseUrl() + "/oauth/token",
                            "kimi.auth.client-id=client",
                            "kimi.auth.client-secret=hunter2",
                            "kimi.retry.preset=never",
                            "kimi.transport.proxy.url=http://127.0.0.1:" + proxy.port(),
                            "kimi.transport.proxy.username=ava",
                            "kimi.transport.proxy.password=s3cret",
                            "kimi.transport.proxy.no-proxy=api.example.com, <-loopback>")
                    .run(context -> {
                        assertThat(chat(context.getBean(KimiClient.class))).isNotBlank();

                        assertThat(proxy.targets())
                                .contains("127.0.0.1:" + issuer.port(), "127.0.0.1:" + service.port());
                    });
        }
    }

    @Test
    void calls_and_token_requests_trust_whom_the_bundle_trusts() throws IOException {
        try (KimiSimulator service =
                KimiSimulator.builder().tls().oauth2("client", "hunter2").start()) {
            contexts.withPropertyValues(
                            BUNDLE + "truststore.certificate=" + service.certificatePem(),
                            "kimi.transport.ssl-bundle=company",
                            "kimi.base-url=" + service.baseUrl(),
                            "kimi.auth.provider=oauth2",
                            "kimi.auth.token-uri=" + service.baseUrl() + "/oauth/token",
                            "kimi.auth.client-id=client",
                            "kimi.auth.client-secret=hunter2")
                    .run(context ->
                            assertThat(chat(context.getBean(KimiClient.class))).isNotBlank());
        }
    }

    @Test
    void a_bundle_of_a_named_client_is_not_that_of_others() throws IOException {
        try (KimiSimulator service = KimiSimulator.builder().tls().start()) {
            contexts.withPropertyValues(
                            BUNDLE + "truststore.certificate=" + service.certificatePem(),
                            "kimi.base-url=" + service.baseUrl(),
                            "kimi.api-key=sk-test",
                            "kimi.clients.inner.api-key=sk-test",
                            "kimi.clients.inner.transport.ssl-bundle=company")
                    .run(context -> {
                        assertThat(chat(context.getBean("innerKimiClient", KimiClient.class)))
                                .isNotBlank();
                        TransportException failure = catchThrowableOfType(
                                TransportException.class, () -> chat(context.getBean("kimiClient", KimiClient.class)));
                        assertThat(failure.permanent()).isTrue();
                        assertThat(failure.attempts()).isEqualTo(1);
                    });
        }
    }

    @Test
    void a_bundle_that_changes_holds_for_the_next_call(@TempDir Path folder) throws IOException {
        Path trusted = Files.writeString(
                folder.resolve("trusted.pem"),
                TestCertificate.create("127.0.0.2").certificate());
        try (KimiSimulator service = KimiSimulator.builder().tls().start()) {
            contexts.withPropertyValues(
                            BUNDLE + "truststore.certificate=" + trusted.toUri(),
                            BUNDLE + "reload-on-update=true",
                            "spring.ssl.bundle.watch.file.quiet-period=10ms",
                            "kimi.transport.ssl-bundle=company",
                            "kimi.base-url=" + service.baseUrl(),
                            "kimi.api-key=sk-test")
                    .run(context -> {
                        KimiClient client = context.getBean(KimiClient.class);
                        catchThrowableOfType(TransportException.class, () -> chat(client));
                        CompletableFuture<Void> updated = new CompletableFuture<>();
                        context.getBean(SslBundles.class)
                                .addBundleUpdateHandler("company", changed -> updated.complete(null));

                        Files.writeString(trusted, service.certificatePem());

                        updated.get(30, TimeUnit.SECONDS);
                        assertThat(chat(client)).isNotBlank();
                    });
        }
    }

    @Test
    void a_bundle_that_there_is_not_stops_the_start_with_those_there_are() {
        contexts.withPropertyValues(
                        BUNDLE + "truststore.certificate="
                                + TestCertificate.create("127.0.0.1").certificate(),
                        "kimi.api-key=sk-test",
                        "kimi.transport.ssl-bundle=compny")
                .run(context -> {
                    ConfigurationException failure = failure(context.getStartupFailure());
                    assertThat(failure.setting()).isEqualTo("kimi.transport.ssl-bundle");
                    assertThat(failure.problem()).contains("'compny'");
                    assertThat(failure.fix()).contains("company");
                });
    }

    @Test
    void a_bundle_that_cannot_be_read_stops_the_start() {
        contexts.withPropertyValues(
                        BUNDLE + "truststore.certificate=file:/nowhere/trusted.pem",
                        "kimi.api-key=sk-test",
                        "kimi.clients.inner.api-key=sk-test",
                        "kimi.clients.inner.transport.ssl-bundle=company")
                .run(context -> {
                    ConfigurationException failure = failure(context.getStartupFailure());
                    assertThat(failure.setting()).isEqualTo("kimi.clients.inner.transport.ssl-bundle");
                    assertThat(failure.problem()).contains("'company' cannot be read");
                });
    }

    @Test
    void a_wrong_proxy_stops_the_start_and_is_not_shown() {
        contexts.withPropertyValues(
                        "kimi.api-key=sk-test", "kimi.transport.proxy.url=http://ava:hunter2@proxy.example.com:3128")
                .run(context -> {
                    ConfigurationException failure = failure(context.getStartupFailure());
                    assertThat(failure.setting()).isEqualTo("kimi.transport.proxy.url");
                    assertThat(failure.getMessage()).doesNotContain("hunter2", "ava");
                    assertThat(failure.fix()).contains("kimi.transport.proxy.password");
                });
    }

    @Test
    void the_password_is_neither_printed_nor_shown() {
        StandardEnvironment environment = new StandardEnvironment();
        MapPropertySource source = new MapPropertySource(
                "test",
                Map.of(
                        "kimi.transport.proxy.password", "hunter2",
                        "kimi.clients.inner.transport.proxy.password", "hunter2",
                        "kimi.transport.proxy.username", "ava"));
        environment.getPropertySources().addFirst(source);
        contexts.withPropertyValues(
                        "kimi.api-key=sk-test",
                        "kimi.transport.proxy.password=hunter2x",
                        "kimi.transport.proxy.username=ava")
                .run(context -> {
                    KimiProperties properties = context.getBean(KimiProperties.class);
                    assertThat(properties.getTransport().proxy().getPassword()).hasToString("hunter2x");
                    assertThat(properties.getTransport().toString()).doesNotContain("hunter2x");
                    SettingsSanitizer sanitizer =
                            new SettingsSanitizer(environment, context.getBeanProvider(SanitizingFunction.class));
                    for (String name : source.getPropertyNames()) {
                        SanitizableData shown =
                                sanitizer.apply(new SanitizableData(source, name, source.getProperty(name)));
                        assertThat(shown.getValue())
                                .isEqualTo(name.endsWith("username") ? "ava" : SanitizableData.SANITIZED_VALUE);
                    }
                });
    }

    private static String chat(KimiClient client) {
        return client.chat("Hello?").text();
    }
}
