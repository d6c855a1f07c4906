package dev.kimi.gateway.admin;

import dev.kimi.Diagnostics;
import dev.kimi.Diagnostics.Circuit;
import dev.kimi.KimiClient;
import dev.kimi.gateway.key.MemoryKeys;
import dev.kimi.test.FakeKimiClient;
import dev.kimi.transport.PoolState;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.client.ReactorResourceFactory;

/** A server with nothing but the admin face, whose calls, keys and circuits a test plays. */
final class AdminApplication implements AutoCloseable {

    static final String TOKEN = "an-admin-token-of-a-test";

    private final ConfigurableApplicationContext context;

    AdminApplication(String... settings) {
        List<String> args = new ArrayList<>(
                List.of("--spring.main.banner-mode=off", "--spring.config.location=optional:classpath:/nowhere/"));
        args.addAll(List.of(settings));
        if (args.stream().noneMatch(argument -> argument.startsWith("--server.port="))) {
            args.add("--server.port=0");
        }
        context = new SpringApplication(Slice.class).run(args.toArray(String[]::new));
    }

    /** With a token, on loopback. */
    static AdminApplication withToken() {
        return new AdminApplication("--server.address=127.0.0.1", "--kimi.gateway.admin.token=" + TOKEN);
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    AdminFigures figures() {
        return bean(AdminFigures.class);
    }

    MemoryKeys keys() {
        return bean(MemoryKeys.class);
    }

    int port() {
        return Integer.parseInt(Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port")));
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    @Override
    public void close() {
        context.close();
    }

    /** No component, so that the gateway's own scan does not find it. */
    @ImportAutoConfiguration({
        NettyReactiveWebServerAutoConfiguration.class,
        HttpHandlerAutoConfiguration.class,
        WebFluxAutoConfiguration.class
    })
    @Import(AdminConfiguration.class)
    static class Slice {

        @Bean
        ReactorResourceFactory resources() {
            return ownResources();
        }

        @Bean
        MemoryKeys keys() {
            return new MemoryKeys();
        }

        @Bean
        Circuits circuits() {
            return new Circuits();
        }

        @Bean
        KimiClient kimi(Circuits circuits) {
            return client("kimi", circuits);
        }

        @Bean
        KimiClient claude(Circuits circuits) {
            return client("claude", circuits);
        }
    }

    /** Of one application: those that all of a JVM share end with the first one that is closed. */
    static ReactorResourceFactory ownResources() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setShutdownQuietPeriod(Duration.ZERO);
        return resources;
    }

    /** A client that says this of its circuits. */
    static KimiClient client(String name, Circuits circuits) {
        FakeKimiClient fake = new FakeKimiClient(name);
        Class<?>[] types = {KimiClient.class};
        return (KimiClient) Proxy.newProxyInstance(
                KimiClient.class.getClassLoader(), types, (proxy, method, arguments) -> switch (method.getName()) {
                    case "baseUrl" -> URI.create("https://" + name + ".example");
                    case "protocol" -> name.equals("claude") ? "anthropic" : "openai";
                    case "model" -> name.equals("claude") ? "claude-sonnet-5-5" : "kimi-k3";
                    case "diagnostics" -> circuits.diagnostics();
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> method.invoke(fake, arguments);
                });
    }

    /** What the clients say of their circuits. */
    static final class Circuits {
        private volatile List<Circuit> circuits = List.of();

        void are(Circuit... now) {
            circuits = List.of(now);
        }

        private Diagnostics diagnostics() {
            PoolState pool =
                    PoolState.builder().active(3).idle(5).pending(0).max(64).build();
            return new Diagnostics(new Diagnostics.Calls(2, 0, 4, 7, 1), 5, 0, 480, 0, 0, pool, circuits);
        }
    }
}
