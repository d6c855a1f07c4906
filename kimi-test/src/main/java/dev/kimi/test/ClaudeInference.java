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
import dev.kimi.test.internal.PromptCache;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** A request that was read: why it is rejected, or else what it says. */
    record Checked(@Nullable ApiError error, @Nullable ClaudeCall call) {

        static Checked rejected(ApiError error) {
            return new Checked(error, null);
        }

        /** Why it is rejected; only if there is no call. */
        ApiError rejection() {
            return Objects.requireNonNull(error);
        }
    }

    void handle(ServerExchange exchange, String key, byte[] body) {
        Checked checked = read(headers(exchange), key, body, ClaudeRules.Endpoint.MESSAGES);
        ClaudeCall call = checked.call();
        if (call == null) {
            sender.send(exchange, FORMAT, checked.rejection());
            return;
        }
        Account account = keys.account(key);
        long now = ticker.nanoTime();
        PromptCache.Use use = account.cache().look(call, now);
        long charged = (long) call.tokens() - use.call().cache().read();
        ApiError limited = account.outputSpent(script.limits(), now);
        limited = limited != null ? limited : account.enter(script.limits(), now, charged);
        account.rateLimits(script.limits(), now, ticker.epochSeconds()).forEach(exchange.response()::putHeader);
        if (limited != null) {
            sender.send(exchange, FORMAT, limited);
            return;
        }
        account.cache().keep(use);
        exchange.atEnd(account::leave);
        Content.RenderContext context = inference.context(query(use.call()), requestId(exchange));
        sender.send(exchange, script.next(), context.charging(tokens -> account.generated(now, tokens)));
    }

    /** Counts the input of a request, after the same checks. */
    void count(ServerExchange exchange, String key, byte[] body) {
        Checked checked = read(headers(exchange), key, body, ClaudeRules.Endpoint.COUNT_TOKENS);
        ClaudeCall call = checked.call();
        if (call == null) {
            sender.send(exchange, FORMAT, checked.rejection());
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
            return Checked.rejected(ApiError.tooLarge());
        }
        JsonNode json = Json.parse(body);
        return json == null || !json.isObject()
                ? Checked.rejected(ApiError.invalid("The request body is not valid JSON"))
                : check(headers, key, json, endpoint);
    }

    private Checked check(ClaudeHeaders headers, String key, JsonNode json, ClaudeRules.Endpoint endpoint) {
        ApiError error = settings.validation ? headers.breach() : null;
        String id = json.path("model").asString("");
        if (error == null && id.isEmpty()) {
            error = ApiError.invalid("model: Field required");
        }
        ClaudeModel model = error == null ? ClaudeModel.of(id, settings.models) : null;
        if (model == null) {
            return Checked.rejected(error != null ? error : ApiError.unknownModel(id));
        }
        Prompt prompt = new Prompt(json);
        String account = keys.account(key).organisation();
        boolean batch = endpoint == ClaudeRules.Endpoint.BATCH;
        BoundThinking.Outcome thinking = BoundThinking.Outcome.FINE;
        if (settings.validation) {
            error = ClaudeRules.check(prompt, model, headers, endpoint);
            thinking = error == null ? BoundThinking.check(prompt, model, account, batch) : thinking;
            error = error == null ? thinking.error() : error;
        }
        if (error != null) {
            return Checked.rejected(error);
        }
        String tier = batch ? "batch" : "standard";
        return new Checked(
                null, new ClaudeCall(model, headers, prompt, account, thinking, ClaudeCall.CacheUse.NONE, tier));
    }

    private static String requestId(ServerExchange exchange) {
        String id = exchange.response().headers().get("Request-Id");
        return id == null ? "" : id;
    }
}
