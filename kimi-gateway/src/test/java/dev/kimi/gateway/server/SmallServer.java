package dev.kimi.gateway.server;

import static org.springframework.web.reactive.function.server.RequestPredicates.GET;
import static org.springframework.web.reactive.function.server.RequestPredicates.POST;
import static org.springframework.web.reactive.function.server.RouterFunctions.route;

import dev.kimi.KimiClient;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.FakeKimiClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** A server with a few handlers of its own behind the limits of the gateway. */
final class SmallServer implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private SmallServer(ConfigurableApplicationContext context) {
        this.context = context;
    }

    static SmallServer start(String... properties) {
        List<String> all = new ArrayList<>(List.of(
                "server.port=0",
                "server.address=127.0.0.1",
                "spring.main.banner-mode=off",
                "logging.level.root=warn",
                "management.endpoints.web.exposure.include=health,prometheus",
                "management.endpoint.health.probes.enabled=true"));
        all.addAll(List.of(properties));
        return new SmallServer(new SpringApplicationBuilder(Application.class)
                .run(all.stream().map(property -> "--" + property).toArray(String[]::new)));
    }

    int port() {
        return ((ReactiveWebServerApplicationContext) context).getWebServer().getPort();
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    @Override
    public void close() {
        context.close();
    }

    // no stereotype, so that the gateway's own component scan does not find it
    @EnableAutoConfiguration(exclude = KimiAutoConfiguration.class)
    @Import(ServerConfiguration.class)
    static class Application {

        final AtomicInteger streamsCancelled = new AtomicInteger();
        final Sinks.Many<String> ticks = Sinks.many().multicast().directBestEffort();

        @Bean
        KimiClient client() {
            return new FakeKimiClient();
        }

        @Bean
        RouterFunction<ServerResponse> routes() {
            return route(
                            POST("/v1/echo"),
                            request -> request.bodyToMono(String.class)
                                    .defaultIfEmpty("")
                                    .flatMap(text -> ServerResponse.ok().bodyValue("echo " + text.length())))
                    .andRoute(
                            GET("/v1/hold"),
                            request -> ServerResponse.ok()
                                    .contentType(MediaType.TEXT_EVENT_STREAM)
                                    .body(Flux.concat(Flux.just("first"), Flux.never()), String.class))
                    .andRoute(
                            GET("/v1/ticks"),
                            request -> ServerResponse.ok()
                                    .contentType(MediaType.TEXT_EVENT_STREAM)
                                    .body(Flux.concat(Flux.just("first"), ticks.asFlux()), String.class))
                    .andRoute(
                            GET("/v1/flood"),
                            request -> ServerResponse.ok()
                                    .contentType(MediaType.TEXT_EVENT_STREAM)
                                    .body(
                                            Flux.<String>generate(sink -> sink.next("x".repeat(1000)))
                                                    .doOnCancel(streamsCancelled::incrementAndGet),
                                            String.class));
        }
    }
}
