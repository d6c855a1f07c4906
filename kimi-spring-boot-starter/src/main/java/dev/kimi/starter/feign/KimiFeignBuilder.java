package dev.kimi.starter.feign;

import dev.kimi.KimiClient;
import feign.Capability;
import feign.Feign;
import feign.InvocationHandlerFactory;
import feign.Retryer;
import feign.optionals.OptionalDecoder;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.cloud.openfeign.FeignBuilderCustomizer;
import org.springframework.cloud.openfeign.support.ResponseEntityDecoder;

/** Gives a Feign client the engine beneath. Applied after everything else, so it also wins over the HTTP client. */
final class KimiFeignBuilder implements FeignBuilderCustomizer {

    private static final String DEFAULT_HOST = "kimi";

    private final EngineClient client;
    private final JsonBodies bodies = new JsonBodies();

    KimiFeignBuilder(ListableBeanFactory beans) {
        Map<String, KimiClient> clients = new HashMap<>();
        BeanFactoryUtils.beansOfTypeIncludingAncestors(beans, KimiClient.class)
                .values()
                .forEach(found -> clients.put(uniform(found.name()), found));
        KimiClient unnamed = beans.getBeanProvider(KimiClient.class).getIfUnique();
        if (unnamed != null) {
            clients.putIfAbsent(DEFAULT_HOST, unnamed);
        }
        client = new EngineClient(host -> clients.get(uniform(host)));
    }

    /** Hosts have no capitals, and a name is the same one with dashes and without, as in the settings. */
    private static String uniform(String name) {
        return name.replace("-", "").toLowerCase(Locale.ROOT);
    }

    @Override
    public void customize(Feign.Builder builder) {
        // the engine retries, within its budget; Feign on top of it would multiply attempts
        builder.client(client)
                .encoder(bodies)
                .decoder(new OptionalDecoder(new ResponseEntityDecoder(bodies)))
                .retryer(Retryer.NEVER_RETRY)
                .addCapability(new Checks(bodies));
    }

    /**
     * Checks a Feign client while it is made, with or without a circuit breaker around it. Public, since Feign calls
     * the methods by reflection.
     */
    public static final class Checks implements Capability {

        private final ReturnTypes types;

        Checks(JsonBodies bodies) {
            types = new ReturnTypes(bodies::canRead);
        }

        @Override
        public InvocationHandlerFactory enrich(InvocationHandlerFactory factory) {
            return (target, methods) -> {
                methods.keySet().forEach(method -> types.check(target.type(), method));
                return factory.create(target, methods);
            };
        }
    }
}
