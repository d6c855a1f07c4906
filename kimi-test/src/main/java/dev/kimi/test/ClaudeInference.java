package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.BoundThinking;
import dev.kimi.test.internal.ChatQuery;
import dev.kimi.test.internal.ClaudeCall;
import dev.kimi.test.internal.ClaudeHeaders;
import dev.kimi.test.internal.ClaudeModel;
import dev.kimi.test.internal.ClaudeRules;
import dev.kimi.test.internal.Json;
import dev.kimi.test.internal.MessagesTranslation;
import dev.kimi.test.internal.Prompt;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Inference in the format of Anthropic's service: checks, charges and replies. Lives on the event loop. */
final class ClaudeInference {

    private static final int MAX_BODY = 32 * 1024 * 1024;
    private static final WireFormat FORMAT = WireFormat.CLAUDE_MESSAGES;

    private final Settings settings;
    private final Script script;
    private final KeyRing keys;
    private final Ticker ticker;
    private final ResponseSender sender;
    private final Inference inference;

    ClaudeInference(
            Settings settings, Script script, KeyRing keys, Ticker ticker, ResponseSender sender, Inference inference) {
        this.settings = settings;
        this.script = script;
        this.keys = keys;
        this.ticker = ticker;
        this.sender = sender;
        this.inference = inference;
    }

    /** A request that was read: either what is wrong with it, or what it says. */
    record Checked(@Nullable ApiError error, @Nullable ClaudeCall call) {}

    void handle(ServerExchange exchange, String key, byte[] body) {
        Checked checked = read(headers(exchange), key, body, ClaudeRules.Endpoint.MESSAGES);
        Account account = keys.account(key);
        long now = ticker.nanoTime();
        ClaudeCall call = checked.call();
        ApiError error = checked.error();
        if (call != null && error == null) {
            call = account.cache().use(call, now);
            long charged = (long) call.tokens() - call.cache().read();
            error = account.enter(script.limits(), now, charged);
            account.rateLimits(script.limits(), now, ticker.epochSeconds()).forEach(exchange.response()::putHeader);
        }
        if (call == null || error != null) {
            sender.send(exchange, FORMAT, error == null ? ApiError.invalid("Invalid request") : error);
            return;
        }
        exchange.atEnd(account::leave);
        sender.send(exchange, script.next(), inference.context(query(call), requestId(exchange)));
    }

    /** Counts the input of a request, after the same checks. */
    void count(ServerExchange exchange, String key, byte[] body) {
        Checked checked = read(headers(exchange), key, body, ClaudeRules.Endpoint.COUNT_TOKENS);
        ClaudeCall call = checked.call();
        if (call == null) {
            ApiError error = checked.error();
            sender.send(exchange, FORMAT, error == null ? ApiError.invalid("Invalid request") : error);
            return;
        }
        byte[] counted = Json.write(Map.of("input_tokens", call.tokens())).getBytes(StandardCharsets.UTF_8);
        sender.whole(exchange, 200, Contents.JSON, counted);
    }

    /** Checks the parameters of an item of a batch. */
    Checked item(ClaudeHeaders headers, String key, JsonNode params) {
        return check(headers, key, params, ClaudeRules.Endpoint.BATCH);
    }

    static ChatQuery query(ClaudeCall call) {
        return ChatQuery.of(MessagesTranslation.toChat(call.prompt().request()), call);
    }

    static ClaudeHeaders headers(ServerExchange exchange) {
        List<String> betas = exchange.request().headers().getAll("anthropic-beta");
        return ClaudeHeaders.of(exchange.request().getHeader("anthropic-version"), betas);
    }

    private Checked read(ClaudeHeaders headers, String key, byte[] body, ClaudeRules.Endpoint endpoint) {
        if (body.length > MAX_BODY) {
            return new Checked(ApiError.tooLarge(), null);
        }
        JsonNode json = Json.parse(body);
        return json == null || !json.isObject()
                ? new Checked(ApiError.invalid("The request body is not valid JSON"), null)
                : check(headers, key, json, endpoint);
    }

    private Checked check(ClaudeHeaders headers, String key, JsonNode json, ClaudeRules.Endpoint endpoint) {
        ApiError error = settings.validation ? headers.breach() : null;
        if (error != null) {
            return new Checked(error, null);
        }
        String id = json.path("model").asString("");
        ClaudeModel model = id.isEmpty() ? null : ClaudeModel.of(id, settings.models);
        if (model == null) {
            return new Checked(
                    id.isEmpty() ? ApiError.invalid("model: Field required") : ApiError.unknownModel(id), null);
        }
        Prompt prompt = new Prompt(json);
        String account = keys.account(key).organisation();
        BoundThinking.Outcome thinking = BoundThinking.Outcome.FINE;
        boolean batch = endpoint == ClaudeRules.Endpoint.BATCH;
        if (settings.validation) {
            error = ClaudeRules.check(prompt, model, headers, endpoint);
            thinking = error == null ? BoundThinking.check(prompt, model, account, batch) : thinking;
            error = error == null ? thinking.error() : error;
        }
        String tier = batch ? "batch" : "standard";
        ClaudeCall call = new ClaudeCall(model, headers, prompt, account, thinking, ClaudeCall.CacheUse.NONE, tier);
        return error == null ? new Checked(null, call) : new Checked(error, null);
    }

    private static String requestId(ServerExchange exchange) {
        String id = exchange.response().headers().get("Request-Id");
        return id == null ? "" : id;
    }
}
