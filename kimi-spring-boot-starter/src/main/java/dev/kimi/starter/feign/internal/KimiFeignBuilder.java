package dev.kimi.starter.feign.internal;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.internal.ClientHosts;
import feign.Capability;
import feign.Feign;
import feign.InvocationHandlerFactory;
import feign.Logger;
import feign.Retryer;
import feign.optionals.OptionalDecoder;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.cloud.openfeign.FeignBuilderCustomizer;
import org.springframework.cloud.openfeign.support.ResponseEntityDecoder;
import org.springframework.core.annotation.AnnotationUtils;

/** Gives a Feign client the engine beneath. Applied after everything else, so it also wins over the HTTP client. */
public final class KimiFeignBuilder implements FeignBuilderCustomizer {

    private final ClientHosts hosts;
    private final StreamedBodies streamed = new StreamedBodies();
    private final JsonBodies bodies = new JsonBodies(streamed);

    public KimiFeignBuilder(ListableBeanFactory beans) {
        hosts = new ClientHosts(beans);
    }

    /** What carries the requests. */
    public EngineClient client() {
        return new EngineClient(hosts, streamed);
    }

    @Override
    public void customize(Feign.Builder builder) {
        // the engine retries, within its budget; Feign on top of it would multiply attempts
        builder.client(client())
                .encoder(bodies)
                .decoder(new OptionalDecoder(new ResponseEntityDecoder(bodies)))
                .retryer(Retryer.NEVER_RETRY)
                // streams are read later, and what else there is to close is in memory
                .doNotCloseAfterDecode()
                .addCapability(new Checks(hosts, new ReturnTypes(bodies)));
    }

    /**
     * Checks a Feign client while it is made, with or without a circuit breaker around it, and keeps secrets out of its
     * log. Public, since Feign calls the methods by reflection.
     */
    public static final class Checks implements Capability {

        private final ClientHosts hosts;
        private final ReturnTypes types;

        Checks(ClientHosts hosts, ReturnTypes types) {
            this.hosts = hosts;
            this.types = types;
        }

        @Override
        public InvocationHandlerFactory enrich(InvocationHandlerFactory factory) {
            return (target, methods) -> {
                check(target.type(), target.url());
                methods.keySet().forEach(method -> types.check(target.type(), method));
                return factory.create(target, methods);
            };
        }

        private void check(Class<?> type, String url) {
            String user = "The Feign client " + type.getName();
            KimiClient client = hosts.check(type.getName(), user + " has KimiFeignConfiguration", url);
            Speaks speaks = AnnotationUtils.findAnnotation(type, Speaks.class);
            if (client == null
                    || speaks == null
                    || client.protocol().isEmpty()
                    || client.protocol().equals(speaks.value())) {
                return;
            }
            throw new ConfigurationException(
                    type.getName(),
                    user + " has endpoints of the protocol " + speaks.value() + ", and the client '"
                            + ClientHosts.host(url) + "' that it runs over speaks " + client.protocol() + ".",
                    "Use " + (Provenance.ANTHROPIC.equals(client.protocol()) ? "ClaudeApi" : "KimiApi")
                            + " for that client, or a client whose protocol is " + speaks.value() + ".");
        }

        @Override
        public Logger enrich(Logger logger) {
            return new QuietLogger(logger);
        }
    }
}
