package dev.kimi.internal.protocol;

import dev.kimi.transport.Headers;
import java.util.List;
import java.util.regex.Pattern;
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
    private static final Pattern PRINTABLE = Pattern.compile("[\\x21-\\x7e]{1,128}");

    private RequestIds() {}

    /** The id from the headers, else {@code other}, else null. */
    static @Nullable String find(Headers headers, @Nullable String other) {
        for (String name : HEADERS) {
            String value = headers.first(name);
            if (value != null && PRINTABLE.matcher(value).matches()) {
                return value;
            }
        }
        return other != null && PRINTABLE.matcher(other).matches() ? other : null;
    }
}
