package dev.kimi.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A whole response. Immutable; does not print its content.
 *
 * <pre>{@code
 * ChatResponse response = kimi.chat(request);
 * if (response.finishReason().equals(FinishReason.LENGTH)) {
 *     retryWithMoreTokens(request);
 * } else {
 *     show(response.text() + " (" + response.usage().totalTokens() + " tokens)");
 * }
 * }</pre>
 */
public final class ChatResponse {

    private final String id;
    private final String model;
    private final Message message;
    private final FinishReason finishReason;
    private final Usage usage;
    private final @Nullable String requestId;
    private final Map<String, String> rateLimits;
    private final String endpoint;
    private final List<CutToolCall> cutToolCalls;
    private final List<Note> notes;
    private final Map<String, @Nullable Object> extra;

    private ChatResponse(Builder builder) {
        this.id = builder.id;
        this.model = builder.model;
        this.message = builder.message;
        this.finishReason = builder.finishReason;
        this.usage = builder.usage;
        this.requestId = builder.requestId;
        this.rateLimits = builder.rateLimits;
        this.endpoint = builder.endpoint;
        this.cutToolCalls = List.copyOf(builder.cutToolCalls);
        this.notes = List.copyOf(builder.notes);
        this.extra = Collections.unmodifiableMap(new LinkedHashMap<>(builder.extra));
    }

    /** For decoders and tests. */
    public static Builder builder(Message message) {
        return new Builder(message);
    }

    /** Starts from this response. */
    public Builder toBuilder() {
        Builder builder = new Builder(message)
                .id(id)
                .model(model)
                .finishReason(finishReason)
                .usage(usage)
                .requestId(requestId)
                .rateLimits(rateLimits)
                .endpoint(endpoint);
        builder.cutToolCalls.addAll(cutToolCalls);
        builder.notes.addAll(notes);
        builder.extra.putAll(extra);
        return builder;
    }

    /** The service's id of the response, empty when it gave none. */
    public String id() {
        return id;
    }

    /** The model that responded, empty when the service did not say. */
    public String model() {
        return model;
    }

    /** The assistant's turn, to be kept in the conversation; see {@link ChatRequest#after}. */
    public Message message() {
        return message;
    }

    /** The visible text; empty when there is none, as when the output cap went on reasoning. */
    public String text() {
        return message.text();
    }

    /** The reasoning, empty when there was none. */
    public String reasoning() {
        String reasoning = message.reasoning();
        return reasoning == null ? "" : reasoning;
    }

    /** The tools that the model wants run, in order; whole calls only, see {@link #cutToolCalls}. */
    public List<ToolCall> toolCalls() {
        return message.toolCalls();
    }

    /**
     * Tool calls that the model could not finish because it was stopped, as by {@link FinishReason#LENGTH}; usually
     * none. They must not be run and are not part of {@link #message}. One without any arguments counts as cut, since
     * they may have been missing. Ask again with a higher output cap to have them whole.
     */
    public List<CutToolCall> cutToolCalls() {
        return cutToolCalls;
    }

    public FinishReason finishReason() {
        return finishReason;
    }

    /** Tokens used; {@link Usage#NONE} when the service did not say. */
    public Usage usage() {
        return usage;
    }

    /** The id under which the service's support can find the exchange, or null. */
    public @Nullable String requestId() {
        return requestId;
    }

    /**
     * What the service said of the account's limits beside the response: the headers {@code x-ratelimit-*},
     * {@code anthropic-ratelimit-*}, {@code anthropic-priority-*}, {@code anthropic-fast-*} and {@code retry-after}, by
     * name in lower case; of several values of one name the first. Empty when there were none.
     */
    public Map<String, String> rateLimits() {
        return rateLimits;
    }

    /**
     * The name of the endpoint that gave the response: that of the client, unless the call went on elsewhere. Empty for
     * a response that no client has read.
     */
    public String endpoint() {
        return endpoint;
    }

    /**
     * Why the request went to another endpoint than the client's own, what was left out or changed of it because the
     * service that gave this response could not have read it, and what the service says that it left out itself;
     * usually nothing. A conversation that stays at one service, and only grows, loses nothing.
     */
    public List<Note> notes() {
        return notes;
    }

    /** Top-level fields that this library does not know, in order, as Java values. */
    public Map<String, @Nullable Object> extra() {
        return extra;
    }

    @Override
    public String toString() {
        return "ChatResponse[" + model + ", " + finishReason + ", " + usage.totalTokens() + " tokens]";
    }

    /**
     * As much of a tool call as had come when the model was stopped. It does not print its arguments.
     *
     * @param id the service's id, empty when it had not come
     * @param name the tool's name, empty when it had not come
     * @param arguments JSON text that is cut, possibly empty
     */
    public record CutToolCall(String id, String name, String arguments) {

        public CutToolCall {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(arguments, "arguments");
        }

        @Override
        public String toString() {
            return "CutToolCall[" + name + ", " + arguments.length() + " characters of arguments]";
        }
    }

    /**
     * Something that happened to a request on its way to the model: it lost something, was changed, or went elsewhere.
     * It holds no content.
     *
     * @param code what happened, to decide by: one of the constants; expect others
     * @param message the same for people, with numbers, kinds and names
     */
    public record Note(String code, String message) {

        /** The request, which went to another endpoint of the route. */
        public static final String SENT_ELSEWHERE = "sent-elsewhere";
        /** The request, which was sent to two endpoints of the route at the same time. */
        public static final String HEDGED = "hedged";
        /** Reasoning that another service or model wrote. */
        public static final String REASONING_OMITTED = "reasoning-omitted";
        /** Content of a model that only the protocol or service it came from knows. */
        public static final String CONTENT_OMITTED = "content-omitted";
        /** A field that was given for another protocol, or that the protocol has no place for. */
        public static final String FIELD_OMITTED = "field-omitted";
        /** A system message that was sent as the user's, since the service takes none amid a conversation. */
        public static final String ROLE_CHANGED = "role-changed";
        /** The schema of a tool that was sent in another form, as the model takes it. */
        public static final String SCHEMA_CHANGED = "schema-changed";
        /** A request that was sent again, without reasoning for which the service had rejected it. */
        public static final String REQUEST_REPAIRED = "request-repaired";
        /** Reasoning that the service itself left out, as it says. */
        public static final String REASONING_DROPPED = "reasoning-dropped";
        /** Reasoning that the service let pass although it does not belong there, as it says. */
        public static final String REASONING_MISMATCH = "reasoning-mismatch";

        public Note {
            Objects.requireNonNull(code, "code");
            Objects.requireNonNull(message, "message");
        }
    }

    /** Collects a response. Not thread-safe. */
    public static final class Builder {
        private Message message;
        private String id = "";
        private String model = "";
        private FinishReason finishReason = FinishReason.UNKNOWN;
        private Usage usage = Usage.NONE;
        private @Nullable String requestId;
        private Map<String, String> rateLimits = Map.of();
        private String endpoint = "";
        private final List<CutToolCall> cutToolCalls = new ArrayList<>(0);
        private final List<Note> notes = new ArrayList<>(0);
        private final Map<String, @Nullable Object> extra = new LinkedHashMap<>(0);

        private Builder(Message message) {
            this.message = Objects.requireNonNull(message);
        }

        /** Says who made the blocks of the message that do not say it yet. */
        public Builder origin(Provenance value) {
            this.message = message.from(Objects.requireNonNull(value, "value"));
            return this;
        }

        public Builder id(String value) {
            this.id = value;
            return this;
        }

        public Builder model(String value) {
            this.model = value;
            return this;
        }

        public Builder finishReason(FinishReason value) {
            this.finishReason = value;
            return this;
        }

        public Builder usage(Usage value) {
            this.usage = value;
            return this;
        }

        public Builder requestId(@Nullable String value) {
            this.requestId = value;
            return this;
        }

        /** See {@link ChatResponse#rateLimits()}; copied. Empty by default. */
        public Builder rateLimits(Map<String, String> values) {
            this.rateLimits = values.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(values));
            return this;
        }

        public Builder endpoint(String value) {
            this.endpoint = Objects.requireNonNull(value, "value");
            return this;
        }

        /** Adds a call that was cut. */
        public Builder cutToolCall(CutToolCall value) {
            cutToolCalls.add(Objects.requireNonNull(value, "value"));
            return this;
        }

        /** Adds notes on what the request lost. */
        public Builder notes(List<Note> values) {
            notes.addAll(values);
            return this;
        }

        public Builder extra(String field, @Nullable Object value) {
            extra.put(field, value);
            return this;
        }

        public ChatResponse build() {
            return new ChatResponse(this);
        }
    }
}
