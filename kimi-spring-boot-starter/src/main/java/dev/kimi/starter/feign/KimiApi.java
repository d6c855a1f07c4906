package dev.kimi.starter.feign;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.kimi.chat.Provenance;
import dev.kimi.starter.feign.internal.Speaks;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RequestPart;

/**
 * The service's endpoints as a Feign client, for those who want its own JSON. There is one per
 * {@link dev.kimi.KimiClient} whose protocol is {@code openai}: the one that is injected without a qualifier runs over
 * the default client, the others by the names of theirs; see {@link ClaudeApi} for the other protocol. Calls block, an
 * interrupt cancels them, and they throw exceptions below {@link dev.kimi.error.KimiException}; a response of another
 * shape is a {@link feign.FeignException}. Responses arrive whole but for {@link #batchResults}; for streams of a
 * model, tools and checks of the request take the client. Thread-safe.
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
     * Uploads a file, which is read as it is sent, whatever its size; {@code kimi.timeout.total} is for all of it.
     * There is no key that makes a repetition harmless: after a failure that leaves open whether the file was stored,
     * such as a {@link dev.kimi.error.TransportException}, look for it with {@link #files}.
     *
     * @param purpose {@code file-extract}, {@code image}, {@code video} or {@code batch}
     * @throws feign.codec.EncodeException if the file cannot be read
     */
    @PostMapping(path = "/v1/files", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    StoredFile upload(@RequestPart("purpose") String purpose, @RequestPart("file") Path file);

    /**
     * The same from anywhere, under the name {@link Resource#getFilename()}, or {@code file} where there is none. One
     * that can be opened once, as {@link Resource#isOpen()} says, is not sent again by retries.
     */
    @PostMapping(path = "/v1/files", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    StoredFile upload(@RequestPart("purpose") String purpose, @RequestPart("file") Resource file);

    /** The account's files. */
    @GetMapping("/v1/files")
    StoredFiles files();

    /** A file, without its content. */
    @GetMapping("/v1/files/{id}")
    StoredFile file(@PathVariable("id") String id);

    /**
     * The content of a file, or the text that was extracted from it, whole in memory; up to 32 MiB. For more take
     * {@link dev.kimi.KimiClient#exchangeStream}.
     */
    @GetMapping("/v1/files/{id}/content")
    String fileContent(@PathVariable("id") String id);

    /** Deletes a file. */
    @DeleteMapping("/v1/files/{id}")
    DeletedFile deleteFile(@PathVariable("id") String id);

    /**
     * Begins a batch, which the service runs within the window that the request names, at a lower price. There is no
     * key that makes a repetition harmless: after a failure that leaves open whether the batch was created, look for it
     * with {@link #batches} before creating it again.
     */
    @PostMapping("/v1/batches")
    Batch createBatch(@RequestBody BatchRequest request);

    /** A batch as it is now. */
    @GetMapping("/v1/batches/{id}")
    Batch batch(@PathVariable("id") String id);

    /**
     * A page of the account's batches, the newest first.
     *
     * @param limit most entries of the page
     * @param after {@link Batches#lastId} of the page before, null for the first
     */
    @GetMapping("/v1/batches")
    Batches batches(
            @RequestParam("limit") int limit, @RequestParam(name = "after", required = false) @Nullable String after);

    /** Cancels what has not ended of a batch. The batch itself ends later. */
    @PostMapping("/v1/batches/{id}/cancel")
    Batch cancelBatch(@PathVariable("id") String id);

    /**
     * The results in a file of a batch that has ended, in any order, read as they are taken: however many there are,
     * few are in memory. Close the stream; it is good for one use, on one thread at a time. {@code kimi.timeout.total}
     * is for all of it. What breaks off fails with {@link dev.kimi.error.TruncatedStreamException}, and nothing is
     * retried then.
     *
     * @param fileId {@link Batch#outputFileId} or {@link Batch#errorFileId}
     */
    @GetMapping(path = "/v1/files/{id}/content", produces = "application/x-jsonl")
    Stream<BatchResult> batchResults(@PathVariable("id") String fileId);

    /**
     * What to ask.
     *
     * @param model such as {@code kimi-k3}; {@code kimi.model} is not applied here
     * @param messages the conversation so far
     * @param maxCompletionTokens maximum tokens of the response, or null for the service's default
     * @param more further members by their names in JSON
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
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
    @JsonInclude(JsonInclude.Include.NON_NULL)
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

    /**
     * A file of the account.
     *
     * @param size in bytes
     * @param created seconds since 1970
     * @param purpose what it was uploaded for
     * @param status such as {@code ready}
     */
    record StoredFile(
            @Nullable String id,
            @JsonProperty("filename") @Nullable String name,
            @JsonProperty("bytes") long size,
            @JsonProperty("created_at") long created,
            @Nullable String purpose,
            @Nullable String status,
            @JsonProperty("status_details") @Nullable String statusDetails) {}

    /** Files of the account. */
    record StoredFiles(List<StoredFile> data) {
        public StoredFiles {
            data = orEmpty(data);
        }
    }

    /** What became of a file. */
    record DeletedFile(@Nullable String id, boolean deleted) {}

    /**
     * A batch to begin.
     *
     * @param inputFileId a file that was uploaded for {@code batch}, with a {@link BatchLine} on each line
     * @param endpoint {@code /v1/chat/completions}
     * @param completionWindow time to run, from {@code 12h} to {@code 7d}
     * @param metadata up to 16 names and values to find the batch by, or null
     */
    record BatchRequest(
            @JsonProperty("input_file_id") String inputFileId,
            String endpoint,
            @JsonProperty("completion_window") String completionWindow,
            @Nullable Map<String, String> metadata) {

        /** A batch of chat completions. */
        public static BatchRequest of(String inputFileId, String completionWindow) {
            return new BatchRequest(inputFileId, "/v1/chat/completions", completionWindow, null);
        }
    }

    /**
     * A line of the file that a batch is made from: its id in the batch, and the request.
     *
     * @param customId unique in the file; its result has it
     */
    record BatchLine(
            @JsonProperty("custom_id") String customId, String method, String url, ChatCompletionRequest body) {

        /** A chat completion. */
        public static BatchLine of(String customId, ChatCompletionRequest request) {
            return new BatchLine(customId, "POST", "/v1/chat/completions", request);
        }
    }

    /**
     * A batch.
     *
     * @param status {@code validating}, {@code failed}, {@code in_progress}, {@code finalizing}, {@code completed},
     *     {@code expired}, {@code cancelling} or {@code cancelled}
     * @param outputFileId of the results that succeeded; null while there are none
     * @param errorFileId of the results that failed; null while there are none
     * @param created seconds since 1970
     */
    record Batch(
            @Nullable String id,
            @Nullable String status,
            @JsonProperty("input_file_id") @Nullable String inputFileId,
            @JsonProperty("output_file_id") @Nullable String outputFileId,
            @JsonProperty("error_file_id") @Nullable String errorFileId,
            @JsonProperty("created_at") long created,
            @JsonProperty("request_counts") @Nullable BatchCounts requestCounts,
            @Nullable Map<String, String> metadata) {

        /** Whether nothing more happens to it. */
        public boolean ended() {
            return status != null
                    && List.of("completed", "failed", "expired", "cancelled").contains(status);
        }
    }

    /** How many requests of a batch have come to which end. */
    record BatchCounts(long total, long completed, long failed) {}

    /** A page of batches. */
    record Batches(
            List<Batch> data, @JsonProperty("has_more") boolean hasMore) {
        public Batches {
            data = orEmpty(data);
        }

        /** The last entry's id, to ask for the next page with; null when the page is empty. */
        public @Nullable String lastId() {
            return data.isEmpty() ? null : data.get(data.size() - 1).id();
        }
    }

    /**
     * The result of a request of a batch.
     *
     * @param response what the service responded, also when the request failed; null when it was not run
     * @param error why it was not run, by the names of the service, or null
     */
    record BatchResult(
            @JsonProperty("custom_id") @Nullable String customId,
            @Nullable BatchResponse response,
            @Nullable Map<String, Object> error) {

        /** The text of the response; empty when there is none. */
        public String text() {
            ChatCompletion body = response == null ? null : response.body();
            return body == null ? "" : body.text();
        }
    }

    /**
     * A response within a batch.
     *
     * @param statusCode as of a call of its own
     * @param body the response; of a request that failed, without choices
     */
    record BatchResponse(
            @JsonProperty("status_code") int statusCode,
            @JsonProperty("request_id") @Nullable String requestId,
            @Nullable ChatCompletion body) {}

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }
}
