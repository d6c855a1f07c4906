package dev.kimi.test.internal;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Anthropic's service allows under one model id, as of November 2026.
 *
 * @param id the model id
 * @param line the family, or null if the id names none
 * @param created day of the release
 * @param contextLength window in tokens, input and output together
 * @param maxOutput highest {@code max_tokens}
 * @param minCached shortest prefix in tokens that is cached
 * @param traits what sets it apart
 */
public record ClaudeModel(
        String id,
        @Nullable String line,
        String created,
        int contextLength,
        int maxOutput,
        int minCached,
        Set<Trait> traits) {

    /** What sets a model apart. */
    public enum Trait {
        /** Thinks unless the request says otherwise. */
        THINKS,
        /** {@code thinking: disabled} is rejected. */
        ALWAYS_THINKS,
        /** {@code thinking: disabled} is accepted up to effort {@code high}. */
        CALM_UP_TO_HIGH,
        /** {@code thinking: between_tools} is accepted. */
        BETWEEN_TOOLS,
        /** {@code thinking: enabled} is rejected. */
        NO_BUDGET,
        /** {@code thinking: adaptive} is rejected. */
        NO_ADAPTIVE,
        /** Thinking blocks come without their text unless the request asks for a summary. */
        HIDES_THINKING,
        /** Thinking blocks are bound to what precedes them. */
        BOUND,
        /** Thinking blocks are bound to the account. */
        ACCOUNT_BOUND,
        /** {@code tool_choice} of {@code any} or {@code tool} is rejected. */
        NO_FORCED_TOOLS,
        /** Sampling parameters are rejected whatever the API version. */
        NO_SAMPLING,
        /** The conversation must not end with an assistant message. */
        NO_PREFILL,
        /** Messages of the role {@code system} are rejected. */
        NO_SYSTEM_MESSAGES,
        /** {@code fallbacks} is rejected. */
        NO_FALLBACKS
    }

    private static final int MILLION = 1_000_000;
    private static final int LONG_OUTPUT = 128_000;
    private static final int SHORT_WINDOW = 200_000;
    private static final int SHORT_OUTPUT = 64_000;
    private static final List<String> RETIRED =
            List.of("claude-1", "claude-2", "claude-3", "claude-instant", "claude-opus-4-0", "claude-sonnet-4-0");
    private static final Set<Trait> SINCE_4_7 =
            EnumSet.of(Trait.NO_BUDGET, Trait.HIDES_THINKING, Trait.NO_SAMPLING, Trait.NO_PREFILL);
    private static final Map<String, ClaudeModel> ON_SALE = onSale();

    /** The models of the service, the latest first. */
    public static List<ClaudeModel> all() {
        return List.copyOf(ON_SALE.values());
    }

    /**
     * The model of that id, dated or not. An unknown id whose name begins with {@code claude} is a model without any of
     * the traits, so that tests need not name a real one; other unknown ids and retired ones are null.
     */
    public static @Nullable ClaudeModel of(String id, Set<String> further) {
        ClaudeModel exact = ON_SALE.get(id.replaceFirst("-20\\d{6}$", ""));
        if (exact != null) {
            return exact;
        }
        boolean retired = RETIRED.stream().anyMatch(id::startsWith);
        boolean known = further.contains(id) || id.startsWith("claude") && !retired;
        return known
                ? new ClaudeModel(id, null, "2026-01-01", SHORT_WINDOW, SHORT_OUTPUT, 1024, EnumSet.noneOf(Trait.class))
                : null;
    }

    public boolean is(Trait trait) {
        return traits.contains(trait);
    }

    /** Whether an effort can be set. */
    boolean takesEffort() {
        return !is(Trait.NO_ADAPTIVE) || "claude-opus-4-5".equals(id);
    }

    /**
     * Whether the model can read thinking that the other one signed; what it cannot read is dropped. Of models without
     * a rule of their own it is taken that they read everything before the 5.1 and 5.5 models.
     */
    public boolean reads(String other) {
        if (other.equals(id)) {
            return true;
        }
        return switch (id) {
            case "claude-fable-5-2", "claude-mythos-5-2" -> true;
            case "claude-fable-5-1", "claude-mythos-5-1" -> !other.endsWith("-5-2") && !newer(other);
            case "claude-opus-5-5" ->
                Set.of("claude-sonnet-5-5", "claude-haiku-5-5").contains(other) || older(other);
            case "claude-sonnet-5-5" ->
                Set.of("claude-haiku-5-5", "claude-sonnet-5", "claude-opus-4-8").contains(other) || fourth(other);
            default -> older(other);
        };
    }

    private static boolean newer(String other) {
        return Set.of("claude-sonnet-5-5", "claude-haiku-5-5").contains(other);
    }

    private static boolean older(String other) {
        return !other.endsWith("-5-5") && !other.endsWith("-5-1") && !other.endsWith("-5-2");
    }

    private static boolean fourth(String other) {
        return older(other) && other.contains("-4-") && !"claude-opus-4-7".equals(other);
    }

    /** The entry of {@code GET /v1/models}. */
    public Map<String, Object> listing() {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("type", "model");
        entry.put("id", id);
        entry.put("display_name", displayName());
        entry.put("created_at", created + "T00:00:00Z");
        entry.put("line", line);
        entry.put("lifecycle", "active");
        entry.put("deprecated_at", null);
        entry.put("retires_at", null);
        entry.put("max_input_tokens", contextLength);
        entry.put("max_tokens", maxOutput);
        entry.put("capabilities", capabilities());
        return entry;
    }

    private Map<String, Object> capabilities() {
        Map<String, Object> all = new LinkedHashMap<>();
        for (String name : List.of("batch", "citations", "code_execution")) {
            all.put(name, supported(true));
        }
        all.put(
                "context_management",
                with(true, List.of("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112")));
        all.put("effort", with(takesEffort(), List.of("low", "medium", "high", "xhigh", "max")));
        all.put("image_input", supported(true));
        all.put("pdf_input", supported(true));
        all.put("server_tools", with(true, List.of("code_execution", "web_search")));
        all.put("structured_outputs", supported(true));
        Map<String, Object> types = new LinkedHashMap<>();
        types.put("adaptive", supported(!is(Trait.NO_ADAPTIVE)));
        types.put("between_tools", supported(is(Trait.BETWEEN_TOOLS)));
        types.put("disabled", supported(!is(Trait.ALWAYS_THINKS)));
        types.put("enabled", supported(!is(Trait.NO_BUDGET)));
        Map<String, Object> thinking = supported(true);
        thinking.put("types", types);
        all.put("thinking", thinking);
        return all;
    }

    private static Map<String, Object> with(boolean yes, List<String> parts) {
        Map<String, Object> capability = supported(yes);
        parts.forEach(part -> capability.put(part, supported(yes)));
        return capability;
    }

    private static Map<String, Object> supported(boolean yes) {
        Map<String, Object> capability = new LinkedHashMap<>();
        capability.put("supported", yes);
        return capability;
    }

    private String displayName() {
        List<String> words = new ArrayList<>();
        for (String part : id.split("-")) {
            boolean digit = !words.isEmpty() && Character.isDigit(part.charAt(0));
            String last = words.isEmpty() ? "" : words.get(words.size() - 1);
            if (digit && Character.isDigit(last.charAt(0))) {
                words.set(words.size() - 1, last + "." + part);
            } else {
                words.add(Character.toUpperCase(part.charAt(0)) + part.substring(1));
            }
        }
        return String.join(" ", words);
    }

    private static Map<String, ClaudeModel> onSale() {
        Map<String, ClaudeModel> all = new LinkedHashMap<>();
        Set<Trait> latest = with(SINCE_4_7, Trait.THINKS, Trait.ALWAYS_THINKS, Trait.BOUND, Trait.NO_FORCED_TOOLS);
        big(all, "claude-fable-5-2", "2026-11-09", 512, latest);
        big(all, "claude-mythos-5-2", "2026-11-09", 512, latest);
        big(
                all,
                "claude-haiku-5-5",
                "2026-10-07",
                512,
                with(
                        SINCE_4_7,
                        Trait.THINKS,
                        Trait.CALM_UP_TO_HIGH,
                        Trait.BOUND,
                        Trait.ACCOUNT_BOUND,
                        Trait.NO_FALLBACKS));
        big(all, "claude-sonnet-5-5", "2026-09-28", 512, with(latest, Trait.BETWEEN_TOOLS, Trait.ACCOUNT_BOUND));
        big(all, "claude-opus-5-5", "2026-09-22", 512, latest);
        big(all, "claude-fable-5-1", "2026-09-01", 512, latest);
        big(
                all,
                "claude-mythos-5-1",
                "2026-09-01",
                512,
                with(SINCE_4_7, Trait.THINKS, Trait.ALWAYS_THINKS, Trait.NO_FORCED_TOOLS));
        big(all, "claude-opus-5", "2026-07-01", 512, with(SINCE_4_7, Trait.THINKS, Trait.CALM_UP_TO_HIGH));
        big(all, "claude-sonnet-5", "2026-06-01", 1024, with(SINCE_4_7, Trait.THINKS, Trait.NO_SYSTEM_MESSAGES));
        big(all, "claude-fable-5", "2026-06-01", 512, with(SINCE_4_7, Trait.THINKS, Trait.ALWAYS_THINKS));
        big(all, "claude-mythos-5", "2026-06-01", 512, with(SINCE_4_7, Trait.THINKS, Trait.ALWAYS_THINKS));
        big(all, "claude-opus-4-8", "2026-05-01", 1024, SINCE_4_7);
        big(all, "claude-opus-4-7", "2026-04-01", 2048, SINCE_4_7);
        big(all, "claude-opus-4-6", "2026-02-01", 1024, EnumSet.of(Trait.NO_PREFILL));
        Set<Trait> sonnet = EnumSet.of(Trait.NO_PREFILL);
        add(all, new ClaudeModel("claude-sonnet-4-6", "sonnet", "2026-02-01", MILLION, SHORT_OUTPUT, 1024, sonnet));
        Set<Trait> budget = EnumSet.of(Trait.NO_ADAPTIVE);
        for (String id : List.of("claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5")) {
            add(all, new ClaudeModel(id, line(id), "2025-10-01", SHORT_WINDOW, SHORT_OUTPUT, 1024, budget));
        }
        return all;
    }

    private static Set<Trait> with(Set<Trait> base, Trait... more) {
        Set<Trait> all = EnumSet.copyOf(base);
        all.addAll(List.of(more));
        return all;
    }

    private static void big(Map<String, ClaudeModel> all, String id, String created, int minCached, Set<Trait> traits) {
        add(all, new ClaudeModel(id, line(id), created, MILLION, LONG_OUTPUT, minCached, Set.copyOf(traits)));
    }

    private static void add(Map<String, ClaudeModel> all, ClaudeModel model) {
        all.put(model.id(), model);
    }

    private static String line(String id) {
        return id.split("-")[1];
    }
}
