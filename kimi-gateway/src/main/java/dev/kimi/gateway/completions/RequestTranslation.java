package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.CompletionsChat.rejected;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.gateway.hash.Digests;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Says a request for a chat completion in the terms of the engine. What a response would be wrong without is rejected;
 * what only tunes it is left out and noted, as are members that nobody knows.
 */
final class RequestTranslation {

    /** Read elsewhere in this class, or by the gateway itself. */
    private static final Set<String> READ = Set.of(
            "model",
            "messages",
            "stream",
            "stream_options",
            "max_tokens",
            "max_completion_tokens",
            "stop",
            "temperature",
            "top_p",
            "n",
            "logprobs",
            "top_logprobs",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "response_format",
            "reasoning_effort",
            "thinking",
            "user",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention");

    /** Tunes the response, or how the service keeps and bills it. */
    private static final Set<String> DROPPED = Set.of(
            "frequency_penalty",
            "presence_penalty",
            "logit_bias",
            "seed",
            "prediction",
            "verbosity",
            "service_tier",
            "store",
            "metadata");

    /** The response would be another. */
    private static final Set<String> REJECTED = Set.of("audio", "functions", "function_call", "web_search_options");

    private static final Duration SHORT_CACHE = Duration.ofMinutes(5);
    private static final Duration LONG_CACHE = Duration.ofHours(1);

    private final JsonNode body;
    private final ModelCard card;
    private final TranslationNotes notes = new TranslationNotes();
    private final ChatRequest.Builder chat = ChatRequest.builder();

    private RequestTranslation(JsonNode body, ModelCard card) {
        this.body = body;
        this.card = card;
    }

    static RelayForm.Translated of(JsonNode body, RelayTarget target) {
        RequestTranslation translation = new RequestTranslation(body, target.card());
        translation.members();
        translation.outputCap();
        translation.stops();
        translation.sampling();
        ThinkingTranslation thinking = new ThinkingTranslation(body, target.card(), translation.notes);
        thinking.apply(translation.chat);
        translation.format();
        translation.identity();
        new ToolTranslation(body, translation.chat, translation.notes).apply(thinking);
        translation.chat.messages(
                new MessageTranslation(target.card(), translation.notes).messages(body.path("messages")));
        return new RelayForm.Translated(translation.chat.build(), translation.notes.list());
    }

    private void members() {
        for (String name : body.propertyNames()) {
            JsonNode value = body.path(name);
            if (value.isNull() || READ.contains(name)) {
                continue;
            }
            if (REJECTED.contains(name)) {
                throw rejected("The model is one of a service that has no counterpart of \"" + name + "\". Leave it out"
                        + (name.startsWith("function") ? ", and write tools and tool_choice instead." : "."));
            }
            if (name.equals("modalities")) {
                modalities(value);
            } else {
                notes.dropped(DROPPED.contains(name) ? name : "other");
            }
        }
        if (body.hasNonNull("n") && body.path("n").asInt(0) != 1) {
            throw rejected("\"n\" must be 1: the model is one of a service that gives one choice.");
        }
        if (body.path("logprobs").asBoolean(false) || body.path("top_logprobs").asInt(0) > 0) {
            throw rejected("The model is one of a service that gives no \"logprobs\". Leave them out.");
        }
    }

    private static void modalities(JsonNode value) {
        for (JsonNode modality : value) {
            if (!modality.asString("").equals("text")) {
                throw rejected("\"modalities\" must be [\"text\"]: the model writes nothing else.");
            }
        }
    }

    private void outputCap() {
        String name = body.hasNonNull("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return;
        }
        if (!value.isIntegralNumber() || value.asDouble() < 1) {
            throw rejected("\"" + name + "\" must be a whole number of at least 1.");
        }
        long most = card.maxOutputTokens() > 0 ? card.maxOutputTokens() : Integer.MAX_VALUE;
        long cap = (long) Math.min(value.asDouble(), most);
        if (cap < value.asDouble()) {
            notes.changed("max_tokens");
        }
        chat.maxCompletionTokens((int) Math.min(cap, Integer.MAX_VALUE));
    }

    /** A text of blanks alone is rejected by Claude. */
    private void stops() {
        JsonNode stop = body.path("stop");
        List<String> texts = new ArrayList<>(1);
        if (stop.isString()) {
            texts.add(stop.asString());
        } else if (stop.isArray()) {
            stop.forEach(text -> texts.add(Fields.text(text, "stop")));
        } else if (!stop.isNull() && !stop.isMissingNode()) {
            throw rejected("\"stop\" must be a string or an array of strings.");
        }
        if (texts.removeIf(String::isBlank)) {
            notes.dropped("stop");
        }
        if (!texts.isEmpty()) {
            chat.stop(texts);
        }
    }

    /** Left out unless the model is known to take the value. */
    private void sampling() {
        Double temperature = sampled("temperature", Fact.TEMPERATURES);
        if (temperature != null) {
            chat.temperature(temperature);
        }
        Double topP = sampled("top_p", Fact.TOP_PS);
        if (topP != null) {
            chat.topP(topP);
        }
    }

    private @Nullable Double sampled(String name, Fact fact) {
        JsonNode value = body.path(name);
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        Double number = value.isNumber() ? value.asDouble() : null;
        if (card.facts().get(fact) instanceof List<?> taken && number != null && taken.contains(number)) {
            return number;
        }
        notes.dropped(name);
        return null;
    }

    private void format() {
        JsonNode format = body.path("response_format");
        if (format.isNull() || format.isMissingNode()) {
            return;
        }
        switch (format.path("type").asString("")) {
            case "text" -> {
                // what the model writes anyway
            }
            // whoever asks for it must say so in the prompt too
            case "json_object" -> notes.dropped("response_format.json_object");
            case "json_schema" -> schema(format.path("json_schema"));
            default -> throw rejected("\"response_format.type\" must be text, json_object or json_schema.");
        }
    }

    private void schema(JsonNode given) {
        JsonNode schema = given.path("schema");
        if (!schema.isObject()) {
            throw rejected("\"response_format.json_schema.schema\" must be a JSON Schema object.");
        }
        if (given.hasNonNull("description")) {
            notes.dropped("response_format.description");
        }
        chat.responseFormat(ResponseFormat.jsonSchema(given.path("name").asString("response"), schema.toString()));
    }

    private void identity() {
        String user = textOrNull("safety_identifier");
        user = user == null ? textOrNull("user") : user;
        if (user != null) {
            chat.userId(Digests.of(user));
        }
        String key = textOrNull("prompt_cache_key");
        String retention = textOrNull("prompt_cache_retention");
        if (key != null) {
            chat.sessionId(key);
        }
        if (retention != null && !retention.startsWith("in")) {
            notes.changed("prompt_cache_retention");
            chat.cacheLifetime(LONG_CACHE);
        } else if (key != null || retention != null) {
            chat.cacheLifetime(SHORT_CACHE);
        }
    }

    private @Nullable String textOrNull(String name) {
        JsonNode value = body.path(name);
        return value.isString() && !value.asString().isBlank() ? value.asString() : null;
    }
}
