package dev.kimi.starter.autoconfigure;

import dev.kimi.chat.Provenance;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** For Feign clients of the starter that are missing because the client speaks the other protocol. */
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class OtherProtocolFailureAnalyzer extends AbstractInjectionFailureAnalyzer<NoSuchBeanDefinitionException> {

    // by name, since an application may have left Feign out
    private static final String PACKAGE = "dev.kimi.starter.feign.";
    private static final String FEIGN = "org.springframework.cloud.openfeign.FeignClientBuilder";
    private static final Map<String, String> APIS =
            Map.of(Provenance.OPENAI, PACKAGE + "KimiApi", Provenance.ANTHROPIC, PACKAGE + "ClaudeApi");

    private final @Nullable Environment environment;

    OtherProtocolFailureAnalyzer(@Nullable Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, NoSuchBeanDefinitionException cause, @Nullable String description) {
        String wanted = protocol(cause.getResolvableType());
        if (environment == null || wanted == null || !ClassUtils.isPresent(FEIGN, null)) {
            return null;
        }
        Map<String, String> clients = clients(environment, SwitchedOffFailureAnalyzer.qualifier(rootFailure));
        if (clients.isEmpty() || clients.containsValue(wanted)) {
            return null;
        }
        String other = Objects.requireNonNull(clients.values().iterator().next());
        String spoken = clients.keySet().stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
        return new FailureAnalysis(
                (description == null ? "The application" : description) + " needs a bean of type " + APIS.get(wanted)
                        + ", which has endpoints of the protocol " + wanted + ". The protocol of the "
                        + (clients.size() == 1 ? "client " : "clients ") + spoken + " is " + other + ".",
                "Inject " + APIS.getOrDefault(other, "dev.kimi.KimiClient") + " for it, or add a client that speaks "
                        + wanted + ": kimi.clients.<name>.protocol: " + wanted
                        + ", with its own api-key and model, and inject with its name as the qualifier.",
                cause);
    }

    private static @Nullable String protocol(@Nullable ResolvableType type) {
        return APIS.entrySet().stream()
                .filter(api -> type != null && type.toString().equals(api.getValue()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    /** The protocols of the clients in question: that of the qualifier, or all that settings name. */
    private static Map<String, String> clients(Environment environment, @Nullable String qualifier) {
        Map<String, String> protocols = new TreeMap<>();
        Set<String> named = ClientNames.of(environment);
        for (String client : named) {
            if (qualifier == null || ClientNames.same(client, qualifier)) {
                protocols.put(client, ClientProtocols.of(environment, client));
            }
        }
        if (qualifier == null) {
            protocols.put(ClientSettings.DEFAULT, ClientProtocols.of(environment, ClientSettings.DEFAULT));
        }
        return protocols;
    }
}
