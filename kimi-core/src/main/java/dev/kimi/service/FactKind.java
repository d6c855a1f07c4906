package dev.kimi.service;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The type of a fact's value, read from a value of that type or from a text. */
enum FactKind {
    COUNT("a count of at least 1, such as 200000, 128k or 1M", FactKind::count),
    FLAG("true or false", FactKind::flag),
    TEXT("a text", FactKind::text),
    ONE_OF("a text", FactKind::text),
    TEXTS("a list of texts, such as low, high", value -> list(value, FactKind::text)),
    DECIMALS("a list of numbers, such as 1, 0.6", value -> list(value, FactKind::decimal)),
    PRICE("a price of at least 0, such as 0.20", FactKind::price),
    DATE("a date such as 2026-08-31", FactKind::date);

    private final String description;
    private final Function<Object, @Nullable Object> reader;

    FactKind(String description, Function<Object, @Nullable Object> reader) {
        this.description = description;
        this.reader = reader;
    }

    Object read(Object value) {
        Object read;
        try {
            read = reader.apply(value);
        } catch (NumberFormatException | ArithmeticException | DateTimeException e) {
            read = null;
        }
        if (read == null) {
            throw new IllegalArgumentException("is not " + description);
        }
        return read;
    }

    private static @Nullable Object count(Object value) {
        if (value instanceof Long || value instanceof Integer) {
            long count = ((Number) value).longValue();
            return count > 0 ? count : null;
        }
        if (!(value instanceof String text) || text.isBlank()) {
            return null;
        }
        String digits = text.strip();
        int zeros = "kM".indexOf(digits.charAt(digits.length() - 1)) * 3 + 3;
        BigDecimal number = new BigDecimal(zeros == 0 ? digits : digits.substring(0, digits.length() - 1));
        return count(number.movePointRight(zeros).longValueExact());
    }

    private static @Nullable Object flag(Object value) {
        if (value instanceof Boolean) {
            return value;
        }
        return value.equals("true") ? Boolean.TRUE : value.equals("false") ? Boolean.FALSE : null;
    }

    private static @Nullable Object text(Object value) {
        return value instanceof String text && !text.isBlank() ? text.strip() : null;
    }

    private static @Nullable Object decimal(Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        return value instanceof String text ? Double.valueOf(text.strip()) : null;
    }

    private static @Nullable Object price(Object value) {
        BigDecimal price = value instanceof BigDecimal decimal
                ? decimal
                : value instanceof String || value instanceof Number
                        ? new BigDecimal(value.toString().strip())
                        : null;
        return price == null || price.signum() < 0 ? null : price;
    }

    private static @Nullable Object date(Object value) {
        if (value instanceof LocalDate) {
            return value;
        }
        return value instanceof String text ? LocalDate.parse(text.strip()) : null;
    }

    private static @Nullable Object list(Object value, Function<Object, @Nullable Object> element) {
        List<?> values;
        if (value instanceof String text) {
            values = text.strip().equals("none") ? List.of() : List.of(text.split(","));
        } else if (value instanceof List<?> list) {
            values = list;
        } else {
            return null;
        }
        List<Object> read = new ArrayList<>(values.size());
        for (Object one : values) {
            Object known = one == null ? null : element.apply(one);
            if (known == null) {
                return null;
            }
            read.add(known);
        }
        return List.copyOf(read);
    }
}
