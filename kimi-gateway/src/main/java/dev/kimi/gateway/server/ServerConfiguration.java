package dev.kimi.gateway.server;

import dev.kimi.KimiClient;
import dev.kimi.gateway.dialect.Dialect;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.util.unit.DataSize;

/** Puts limits and draining around Boot's server. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ServerLimits.class)
final class ServerConfiguration {

    /**
     * Threads of its own: those that are shared in a process end with the first server that is closed. They need no
     * quiet time at the end, since all calls have ended by then.
     */
    @Bean
    @ConditionalOnMissingBean
    ReactorResourceFactory reactorResourceFactory(
            @Value("${spring.reactor.netty.shutdown-quiet-period:0s}") Duration quiet) {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setShutdownQuietPeriod(quiet);
        return resources;
    }

    @Bean
    Http2OverTls gatewayHttp2OverTls(Environment environment) {
        return new Http2OverTls(environment);
    }

    @Bean
    ServerCounters gatewayServerCounters(ObjectProvider<MeterRegistry> registry) {
        return new ServerCounters(registry.getIfAvailable(SimpleMeterRegistry::new));
    }

    @Bean
    ClientAddresses gatewayClientAddresses(ServerLimits limits) {
        return new ClientAddresses(limits.trustedProxies());
    }

    @Bean
    ConnectionGuard gatewayConnectionGuard(
            ServerLimits limits,
            ServerCounters counters,
            ClientAddresses addresses,
            @Value("${server.netty.idle-timeout:75s}") Duration idle,
            @Value("${server.max-http-request-header-size:8KB}") DataSize headers) {
        return new ConnectionGuard(limits, new ConnectionGuard.Boot(idle, headers), counters, addresses);
    }

    @Bean
    Drain gatewayDrain(ServerLimits limits, ConnectionGuard connections, ObjectProvider<KimiClient> clients) {
        return new Drain(limits.drain(), connections, clients::stream);
    }

    @Bean
    ServerFilter.Rules gatewayServerRules(ServerLimits limits, ClientAddresses addresses, ServerCounters counters) {
        return new ServerFilter.Rules(limits, addresses, counters);
    }

    @Bean
    ServerFilter gatewayServerFilter(
            Drain drain,
            ServerFilter.Rules rules,
            ObjectProvider<Dialect> dialects,
            @Value("${management.endpoints.web.base-path:/actuator}") String management) {
        return new ServerFilter(drain, rules, dialects.orderedStream().toList(), management + "/");
    }
}
