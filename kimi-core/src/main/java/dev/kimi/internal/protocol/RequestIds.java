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
    /** What ids are made of; anything else might be anything, and they are shown in logs and traces. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.:/-]{1,128}");

    private RequestIds() {}

    /** The first id from the headers that looks like one, else {@code other} if it does, else null. */
    static @Nullable String find(Headers headers, @Nullable String other) {
        for (String name : HEADERS) {
            String value = headers.first(name);
            if (value != null && ID.matcher(value).matches()) {
                return value;
            }
        }
        return other != null && ID.matcher(other).matches() ? other : null;
    }
}
