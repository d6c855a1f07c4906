package dev.kimi.internal.protocol.anthropic;

import dev.kimi.chat.ChatRequest;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.service.ModelCard.Fact;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The member {@code thinking} of a request: whether and how the model is to think, and what is to become of earlier
 * thinking that does not fit what stands before it. The caller's own field is added to and never overridden.
 */
final class ThinkingField {

    static final String NAME = "thinking";

    private static final String BINDING = "block_binding";
    private static final String ON_MISMATCH = "prefix_mismatch_behavior";
    private static final Map<String, Object> DROP = Map.of(ON_MISMATCH, "drop_block");
    /** With others, the service rejects what is said of the binding. */
    private static final Set<String> TYPES_WITH_BINDING = Set.of("adaptive", "enabled");

    private final EncodeTarget target;
    private final @Nullable Object own;
    private final @Nullable Object value;
    private final boolean drops;

    /**
     * @param own the caller's own field, or null
     * @param drop whether thinking that does not fit is to be dropped
     */
    ThinkingField(ChatRequest request, EncodeTarget target, @Nullable Object own, boolean drop) {
        this.target = target;
        this.own = own;
        Object wanted = own == null ? fieldOf(type(request.thinking(), drop)) : own;
        Object dropping = drop && target.card().flag(Fact.REASONING_SIGNED) ? dropping(wanted) : null;
        this.drops = dropping != null;
        this.value = dropping == null ? wanted : dropping;
    }

    /** What is sent, or null for nothing. */
    @Nullable Object value() {
        return value;
    }

    /** Whether it was this library that asked the service to drop thinking that does not fit. */
    boolean drops() {
        return drops;
    }

    /** Whether it says something of the binding, for which the service wants a beta feature named. */
    boolean saysBinding() {
        return value instanceof Map<?, ?> members && members.containsKey(BINDING);
    }

    /** Whether the caller has said what is to become of thinking that does not fit. */
    boolean isDecided() {
        return own instanceof Map<?, ?> members
                && members.get(BINDING) instanceof Map<?, ?> binding
                && binding.containsKey(ON_MISMATCH);
    }

    private @Nullable String type(@Nullable Boolean thinking, boolean drop) {
        if (thinking != null) {
            return thinking ? enabling() : "disabled";
        }
        String thinks = target.card().text(Fact.THINKING);
        boolean usual = "always".equals(thinks) || "unless-disabled".equals(thinks);
        List<String> types = target.card().texts(Fact.THINKING_TYPES);
        // what the model does anyway, said because the binding can be said of nothing else
        return drop && usual && types != null && types.contains("adaptive") ? "adaptive" : null;
    }

    /** What enables thinking, or null where the model thinks anyway and no such value is known. */
    private @Nullable String enabling() {
        List<String> types = target.card().texts(Fact.THINKING_TYPES);
        if (types == null) {
            return target.card().knows(Fact.THINKING) ? null : "adaptive";
        }
        return types.contains("adaptive") ? "adaptive" : types.contains("enabled") ? "enabled" : null;
    }

    private static @Nullable Map<String, Object> fieldOf(@Nullable String type) {
        return type == null ? null : Map.of("type", type);
    }

    /** The field with the wish to drop, or null where it cannot be said or something else is said. */
    private @Nullable Map<String, @Nullable Object> dropping(@Nullable Object wanted) {
        if (!(wanted instanceof Map<?, ?> members)
                || !TYPES_WITH_BINDING.contains(String.valueOf(members.get("type")))
                || isDecided()) {
            return null;
        }
        Map<String, @Nullable Object> all = copy(members);
        Map<String, @Nullable Object> binding =
                members.get(BINDING) instanceof Map<?, ?> said ? copy(said) : new LinkedHashMap<>();
        binding.putAll(DROP);
        all.put(BINDING, binding);
        return all;
    }

    private static Map<String, @Nullable Object> copy(Map<?, ?> members) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        members.forEach((name, value) -> copy.put(String.valueOf(name), value));
        return copy;
    }
}
