package dev.kimi.starter.feign;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.kimi.chat.Provenance;
import dev.kimi.starter.feign.internal.Speaks;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The endpoints of Anthropic's service as a Feign client, for those who want its own JSON, and for message batches.
 * There is one per {@link dev.kimi.KimiClient} whose protocol is {@code anthropic}, injected by the client's name as
 * the qualifier. Credentials, {@code anthropic-version} and {@code anthropic-beta} are the client's. Calls block, an
 * interrupt cancels them, and they throw exceptions below {@link dev.kimi.error.KimiException}; a response of another
 * shape is a {@link feign.FeignException}. For streams, conversations with tools and checks of the request take the
 * client. Thread-safe.
 *
 * <pre>{@code
 * Batch batch = claude.createBatch(BatchRequest.of(Map.of(
 *         "sky", MessageRequest.of("claude-haiku-5-5", "Why is the sky blue?").withMaxTokens(500))));
 * while (!claude.batch(batch.id()).ended()) { … }
 * try (Stream<BatchResult> results = claude.batchResults(batch.id())) {
 *     results.forEach(result -> store(result.customId(), result.result()));
 * }
 * }</pre>
 *
 * <p>Responses tolerate what the service adds or leaves out: members that this version does not know are in
 * {@code more}, by their names in JSON, missing lists are empty, other missing members null or zero.
 */
@Speaks(Provenance.ANTHROPIC)
public interface ClaudeApi {

    /** Sends a message and waits for the whole response. */
    @PostMapping("/v1/messages")
    Message messages(@RequestBody MessageRequest request);

    /**
     * How many tokens the service counts in the request, without running the model.
     *
     * @param request see {@link MessageRequest#forCount}
     */
    @PostMapping("/v1/messages/count_tokens")
    TokenCount countTokens(@RequestBody MessageRequest request);

    /**
     * A page of the models on offer, the newest first.
     *
     * @param limit most entries of the page, 1 to 1,000
     * @param afterId {@link Page#lastId} of the page before, null for the first
     */
    @GetMapping("/v1/models")
    Page<Model> models(
            @RequestParam("limit") int limit,
            @RequestParam(name = "after_id", required = false) @Nullable String afterId);

    /** A model on offer. */
    @GetMapping("/v1/models/{id}")
    Model model(@PathVariable("id") String id);

    /**
     * Begins a batch, which the service runs within a day at a lower price. There is no key that makes a repetition
     * harmless: after a failure that leaves open whether the batch was created, such as a
     * {@link dev.kimi.error.TransportException}, look for it with {@link #batches} before creating it again.
     */
    @PostMapping("/v1/messages/batches")
    Batch createBatch(@RequestBody BatchRequest request);

    /** A batch as it is now. */
    @GetMapping("/v1/messages/batches/{id}")
    Batch batch(@PathVariable("id") String id);

    /**
     * A page of the workspace's batches, the newest first.
     *
     * @param limit most entries of the page, 1 to 1,000
     * @param afterId {@link Page#lastId} of the page before, null for the first
     */
    @GetMapping("/v1/messages/batches")
    Page<Batch> batches(
            @RequestParam("limit") int limit,
            @RequestParam(name = "after_id", required = false) @Nullable String afterId);

    /** Cancels what has not ended of a batch. The batch itself ends later. */
    @PostMapping("/v1/messages/batches/{id}/cancel")
    Batch cancelBatch(@PathVariable("id") String id);

    /** Deletes a batch that has ended, with its results. */
    @DeleteMapping("/v1/messages/batches/{id}")
    DeletedBatch deleteBatch(@PathVariable("id") String id);

    /**
     * The results of a batch that has ended, in any order, read as they are taken: however many there are, few are in
     * memory. Close the stream; it is good for one use, on one thread at a time. {@code kimi.timeout.total} is for all
     * of it. What breaks off fails with {@link dev.kimi.error.TruncatedStreamException}, and nothing is retried then.
     */
    @GetMapping(path = "/v1/messages/batches/{id}/results", produces = "application/x-jsonl")
    Stream<BatchResult> batchResults(@PathVariable("id") String id);

    /**
     * What to ask.
     *
     * @param model such as {@code claude-sonnet-5-5}; {@code kimi.model} is not applied here
     * @param maxTokens maximum tokens of the response, thinking included; the service demands it but for a count
     * @param messages the conversation so far
     * @param more further members by their names in JSON, such as {@code system}, {@code tools} or {@code thinking}
     */
    record MessageRequest(
            String model,
            @JsonProperty("max_tokens") @Nullable Integer maxTokens,
            List<MessageParam> messages,
            @JsonAnyGetter Map<String, @Nullable Object> more) {

        public MessageRequest {
            Objects.requireNonNull(model, "model");
            messages = List.copyOf(messages);
            more = copy(more);
            if (Boolean.TRUE.equals(more.get("stream"))) {
                throw new IllegalArgumentException("a Feign client cannot stream: use KimiClient.stream");
            }
        }

        /** One question, with no maximum yet. */
        public static MessageRequest of(String model, String userText) {
            return new MessageRequest(model, null, List.of(MessageParam.of("user", userText)), Map.of());
        }

        /** The same with a limit. */
        public MessageRequest withMaxTokens(int tokens) {
            return new MessageRequest(model, tokens, messages, more);
        }

        /** The same with a further member, such as {@code system}. */
        public MessageRequest with(String name, @Nullable Object value) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>(more);
            members.put(name, value);
            return new MessageRequest(model, maxTokens, messages, members);
        }

        /** The same with a response and what follows it, to go on with. */
        public MessageRequest after(Message response, MessageParam next) {
            Stream<MessageParam> both = Stream.of(new MessageParam("assistant", response.content()), next);
            return new MessageRequest(
                    model, maxTokens, Stream.concat(messages.stream(), both).toList(), more);
        }

        /** The same without a maximum, which a count does not take. */
        public MessageRequest forCount() {
            return new MessageRequest(model, null, messages, more);
        }

        /** Without what was asked. */
        @Override
        public String toString() {
            return "MessageRequest[" + model + ", " + messages.size() + " messages]";
        }
    }

    /**
     * A message of a request.
     *
     * @param role {@code user}, {@code assistant} or {@code system}
     * @param content a text, or a list of blocks: {@link ContentBlock} or {@link Map}
     */
    record MessageParam(String role, Object content) {

        public MessageParam {
            Objects.requireNonNull(role, "role");
            Objects.requireNonNull(content, "content");
        }

        /** A text. */
        public static MessageParam of(String role, String text) {
            return new MessageParam(role, text);
        }

        /** Without what was said. */
        @Override
        public String toString() {
            return "MessageParam[" + role + "]";
        }
    }

    /**
     * A response.
     *
     * @param stopReason such as {@code end_turn}, {@code max_tokens}, {@code tool_use}, {@code refusal}
     */
    record Message(
            @Nullable String id,
            @Nullable String model,
            @Nullable String role,
            List<ContentBlock> content,
            @JsonProperty("stop_reason") @Nullable String stopReason,
            @JsonProperty("stop_sequence") @Nullable String stopSequence,
            @Nullable Usage usage,
            @JsonAnySetter @JsonAnyGetter Map<String, @Nullable Object> more) {

        public Message {
            content = copy(content);
            more = copy(more);
        }

        /** All text of the response; empty when there is none. */
        public String text() {
            return content.stream()
                    .filter(block -> "text".equals(block.type()) && block.text() != null)
                    .map(ContentBlock::text)
                    .collect(Collectors.joining());
        }

        /** Without what was said. */
        @Override
        public String toString() {
            return "Message[" + id + ", " + model + ", " + content.size() + " blocks, " + stopReason + "]";
        }
    }

    /**
     * A block of a response. It goes back as it came, within a {@link MessageParam}.
     *
     * @param type such as {@code text}, {@code thinking}, {@code tool_use}; expect others
     * @param text the text of a block of that type, else null
     * @param more all other members, such as {@code id}, {@code name} and {@code input} of {@code tool_use}
     */
    record ContentBlock(
            @Nullable String type,
            @Nullable String text,
            @JsonAnySetter @JsonAnyGetter Map<String, @Nullable Object> more) {

        public ContentBlock {
            more = copy(more);
        }

        /** Without what was said. */
        @Override
        public String toString() {
            return "ContentBlock[" + type + "]";
        }
    }

    /**
     * Tokens that were used. All of the input is {@code inputTokens} and both that concern the cache.
     *
     * @param inputTokens those that were neither read from the cache nor written to it
     * @param outputTokens those of the response, thinking included
     * @param cacheCreationInputTokens those that were written to the cache
     * @param cacheReadInputTokens those that were read from the cache
     */
    record Usage(
            @JsonProperty("input_tokens") long inputTokens,
            @JsonProperty("output_tokens") long outputTokens,
            @JsonProperty("cache_creation_input_tokens") long cacheCreationInputTokens,
            @JsonProperty("cache_read_input_tokens") long cacheReadInputTokens,
            @JsonAnySetter @JsonAnyGetter Map<String, @Nullable Object> more) {

        public Usage {
            more = copy(more);
        }
    }

    /** A count of tokens. */
    record TokenCount(
            @JsonProperty("input_tokens") long inputTokens,
            @JsonAnySetter @JsonAnyGetter Map<String, @Nullable Object> more) {

        public TokenCount {
            more = copy(more);
        }
    }

    /**
     * A part of a list.
     *
     * @param hasMore whether another page follows {@code lastId}
     */
    record Page<T>(
            List<T> data,
            @JsonProperty("has_more") boolean hasMore,
            @JsonProperty("first_id") @Nullable String firstId,
            @JsonProperty("last_id") @Nullable String lastId) {

        public Page {
            data = copy(data);
        }
    }

    /**
     * A model on offer.
     *
     * @param maxInputTokens tokens that fit, or 0 when the service did not say
     * @param maxTokens most tokens of a response, or 0 when the service did not say
     */
    record Model(
            @Nullable String id,
            @JsonProperty("display_name") @Nullable String displayName,
            @JsonProperty("created_at") @Nullable Instant createdAt,
            @JsonProperty("max_input_tokens") long maxInputTokens,
            @JsonProperty("max_tokens") long maxTokens,
            @JsonAnySetter @JsonAnyGetter Map<String, @Nullable Object> more) {

        public Model {
            more = copy(more);
        }
    }

    /** Up to 100,000 requests, or 256 MB. */
    record BatchRequest(List<BatchItem> requests) {

        public BatchRequest {
            requests = List.copyOf(requests);
        }

        /** Requests by the names that their results will have: 1 to 64 letters, digits, dashes and underscores. */
        public static BatchRequest of(Map<String, MessageRequest> requests) {
            return new BatchRequest(requests.entrySet().stream()
                    .map(entry -> new BatchItem(entry.getKey(), entry.getValue()))
                    .toList());
        }
    }

    /** A request of a batch. */
    record BatchItem(@JsonProperty("custom_id") String customId, MessageRequest params) {

        public BatchItem {
            Objects.requireNonNull(customId, "customId");
            Objects.requireNonNull(params, "params");
        }
    }

    /**
     * A batch as it is at that time.
     *
     * @param processingStatus {@code in_progress}, {@code canceling} or {@code ended}
     * @param requestCounts how many requests have ended and how; only at the end all of them
     * @param resultsUrl where the results are, null until the batch has ended
     */
    record Batch(
            String id,
            @JsonProperty("processing_status") @Nullable String processingStatus,
            @JsonProperty("request_counts") @Nullable RequestCounts requestCounts,
            @JsonProperty("created_at") @Nullable Instant createdAt,
            @JsonProperty("expires_at") @Nullable Instant expiresAt,
            @JsonProperty("ended_at") @Nullable Instant endedAt,
            @JsonProperty("cancel_initiated_at") @Nullable Instant cancelInitiatedAt,
            @JsonProperty("results_url") @Nullable String resultsUrl,
            @JsonAnySetter @JsonAnyGetter Map<String, @Nullable Object> more) {

        public Batch {
            id = id == null ? "" : id;
            more = copy(more);
        }

        /** Whether nothing of it is under way any more, so that its results are there. */
        public boolean ended() {
            return "ended".equals(processingStatus);
        }
    }

    /** How many requests of a batch are under way, and how many have ended in which way. */
    record RequestCounts(long processing, long succeeded, long errored, long canceled, long expired) {}

    /** A batch that is no more. */
    record DeletedBatch(@Nullable String id) {}

    /** What became of one request of a batch. */
    record BatchResult(
            @JsonProperty("custom_id") @Nullable String customId,
            @Nullable ItemOutcome result) {}

    /**
     * How one request of a batch has ended.
     *
     * @param type {@code succeeded}, {@code errored}, {@code canceled} or {@code expired}
     * @param message the response, if it has succeeded; one that the model declined has, too
     * @param error the error as the service words it, if there was one
     */
    record ItemOutcome(
            @Nullable String type,
            @Nullable Message message,
            @Nullable Map<String, @Nullable Object> error,
            @JsonAnySetter @JsonAnyGetter Map<String, @Nullable Object> more) {

        public ItemOutcome {
            error = error == null ? null : copy(error);
            more = copy(more);
        }

        /** Without what was said. */
        @Override
        public String toString() {
            return "ItemOutcome[" + type + "]";
        }
    }

    private static <T> List<T> copy(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    private static Map<String, @Nullable Object> copy(@Nullable Map<String, @Nullable Object> members) {
        return members == null || members.isEmpty()
                ? Map.of()
                : Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }
}
