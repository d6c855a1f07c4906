package dev.kimi.gateway.face;

import dev.kimi.KimiClient;
import dev.kimi.gateway.call.GatewayListener;
import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.key.Gatekeeper;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;

/** Puts the faces together. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewayProperties.class)
final class FaceConfiguration {

    @Bean
    @ConditionalOnMissingBean
    Pace pace() {
        return Pace.ofMachine();
    }

    @Bean
    EngineCallbacks engineCallbacks() {
        return new EngineCallbacks();
    }

    @Bean
    ModelCatalog modelCatalog(Pace pace, ObjectProvider<KimiClient> clients) {
        ModelCatalog catalog = new ModelCatalog(pace);
        clients.stream().forEach(catalog::keepReading);
        return catalog;
    }

    @Bean
    Routes routes(ObjectProvider<KimiClient> clients, GatewayProperties properties, ModelCatalog catalog) {
        return new Routes(clients.stream().toList(), properties.models(), catalog::knows);
    }

    @Bean
    GatewayHandler gatewayHandler(
            ObjectProvider<Dialect> dialects,
            Gatekeeper gatekeeper,
            CallEvents callEvents,
            GatewayProperties properties,
            GatewayHandler.Faces faces) {
        return new GatewayHandler(dialects.stream().toList(), gatekeeper, callEvents, properties, faces);
    }

    @Bean
    CallEvents callEvents(ObjectProvider<GatewayListener> listeners, Pace pace) {
        return new CallEvents(listeners.orderedStream().toList(), pace.time());
    }

    @Bean
    GatewayHandler.Faces gatewayFaces(Routes routes, Pace pace, GatewayProperties properties, ModelCatalog catalog) {
        return new GatewayHandler.Faces(
                new ChatFace(routes, pace, properties),
                new CountFace(routes, properties),
                new ModelsFace(routes, catalog),
                new PassThrough(routes, properties));
    }

    /** Behind everything else, since it also responds where there is nothing. */
    @Bean
    SimpleUrlHandlerMapping gatewayMapping(GatewayHandler handler) {
        return new SimpleUrlHandlerMapping(Map.of("/**", handler), Ordered.LOWEST_PRECEDENCE - 10);
    }
}
