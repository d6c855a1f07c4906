package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.ChatQuery;
import dev.kimi.test.internal.ChatRules;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.KimiMessageRules;
import dev.kimi.test.internal.MessagesTranslation;
import dev.kimi.test.internal.ModelCard;
import dev.kimi.test.internal.WireFormat;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** The endpoints of inference in the formats of Kimi: checks, charges and replies. Lives on the event loop. */
final class Inference {

    private static final IntConsumer NOTHING = tokens -> {};
    private static final int MAX_BODY = 100 * 1024 * 1024;
    private static final JsonNode NO_REQUEST = MissingNode.getInstance();

    private final Settings settings;
    private final Script script;
    private final KeyRing keys;
    private final Ticker ticker;
    private final ResponseSender sender;
    private final Ids ids;
    private final Map<String, ModelCard> models = ModelCard.onSale();
    private long requests;

    Inference(Settings settings, Script script, KeyRing keys, Ticker ticker, ResponseSender sender, Ids ids) {
        this.settings = settings;
        this.script = script;
        this.keys = keys;
        this.ticker = ticker;
        this.sender = sender;
        this.ids = ids;
        settings.models.forEach(id -> models.put(id, ModelCard.further(id)));
    }

    Map<String, ModelCard> models() {
        return models;
    }

    void handle(ServerExchange exchange, WireFormat format, String key, byte[] body) {
        JsonNode json = body.length > MAX_BODY ? null : Json.parse(body);
        if (json == null || !json.isObject()) {
            sender.send(exchange, format, unreadable(body));
            return;
        }
        ModelCard model = model(json);
        if (model == null) {
            sender.send(exchange, format, unknownModel(json));
            return;
        }
        ChatQuery query = ChatQuery.of(format.messages() ? MessagesTranslation.toChat(json) : json, model, format);
        ApiError rejection = settings.validation ? breach(query, json) : null;
        rejection = rejection != null ? rejection : enter(exchange, key, query);
        if (rejection != null) {
            sender.send(exchange, format, rejection);
            return;
        }
        sender.send(exchange, script.next(), context(query, null));
    }

    /** An item of a batch: what a reply needs to know of it, or what is wrong with it. */
    record Item(
            Content.@Nullable RenderContext context,
            @Nullable ApiError rejection) {}

    /** Checks a request that came in a file; the limits of the account are not for it. */
    Item item(JsonNode json) {
        ModelCard model = model(json);
        if (model == null) {
            return new Item(null, unknownModel(json));
        }
        ChatQuery query = ChatQuery.of(json, model, WireFormat.CHAT);
        ApiError rejection = settings.validation ? breach(query, json) : null;
        return rejection == null ? new Item(context(query, null), null) : new Item(null, rejection);
    }

    private @Nullable ModelCard model(JsonNode json) {
        return models.get(json.path("model").asString(""));
    }

    private static ApiError unknownModel(JsonNode json) {
        return ApiError.unknownModel(json.path("model").asString(""));
    }

    private static @Nullable ApiError breach(ChatQuery query, JsonNode json) {
        ApiError error = query.format().messages() ? KimiMessageRules.check(json) : null;
        return error != null ? error : ChatRules.check(query);
    }

    /** What a reply needs to know of a request that was accepted; without an id of its own it has the completion's. */
    Content.RenderContext context(ChatQuery query, @Nullable String requestId) {
        String id = ids.completion();
        String ofRequest = requestId == null ? id : requestId;
        return new Content.RenderContext(
                query, ++requests, script.latency(), id, ofRequest, ticker.epochSeconds(), NOTHING);
    }

    /** The same of a request that nobody has looked at. */
    Content.RenderContext unchecked(String path, byte[] body) {
        JsonNode json = Json.parse(body);
        JsonNode request = json == null ? NO_REQUEST : json;
        WireFormat format = path.startsWith("/v1/messages") ? WireFormat.CLAUDE_MESSAGES : WireFormat.CHAT;
        ModelCard model = ModelCard.further(request.path("model").asString(""));
        return context(ChatQuery.of(request, model, format), null);
    }

    private @Nullable ApiError enter(ServerExchange exchange, String key, ChatQuery query) {
        Account account = keys.account(key);
        long tokens = (long) query.promptTokens() + query.maxTokens();
        ApiError rejection = account.enter(script.limits(), ticker.nanoTime(), tokens);
        if (rejection == null) {
            exchange.atEnd(account::leave);
        }
        return rejection;
    }

    private static ApiError unreadable(byte[] body) {
        return body.length > MAX_BODY
                ? ApiError.tooLarge()
                : ApiError.invalid("Invalid request: the body is not a JSON object");
    }
}
