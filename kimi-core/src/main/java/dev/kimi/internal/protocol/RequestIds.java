package dev.kimi.internal.protocol;

import dev.kimi.transport.Headers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the id under which a service's support can find an exchange. */
final class RequestIds {

    private static final List<String> HEADERS = List.of(
            "x-msh-trace-id",
            "x-trace-id",
            "msh-request-id",
            "request-id",
            "x-request-id",
            "apim-request-id",
            "x-groq-id");

    private static final int LONGEST = 128;

    private RequestIds() {}

    /** The first id from the headers that looks like one, else {@code other} if it does, else null. */
    static @Nullable String find(Headers headers, @Nullable String other) {
        for (String name : HEADERS) {
            String value = headers.first(name);
            if (value != null && isId(value)) {
                return value;
            }
        }
        return other != null && isId(other) ? other : null;
    }

    /** What ids are made of; anything else might be anything, and they are shown in logs and traces. */
    private static boolean isId(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            // from '-' to ':' stand '-', '.', '/', the digits and ':'
            if (!letter && !(c >= '-' && c <= ':') && c != '_') {
                return false;
            }
        }
        return !value.isEmpty() && value.length() <= LONGEST;
    }
}
