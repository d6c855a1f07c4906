package dev.kimi.service;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a model: from this library's own data, from the settings of the client, and from what the service
 * itself lists, of which the settings win. A fact that is not known is never checked. Immutable.
 *
 * <pre>{@code
 * ModelCard card = kimi.modelCard("kimi-k3.1-pro");
 * ModelPrices prices = card.prices();
 * BigDecimal cost = prices == null ? null : prices.cost(response.usage());
 * }</pre>
 */
public final class ModelCard {

    private final String id;
    private final Map<Fact, Object> facts;
    private final Map<String, @Nullable Object> extra;

    private ModelCard(Builder builder) {
        this.id = Objects.requireNonNull(builder.id, "id");
        this.facts = Collections.unmodifiableMap(new EnumMap<>(builder.facts));
        this.extra = Collections.unmodifiableMap(new LinkedHashMap<>(builder.extra));
    }

    /**
     * What a card can say. The names in files and settings are those of the constants in kebab case, as in
     * {@code output-max}. Counts of tokens are numbers, or texts such as {@code 128k} and {@code 1M} (thousands and
     * millions); prices are for a million tokens.
     */
    public enum Fact {
        /** Tokens that fit, prompt and response together. */
        CONTEXT(FactKind.COUNT),
        /** Tokens that the response of a request without a cap may have. */
        OUTPUT_DEFAULT(FactKind.COUNT),
        /** The highest cap that a request may set, reasoning included. */
        OUTPUT_MAX(FactKind.COUNT),
        /** Whether it reasons. */
        REASONING(FactKind.FLAG),
        /** Whether it reads images. */
        IMAGE_INPUT(FactKind.FLAG),
        /** Whether it keeps to the schema of a response format. */
        STRUCTURED_OUTPUT(FactKind.FLAG),
        /** When it thinks: {@code always}, {@code unless-disabled} or {@code when-enabled}. */
        THINKING(FactKind.ONE_OF, "always", "unless-disabled", "when-enabled"),
        /** Values that the switch of thinking takes on the wire, such as {@code enabled} and {@code disabled}. */
        THINKING_TYPES(FactKind.TEXTS),
        /** Efforts that it takes; an empty list: none may be set. */
        EFFORTS(FactKind.TEXTS),
        /** Its effort when the request names none. */
        EFFORT_DEFAULT(FactKind.TEXT),
        /** Efforts that it takes while thinking is disabled. */
        EFFORTS_WITHOUT_THINKING(FactKind.TEXTS),
        /** Whether a turn with tool calls and without reasoning is rejected while it thinks. */
        REASONING_OWED(FactKind.FLAG),
        /** Whether the order of tool calls, results and reasoning in a conversation is checked before sending. */
        HISTORY_CHECKED(FactKind.FLAG),
        /** Whether it signs its reasoning; what comes back without a signature is rejected then. */
        REASONING_SIGNED(FactKind.FLAG),
        /** Whether instructions can stand amid a conversation, over the protocol {@code anthropic}. */
        SYSTEM_TURNS(FactKind.FLAG),
        /**
         * The version of the API that requests to it name over the protocol {@code anthropic}, such as
         * {@code 2023-06-01}, in place of the client's.
         */
        API_VERSION(FactKind.DATE),
        /** Values of {@code temperature} that it takes; an empty list: the field may not be set. */
        TEMPERATURES(FactKind.DECIMALS),
        /** The same while thinking is disabled. */
        TEMPERATURES_WITHOUT_THINKING(FactKind.DECIMALS),
        /** Values of {@code top_p} that it takes; an empty list: the field may not be set. */
        TOP_PS(FactKind.DECIMALS),
        /** When a tool can be forced: {@code always}, {@code without-thinking} or {@code never}. */
        FORCED_TOOL_CHOICE(FactKind.ONE_OF, "always", "without-thinking", "never"),
        /** Whether a conversation may end with a turn of the assistant, for the model to go on with. */
        PREFILL(FactKind.FLAG),
        /** Schemes of the URLs that images may have, such as {@code data} and {@code https}. */
        IMAGE_SOURCES(FactKind.TEXTS),
        /** Types of content blocks of the Messages protocol that it does not take, such as {@code document}. */
        CONTENT_REJECTED(FactKind.TEXTS),
        /** Most stop texts. */
        STOPS_MAX(FactKind.COUNT),
        /** Most bytes of a stop text in UTF-8. */
        STOP_BYTES_MAX(FactKind.COUNT),
        /** Most tools. */
        TOOLS_MAX(FactKind.COUNT),
        /** Whether schemas of tools must be of Moonshot's flavour, which wants a type everywhere. */
        MOONSHOT_SCHEMAS(FactKind.FLAG),
        /** The first day on which the service does not offer it any more, such as {@code 2026-08-31}, in UTC. */
        RETIRED(FactKind.DATE),
        /** The model to use instead. */
        SUCCESSOR(FactKind.TEXT),
        /** Currency of the prices, such as {@code USD}. */
        CURRENCY(FactKind.TEXT),
        /** Price of tokens read, without those that the cache had to do with. */
        PRICE_INPUT(FactKind.PRICE),
        /** Price of tokens written, reasoning included. */
        PRICE_OUTPUT(FactKind.PRICE),
        /** Price of tokens read from the cache. */
        PRICE_CACHE_READ(FactKind.PRICE),
        /** Price of tokens written to the cache for five minutes. */
        PRICE_CACHE_WRITE_5M(FactKind.PRICE),
        /** Price of tokens written to the cache for an hour. */
        PRICE_CACHE_WRITE_1H(FactKind.PRICE),
        /** Models of one class share the limits that the service has per model; without one, each is its own. */
        LIMIT_CLASS(FactKind.TEXT);

        private static final Map<String, Fact> BY_SETTING =
                Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Fact::setting, fact -> fact));

        private final FactKind kind;
        private final List<String> choices;
        private final String setting = name().toLowerCase(Locale.ROOT).replace('_', '-');

        Fact(FactKind kind, String... choices) {
            this.kind = kind;
            this.choices = List.of(choices);
        }

        /** The fact of that name in files and settings, or null when there is none. */
        public static @Nullable Fact of(String setting) {
            return BY_SETTING.get(setting);
        }

        /** Its name in files and settings. */
        public String setting() {
            return setting;
        }

        /**
         * The value as cards keep it: a {@link Long}, {@link Boolean}, {@link String}, {@link BigDecimal},
         * {@link LocalDate}, or a list of texts or {@link Double}s.
         *
         * @param value such a value, a text that stands for one (of a list with commas, {@code none} for an empty one),
         *     or null
         * @return null for null, and for the text {@code unknown}
         * @throws IllegalArgumentException saying what it must be
         */
        public @Nullable Object read(@Nullable Object value) {
            Object read = value == null || value.equals("unknown") ? null : kind.read(value);
            if (read != null && !choices.isEmpty() && !choices.contains(read)) {
                throw new IllegalArgumentException("is none of " + String.join(", ", choices));
            }
            return read;
        }
    }

    /** Of nothing but its name. */
    public static Builder builder(String id) {
        return new Builder().id(id);
    }

    /** Starts with what this card says. */
    public Builder toBuilder() {
        Builder builder = builder(id);
        builder.facts.putAll(facts);
        builder.extra.putAll(extra);
        return builder;
    }

    /** Its name in requests. */
    public String id() {
        return id;
    }

    /** Tokens that fit, prompt and response together; 0 when not known. */
    public long contextLength() {
        return count(Fact.CONTEXT);
    }

    /** The highest output cap that a request may set; 0 when not known. */
    public long maxOutputTokens() {
        return count(Fact.OUTPUT_MAX);
    }

    /** True when it reasons. */
    public boolean reasoning() {
        return flag(Fact.REASONING);
    }

    /** True when it reads images. */
    public boolean imageInput() {
        return flag(Fact.IMAGE_INPUT);
    }

    /** The efforts that it takes, or null when not known; empty when it takes none. */
    public @Nullable List<String> efforts() {
        return texts(Fact.EFFORTS);
    }

    /** The first day, in UTC, on which the service does not offer it any more, or null when none is known. */
    public @Nullable LocalDate retired() {
        return (LocalDate) facts.get(Fact.RETIRED);
    }

    /** What its tokens cost by list, or null when the prices of input and output are not known. */
    public @Nullable ModelPrices prices() {
        BigDecimal input = price(Fact.PRICE_INPUT);
        BigDecimal output = price(Fact.PRICE_OUTPUT);
        String currency = text(Fact.CURRENCY);
        if (input == null || output == null || currency == null) {
            return null;
        }
        return new ModelPrices(
                currency,
                input,
                output,
                price(Fact.PRICE_CACHE_READ),
                price(Fact.PRICE_CACHE_WRITE_5M),
                price(Fact.PRICE_CACHE_WRITE_1H));
    }

    private @Nullable BigDecimal price(Fact fact) {
        return (BigDecimal) facts.get(fact);
    }

    /** Whether the card says it. */
    public boolean knows(Fact fact) {
        return facts.containsKey(fact);
    }

    /** A count, or 0 when it is not known. */
    public long count(Fact fact) {
        return facts.get(fact) instanceof Long count ? count : 0;
    }

    /** Whether the fact is known and true. */
    public boolean flag(Fact fact) {
        return Boolean.TRUE.equals(facts.get(fact));
    }

    /** A text, or null when it is not known. */
    public @Nullable String text(Fact fact) {
        return facts.get(fact) instanceof String text ? text : null;
    }

    /** A list of texts, or null when it is not known. */
    @SuppressWarnings("unchecked")
    public @Nullable List<String> texts(Fact fact) {
        return fact.kind == FactKind.TEXTS ? (List<String>) facts.get(fact) : null;
    }

    /** All that is known, see {@link Fact#read} for the types. */
    public Map<Fact, Object> facts() {
        return facts;
    }

    /** Further fields of the service's own list as Java values, in order. */
    public Map<String, @Nullable Object> extra() {
        return extra;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ModelCard card
                && id.equals(card.id)
                && facts.equals(card.facts)
                && extra.equals(card.extra);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, facts, extra);
    }

    @Override
    public String toString() {
        return "ModelCard[" + id + ", " + facts + "]";
    }

    /** Collects what is known. Not thread-safe. */
    public static final class Builder {
        private @Nullable String id;
        private final Map<Fact, Object> facts = new EnumMap<>(Fact.class);
        private final Map<String, @Nullable Object> extra = new LinkedHashMap<>();

        private Builder() {}

        public Builder id(String value) {
            this.id = value;
            return this;
        }

        /** Not known when 0. */
        public Builder contextLength(long value) {
            return fact(Fact.CONTEXT, value == 0 ? null : value);
        }

        public Builder reasoning(boolean value) {
            return fact(Fact.REASONING, value);
        }

        public Builder imageInput(boolean value) {
            return fact(Fact.IMAGE_INPUT, value);
        }

        /**
         * @param value see {@link Fact#read}; null for not known
         * @throws IllegalArgumentException if it is no such value
         */
        public Builder fact(Fact fact, @Nullable Object value) {
            Object read = fact.read(value);
            if (read == null) {
                facts.remove(fact);
            } else {
                facts.put(fact, read);
            }
            return this;
        }

        public Builder extra(Map<String, @Nullable Object> value) {
            extra.putAll(value);
            return this;
        }

        public ModelCard build() {
            return new ModelCard(this);
        }
    }
}
