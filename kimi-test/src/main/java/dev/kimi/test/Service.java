package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.ChatQuery;
import dev.kimi.test.internal.ChatRules;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.ModelCard;
import dev.kimi.test.internal.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The endpoints: finds the one a request is for and answers as the service would. Lives on the event loop. */
final class Service {

    private final Settings settings;
    private final Script script;
    private final Ticker ticker;
    private final Ids ids = new Ids();
    private final ResponseSender sender;
    private final Map<String, ModelCard> models = ModelCard.onSale();
    private long inferences;

    Service(Settings settings, Script script, Ticker ticker) {
        this.settings = settings;
        this.script = script;
        this.ticker = ticker;
        this.sender = new ResponseSender(settings.gzip, ids);
        settings.models.forEach(id -> models.put(id, ModelCard.further(id)));
    }

    void answer(Exchange exchange, byte[] body) {
        ReceivedRequest received = exchange.received();
        String route = received.method() + " " + received.path();
        switch (route) {
            case "POST /v1/chat/completions" -> withKey(exchange, () -> chat(exchange, body));
            case "POST /v1/tokenizers/estimate-token-count" -> withKey(exchange, () -> estimate(exchange, body));
            case "GET /v1/models" -> withKey(exchange, () -> json(exchange, listing()));
            case "GET /v1/users/me/balance" -> withKey(exchange, () -> json(exchange, balance()));
            default -> sender.whole(exchange, 404, Contents.JSON, notFound(received));
        }
    }

    private void withKey(Exchange exchange, Runnable endpoint) {
        String authorization = exchange.request().getHeader("Authorization");
        String key = authorization != null && authorization.startsWith("Bearer ")
                ? authorization.substring("Bearer ".length()).strip()
                : "";
        if (key.isEmpty()) {
            sender.send(exchange, ApiError.missingKey());
        } else if (!settings.keys.isEmpty() && !settings.keys.contains(key)) {
            sender.send(exchange, ApiError.wrongKey());
        } else {
            endpoint.run();
        }
    }

    private void chat(Exchange exchange, byte[] body) {
        JsonNode json = Json.parse(body);
        if (json == null || !json.isObject()) {
            sender.send(exchange, ApiError.invalid("Invalid request: the body is not a JSON object"));
            return;
        }
        String id = Json.text(json, "model");
        ModelCard model = models.get(id == null ? "" : id);
        if (model == null) {
            sender.send(exchange, ApiError.unknownModel(id == null ? "" : id));
            return;
        }
        ChatQuery query = ChatQuery.of(json, model);
        ApiError breach = settings.validation ? ChatRules.check(query) : null;
        if (breach != null) {
            sender.send(exchange, breach);
            return;
        }
        reply(exchange, query);
    }

    private void reply(Exchange exchange, ChatQuery query) {
        Reply reply = script.next();
        Content.Asked asked =
                new Content.Asked(query, ++inferences, script.latency(), ids.completion(), ticker.epochSeconds());
        sender.send(exchange, reply, reply.content().render(asked));
    }

    private void estimate(Exchange exchange, byte[] body) {
        JsonNode json = Json.parse(body);
        if (json == null || !json.path("messages").isArray()) {
            sender.send(exchange, ApiError.invalid("Invalid request: messages must not be empty"));
            return;
        }
        int tokens = Tokens.ofMessages(json.path("messages"));
        json(exchange, Map.of("data", Map.of("total_tokens", tokens)));
    }

    private Map<String, Object> listing() {
        List<Map<String, Object>> entries = new ArrayList<>();
        models.values().forEach(card -> entries.add(card.listing()));
        return ordered("object", "list", "data", entries);
    }

    private static Map<String, Object> balance() {
        Map<String, Object> amounts = ordered("available_balance", 49.58894, "voucher_balance", 46.58893);
        amounts.put("cash_balance", 3.00001);
        Map<String, Object> body = ordered("code", 0, "data", amounts);
        body.put("scode", "0x0");
        body.put("status", true);
        return body;
    }

    private static byte[] notFound(ReceivedRequest received) {
        Map<String, Object> body = ordered("code", 5, "error", "url.not_found");
        body.put("message", "没找到对象");
        body.put("method", received.method());
        body.put("scode", "0x5");
        body.put("status", false);
        body.put("ua", received.header("User-Agent").orElse(""));
        return Json.write(body).getBytes(StandardCharsets.UTF_8);
    }

    private void json(Exchange exchange, Map<String, Object> body) {
        sender.whole(exchange, 200, Contents.JSON, Json.write(body).getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Object> ordered(String first, Object one, String second, Object two) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(first, one);
        map.put(second, two);
        return map;
    }
}
