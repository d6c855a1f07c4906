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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The endpoints: finds the one a request is for and answers as the service would. Lives on the event loop. */
final class Service {

    private static final int MAX_BODY = 100 * 1024 * 1024;

    private final Settings settings;
    private final Script script;
    private final KeyRing keys;
    private final @Nullable OAuthTokens tokens;
    private final Ticker ticker;
    private final Ids ids = new Ids();
    private final ResponseSender sender;
    private final Map<String, ModelCard> models = ModelCard.onSale();
    private long inferences;

    Service(Settings settings, Script script, Ticker ticker, @Nullable OAuthTokens tokens) {
        this.tokens = tokens;
        this.keys = new KeyRing(settings, tokens);
        this.settings = settings;
        this.script = script;
        this.ticker = ticker;
        this.sender = new ResponseSender(settings.gzip, ids);
        settings.models.forEach(id -> models.put(id, ModelCard.further(id)));
    }

    void answer(Exchange exchange, byte[] body) {
        ReceivedRequest received = exchange.received();
        switch (received.method() + " " + received.path()) {
            case "POST /v1/chat/completions" -> withKey(exchange, key -> chat(exchange, key, body));
            case "POST /v1/tokenizers/estimate-token-count" -> withKey(exchange, key -> estimate(exchange, body));
            case "GET /v1/models" -> withKey(exchange, key -> json(exchange, listing()));
            case "GET /v1/users/me/balance" -> withKey(exchange, key -> json(exchange, balance()));
            case "POST /oauth/token" -> token(exchange, body);
            default -> sender.whole(exchange, 404, Contents.JSON, notFound(exchange));
        }
    }

    /** Forgets what accounts have used. */
    void reset() {
        keys.clear();
    }

    private void withKey(Exchange exchange, Consumer<String> endpoint) {
        String key = KeyRing.key(exchange.request().getHeader("Authorization"));
        ApiError refusal = keys.refusal(key);
        if (refusal != null) {
            sender.send(exchange, refusal);
        } else {
            endpoint.accept(key);
        }
    }

    private void token(Exchange exchange, byte[] body) {
        if (tokens == null) {
            sender.whole(exchange, 404, Contents.JSON, notFound(exchange));
            return;
        }
        OAuthTokens.Answer answer = tokens.answer(exchange.request().getHeader("Authorization"), body);
        exchange.response().putHeader("Cache-Control", "no-store");
        if (answer.status() == 401) {
            exchange.response().putHeader("WWW-Authenticate", "Basic realm=\"kimi-simulator\"");
        }
        Runnable send = () -> sender.whole(exchange, answer.status(), Contents.JSON, answer.body());
        exchange.later(answer.delay().toNanos(), send);
    }

    private void chat(Exchange exchange, String key, byte[] body) {
        if (body.length > MAX_BODY) {
            sender.send(exchange, ApiError.of(413, "invalid_request_error", "Request exceeds the maximum size"));
            return;
        }
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
        breach = breach != null ? breach : enter(exchange, key, query);
        if (breach != null) {
            sender.send(exchange, breach);
            return;
        }
        reply(exchange, query);
    }

    private @Nullable ApiError enter(Exchange exchange, String key, ChatQuery query) {
        Account account = keys.account(key);
        long tokens = (long) query.promptTokens() + query.maxTokens();
        ApiError refusal = account.enter(script.limits(), ticker.nanoTime(), tokens);
        if (refusal == null) {
            exchange.atEnd(account::leave);
        }
        return refusal;
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

    private static byte[] notFound(Exchange exchange) {
        Map<String, Object> body = ordered("code", 5, "error", "url.not_found");
        body.put("message", "没找到对象");
        body.put("method", exchange.received().method());
        body.put("scode", "0x5");
        body.put("status", false);
        String agent = exchange.request().getHeader("User-Agent");
        body.put("ua", agent == null ? "" : agent);
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
