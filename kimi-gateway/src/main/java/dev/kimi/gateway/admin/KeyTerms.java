package dev.kimi.gateway.admin;

import dev.kimi.gateway.key.VirtualKey;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads what a key may do. A field that is missing stays as it is; null, and 0 for a limit, is no limit. */
final class KeyTerms {

    private static final Set<String> FIELDS = Set.of("name", "models", "limits", "enabled", "expires");
    private static final Set<String> LIMITS = Set.of(
            "requestsPerMinute",
            "tokensPerMinute",
            "concurrency",
            "sessionConcurrency",
            "budgetPerDay",
            "budgetPerMonth");
    private static final int MAX_MODELS = 100;
    private static final long MAX_COUNT = 1_000_000_000_000L;

    private KeyTerms() {}

    /** @param before what the key may do now; null for a new one */
    static VirtualKey.Terms read(ObjectNode body, VirtualKey.@Nullable Terms before) {
        checkNames(body, FIELDS);
        try {
            return new VirtualKey.Terms(
                    name(body, before),
                    models(body, before),
                    limits(body.get("limits"), before == null ? VirtualKey.Limits.NONE : before.limits()),
                    enabled(body, before),
                    before == null ? null : before.notBefore(),
                    expires(body, before));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw wrong(e.getMessage());
        }
    }

    /** A limit whose name has a typo would otherwise be no limit. */
    private static void checkNames(ObjectNode object, Set<String> known) {
        if (!known.containsAll(object.propertyNames())) {
            throw wrong("There is an unknown field; the known ones are " + String.join(", ", new TreeSet<>(known)));
        }
    }

    private static VirtualKey.Limits limits(@Nullable JsonNode value, VirtualKey.Limits before) {
        if (value == null) {
            return before;
        }
        if (!(value instanceof ObjectNode limits)) {
            throw wrong("limits is an object");
        }
        checkNames(limits, LIMITS);
        return new VirtualKey.Limits(
                count(limits.get("requestsPerMinute"), "requestsPerMinute", before.requestsPerMinute()),
                count(limits.get("tokensPerMinute"), "tokensPerMinute", before.tokensPerMinute()),
                Math.toIntExact(count(limits.get("concurrency"), "concurrency", before.concurrency())),
                Math.toIntExact(
                        count(limits.get("sessionConcurrency"), "sessionConcurrency", before.sessionConcurrency())),
                money(limits.get("budgetPerDay"), "budgetPerDay", before.budgetPerDay()),
                money(limits.get("budgetPerMonth"), "budgetPerMonth", before.budgetPerMonth()));
    }

    static long count(@Nullable JsonNode value, String field, long before) {
        if (value == null) {
            return before;
        }
        if (value.isNull()) {
            return 0;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 0
                || value.longValue() > MAX_COUNT) {
            throw wrong(field + " is a whole number that is not negative, 0 for no limit");
        }
        return value.longValue();
    }

    private static String name(ObjectNode body, VirtualKey.@Nullable Terms before) {
        JsonNode value = body.get("name");
        if (value == null && before != null) {
            return before.name();
        }
        if (value == null || !value.isString() || value.stringValue().isBlank()) {
            throw wrong("name is a text by which people recognise the key");
        }
        return value.stringValue().strip();
    }

    private static List<String> models(ObjectNode body, VirtualKey.@Nullable Terms before) {
        JsonNode value = body.get("models");
        if (value == null) {
            return before == null ? List.of() : before.models();
        }
        if (value.isNull()) {
            return List.of();
        }
        List<String> models = new ArrayList<>();
        boolean texts = value.isArray() && value.size() <= MAX_MODELS;
        for (JsonNode model : value) {
            texts &= model.isString();
            models.add(model.isString() ? model.stringValue().strip() : "");
        }
        if (!texts) {
            throw wrong("models is a list of at most " + MAX_MODELS + " names or patterns such as claude-*");
        }
        return models;
    }

    private static @Nullable BigDecimal money(@Nullable JsonNode value, String field, @Nullable BigDecimal before) {
        if (value == null) {
            return before;
        }
        if (value.isNull()) {
            return null;
        }
        if (!value.isNumber() || value.decimalValue().abs().compareTo(BigDecimal.valueOf(MAX_COUNT)) > 0) {
            throw wrong(field + " is an amount of US dollars, null for no budget");
        }
        return value.decimalValue();
    }

    private static boolean enabled(ObjectNode body, VirtualKey.@Nullable Terms before) {
        JsonNode value = body.get("enabled");
        if (value == null) {
            return before == null || before.enabled();
        }
        if (!value.isBoolean()) {
            throw wrong("enabled is true or false");
        }
        return value.booleanValue();
    }

    private static @Nullable Instant expires(ObjectNode body, VirtualKey.@Nullable Terms before) {
        JsonNode value = body.get("expires");
        if (value == null) {
            return before == null ? null : before.expires();
        }
        if (value.isNull()) {
            return null;
        }
        try {
            return Instant.parse(value.asString());
        } catch (DateTimeException e) {
            throw wrong("expires is a time such as 2027-01-31T00:00:00Z, or null");
        }
    }

    private static AdminProblem wrong(@Nullable String detail) {
        return new AdminProblem(HttpStatus.BAD_REQUEST, detail + ".");
    }
}
