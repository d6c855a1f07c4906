package dev.kimi.starter.feign;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.kimi.chat.Provenance;
import dev.kimi.starter.feign.internal.Speaks;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;

/**
 * The service's endpoints as a Feign client, for those who want its own JSON. There is one per
 * {@link dev.kimi.KimiClient} whose protocol is {@code openai}: the one that is injected without a qualifier runs over
 * the default client, the others by the names of theirs; see {@link ClaudeApi} for the other protocol. Calls block, an
 * interrupt cancels them, and they throw exceptions below {@link dev.kimi.error.KimiException}; a response of another
 * shape is a {@link feign.FeignException}. Responses arrive whole; for streams, tools and checks of the request take
 * the client. Thread-safe.
 *
 * <p>Responses tolerate what the service adds or leaves out: unknown members are ignored, missing lists are empty,
 * other missing members null or zero.
 */
@Speaks(Provenance.OPENAI)
public interface KimiApi {

    /** Sends a chat completion request and waits for the whole response. */
    @PostMapping("/v1/chat/completions")
    ChatCompletion chat(@RequestBody ChatCompletionRequest request);

    /** The models on offer. */
    @GetMapping("/v1/models")
    Models models();

    /** How many tokens the service counts in the messages; tools are not counted. */
    @PostMapping("/v1/tokenizers/estimate-token-count")
    TokenEstimate estimateTokens(@RequestBody ChatCompletionRequest request);

    /** What is left on the account. */
    @GetMapping("/v1/users/me/balance")
    Balance balance();

    /**
     * What to ask.
     *
     * @param model such as {@code kimi-k3}; {@code kimi.model} is not applied here
     * @param messages the conversation so far
     * @param maxCompletionTokens maximum tokens of the response, or null for the service's default
     * @param more further members by their names in JSON
     */
    record ChatCompletionRequest(
            String model,
            List<ChatMessage> messages,
            @JsonProperty("max_completion_tokens") @Nullable Integer maxCompletionTokens,
            @JsonAnyGetter Map<String, @Nullable Object> more) {

        public ChatCompletionRequest {
            Objects.requireNonNull(model, "model");
            messages = List.copyOf(messages);
            more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
            if (Boolean.TRUE.equals(more.get("stream"))) {
                throw new IllegalArgumentException("a Feign client cannot stream: use KimiClient.stream");
            }
        }

        /** One question. */
        public static ChatCompletionRequest of(String model, String userText) {
            return new ChatCompletionRequest(model, List.of(ChatMessage.of("user", userText)), null, Map.of());
        }

        /** The same with a further member, such as {@code reasoning_effort}. */
        public ChatCompletionRequest with(String name, @Nullable Object value) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>(more);
            members.put(name, value);
            return new ChatCompletionRequest(model, messages, maxCompletionTokens, members);
        }

        /** The same with a limit. */
        public ChatCompletionRequest withMaxCompletionTokens(int tokens) {
            return new ChatCompletionRequest(model, messages, tokens, more);
        }

        /** Without what was asked. */
        @Override
        public String toString() {
            return "ChatCompletionRequest[" + model + ", " + messages.size() + " messages]";
        }
    }

    /**
     * A message of the user or of the model. The reasoning goes back with the tool calls that it led to.
     *
     * @param role {@code system}, {@code user}, {@code assistant} or {@code tool}
     * @param content the text, or null
     * @param reasoningContent the reasoning, or null
     * @param toolCalls the tool calls as the service wrote them, or null
     * @param toolCallId the tool call whose result this is, or null
     */
    record ChatMessage(
            @Nullable String role,
            @Nullable String content,
            @JsonProperty("reasoning_content") @Nullable String reasoningContent,
            @JsonProperty("tool_calls") @Nullable List<Map<String, Object>> toolCalls,
            @JsonProperty("tool_call_id") @Nullable String toolCallId) {

        /** A text. */
        public static ChatMessage of(String role, String content) {
            return new ChatMessage(role, content, null, null, null);
        }

        /** Without what was said. */
        @Override
        public String toString() {
            return "ChatMessage[" + role + "]";
        }
    }

    /**
     * A response.
     *
     * @param created seconds since 1970
     */
    record ChatCompletion(
            @Nullable String id,
            @Nullable String model,
            long created,
            List<Choice> choices,
            @Nullable Usage usage) {

        public ChatCompletion {
            choices = orEmpty(choices);
        }

        /** The text of the first choice; empty when there is none. */
        public String text() {
            ChatMessage message = choices.isEmpty() ? null : choices.get(0).message();
            String content = message == null ? null : message.content();
            return content == null ? "" : content;
        }
    }

    /** One of the choices. */
    record Choice(
            int index,
            @Nullable ChatMessage message,
            @JsonProperty("finish_reason") @Nullable String finishReason) {}

    /** Tokens that were used. */
    record Usage(
            @JsonProperty("prompt_tokens") long promptTokens,
            @JsonProperty("completion_tokens") long completionTokens,
            @JsonProperty("total_tokens") long totalTokens) {}

    /** The models on offer. */
    record Models(List<Model> data) {
        public Models {
            data = orEmpty(data);
        }
    }

    /**
     * A model on offer.
     *
     * @param contextLength tokens that fit, or 0 when the service did not say
     */
    record Model(
            @Nullable String id,
            @JsonProperty("owned_by") @Nullable String ownedBy,
            @JsonProperty("context_length") long contextLength) {}

    /** A count of tokens. */
    record TokenEstimate(@Nullable Tokens data) {

        /** The count, or 0 when the service gave none. */
        public long totalTokens() {
            return data == null ? 0 : data.totalTokens();
        }

        /** The count. */
        public record Tokens(@JsonProperty("total_tokens") long totalTokens) {}
    }

    /** What is left on the account, or null when the service did not say. */
    record Balance(@Nullable Amounts data) {

        /**
         * Amounts in the account's currency.
         *
         * @param available what can be spent; at 0 and below the service rejects calls
         */
        public record Amounts(
                @JsonProperty("available_balance") @Nullable BigDecimal available,
                @JsonProperty("voucher_balance") @Nullable BigDecimal voucher,
                @JsonProperty("cash_balance") @Nullable BigDecimal cash) {}
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }
}
