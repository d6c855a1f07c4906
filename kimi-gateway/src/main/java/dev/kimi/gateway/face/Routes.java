package dev.kimi.gateway.face;

import dev.kimi.KimiClient;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Which client gets the calls for a model, by the name that the gateway's clients use. */
final class Routes {

    static final String CLAUDE = "claude";
    private static final String DEFAULT = "default";
    private static final String ALIAS = "claude-";
    private static final String OTHER_ALIAS = "claude-kimi-";

    private final Map<String, KimiClient> clients = new LinkedHashMap<>();
    private final Map<String, String> aliases;
    private final BiPredicate<KimiClient, String> known;

    /** A client and the model that it is to ask. */
    record Route(KimiClient client, String model) {}

    /** @param known whether a client's service has a model */
    Routes(Collection<KimiClient> clients, Map<String, String> aliases, BiPredicate<KimiClient, String> known) {
        clients.forEach(client -> this.clients.put(client.name(), client));
        if (this.clients.isEmpty()) {
            throw new IllegalStateException(
                    "The gateway has no client of a service: set kimi.api-key, or a client below kimi.clients.");
        }
        this.aliases = aliases;
        this.known = known;
    }

    Map<String, String> aliases() {
        return aliases;
    }

    KimiClient defaultClient() {
        KimiClient named = clients.get(DEFAULT);
        return named == null ? clients.values().iterator().next() : named;
    }

    /** The one that speaks Anthropic's protocol, or null. */
    @Nullable KimiClient claude() {
        KimiClient named = clients.get(CLAUDE);
        if (named != null) {
            return named;
        }
        return clients.values().stream()
                .filter(client -> client.protocol().equals(dev.kimi.chat.Provenance.ANTHROPIC))
                .findFirst()
                .orElse(null);
    }

    /** The name under which Claude Code finds a model of Kimi, since it ignores names without {@code claude}. */
    static String aliasOf(String kimisModel) {
        return (kimisModel.startsWith("kimi-") ? ALIAS : OTHER_ALIAS) + kimisModel;
    }

    /** @throws GatewayException with status 404 if no service has the model */
    Route of(String model) {
        String configured = aliases.get(model);
        if (configured != null) {
            return ofConfigured(configured);
        }
        KimiClient byDefault = defaultClient();
        if (model.startsWith(OTHER_ALIAS)) {
            String kimis = model.substring(ALIAS.length());
            if (known.test(byDefault, kimis)) {
                return new Route(byDefault, kimis);
            }
            String other = model.substring(OTHER_ALIAS.length());
            if (known.test(byDefault, other)) {
                return new Route(byDefault, other);
            }
            throw unknown(model);
        }
        KimiClient claude = clients.get(CLAUDE);
        if (claude != null && model.startsWith(CLAUDE)) {
            return new Route(claude, model);
        }
        if (known.test(byDefault, model)) {
            return new Route(byDefault, model);
        }
        throw unknown(model);
    }

    private Route ofConfigured(String target) {
        int slash = target.indexOf('/');
        KimiClient named = slash < 0 ? null : clients.get(target.substring(0, slash));
        return named == null ? new Route(defaultClient(), target) : new Route(named, target.substring(slash + 1));
    }

    private static GatewayException unknown(String model) {
        String shown = model.length() > 100 ? model.substring(0, 100) + "..." : model;
        return new GatewayException(GatewayError.of(
                GatewayError.Kind.NOT_FOUND,
                404,
                "There is no model '" + shown + "' here. GET /v1/models lists those that there are."));
    }
}
