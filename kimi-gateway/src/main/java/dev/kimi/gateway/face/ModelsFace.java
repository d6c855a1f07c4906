package dev.kimi.gateway.face;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.key.Gatekeeper.Caller;
import dev.kimi.service.ModelCard;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Mono;

/** The models that a key may use, in the shape of its client's protocol, from what is known at the moment. */
final class ModelsFace {

    private static final String PATH = "/v1/models";
    private static final int MOST = 1000;

    private final Routes routes;
    private final ModelCatalog catalog;

    ModelsFace(Routes routes, ModelCatalog catalog) {
        this.routes = routes;
        this.catalog = catalog;
    }

    /** A model by the name that clients use. */
    private record Offer(String id, String model, @Nullable ModelCard card) {}

    Mono<Void> handle(Inbound in, Caller caller) {
        String path = in.head().path();
        boolean anthropic = in.dialect().protocol().equals(Provenance.ANTHROPIC);
        Map<String, Offer> offers = offers();
        offers.keySet().removeIf(id -> !caller.mayUse(id));
        if (path.equals(PATH)) {
            List<Offer> all = new ArrayList<>(offers.values());
            return Responses.json(in.response(), in.call(), anthropic ? page(all, in) : list(all));
        }
        Offer one = offers.get(path.substring(PATH.length() + 1));
        if (one == null) {
            throw new GatewayException(
                    GatewayError.of(GatewayError.Kind.NOT_FOUND, 404, "There is no such model for your key."));
        }
        return Responses.json(in.response(), in.call(), anthropic ? anthropic(one) : openai(one));
    }

    private Map<String, Offer> offers() {
        Map<String, Offer> offers = new TreeMap<>();
        KimiClient byDefault = routes.defaultClient();
        KimiClient claude = routes.claude();
        catalog.models(byDefault).forEach((id, card) -> {
            if (claude == null || claude == byDefault || !id.startsWith(Routes.CLAUDE)) {
                offers.put(id, new Offer(id, id, card));
                if (!id.startsWith(Routes.CLAUDE)) {
                    String alias = Routes.aliasOf(id);
                    offers.put(alias, new Offer(alias, id, card));
                }
            }
        });
        if (claude != null && claude != byDefault) {
            catalog.models(claude).forEach((id, card) -> {
                if (id.startsWith(Routes.CLAUDE)) {
                    offers.put(id, new Offer(id, id, card));
                }
            });
        }
        routes.aliases().forEach((alias, target) -> offers.put(alias, new Offer(alias, target, null)));
        return offers;
    }

    private static Map<String, ?> page(List<Offer> all, Inbound in) {
        String raw = in.head().query();
        var query = UriComponentsBuilder.newInstance()
                .query(raw == null ? "" : raw)
                .build()
                .getQueryParams();
        int from = 0;
        String after = query.getFirst("after_id");
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).id().equals(after)) {
                from = i + 1;
            }
        }
        int to = Math.min(all.size(), from + limit(query.getFirst("limit")));
        List<Map<String, ?>> data = new ArrayList<>();
        all.subList(from, to).forEach(offer -> data.add(anthropic(offer)));
        Map<String, @Nullable Object> page = new LinkedHashMap<>();
        page.put("data", data);
        page.put("has_more", to < all.size());
        page.put("first_id", data.isEmpty() ? null : data.get(0).get("id"));
        page.put("last_id", data.isEmpty() ? null : data.get(data.size() - 1).get("id"));
        return page;
    }

    private static int limit(@Nullable String value) {
        if (value == null) {
            return MOST;
        }
        try {
            return Math.max(1, Math.min(MOST, Integer.parseInt(value)));
        } catch (NumberFormatException e) {
            throw new GatewayException(GatewayError.of(
                    GatewayError.Kind.INVALID_REQUEST, 400, "limit must be a number from 1 to " + MOST + "."));
        }
    }

    private static Map<String, ?> list(List<Offer> all) {
        return Map.of(
                "object", "list", "data", all.stream().map(ModelsFace::openai).toList());
    }

    private static Map<String, ?> anthropic(Offer offer) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "model");
        model.put("id", offer.id());
        Object name = extra(offer, "display_name");
        model.put("display_name", name != null ? name : offer.model());
        Object created = extra(offer, "created_at");
        model.put("created_at", created != null ? created : "1970-01-01T00:00:00Z");
        if (!offer.id().equals(offer.model())) {
            model.put("description", "Another name of " + offer.model());
        }
        return model;
    }

    private static Map<String, ?> openai(Offer offer) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("id", offer.id());
        model.put("object", "model");
        Object created = extra(offer, "created");
        model.put("created", created instanceof Number ? created : 0);
        Object owner = extra(offer, "owned_by");
        model.put("owned_by", owner != null ? owner : "kimi-gateway");
        return model;
    }

    private static @Nullable Object extra(Offer offer, String name) {
        return offer.card() == null ? null : offer.card().extra().get(name);
    }
}
