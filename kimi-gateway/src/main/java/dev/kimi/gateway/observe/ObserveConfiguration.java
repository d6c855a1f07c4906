package dev.kimi.gateway.observe;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The listeners of calls that are there for operators. */
@Configuration(proxyBeanMethods = false)
final class ObserveConfiguration {

    @Bean
    RequestLog gatewayRequestLog() {
        return new RequestLog();
    }

    @Bean
    GatewayMeters gatewayMeters(MeterRegistry registry, ObjectProvider<KimiClient> clients) {
        Map<String, String> providers = new ConcurrentHashMap<>();
        return new GatewayMeters(
                registry, endpoint -> providers.computeIfAbsent(endpoint, name -> provider(name, clients)));
    }

    /** Who is behind an endpoint: its host says so, or else its protocol. */
    private static String provider(String endpoint, ObjectProvider<KimiClient> clients) {
        return clients.stream()
                .filter(client -> client.name().equals(endpoint))
                .findFirst()
                .map(ObserveConfiguration::provider)
                .orElse(FirstNames.OTHER);
    }

    private static String provider(KimiClient client) {
        String host = String.valueOf(client.baseUrl().getHost());
        boolean anthropic = host.endsWith("anthropic.com")
                || client.protocol().equals(Provenance.ANTHROPIC)
                        && !host.contains("moonshot")
                        && !host.contains("kimi");
        return anthropic ? "anthropic" : "moonshot_ai";
    }
}
