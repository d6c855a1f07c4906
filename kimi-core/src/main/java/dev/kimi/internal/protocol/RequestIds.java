package dev.kimi.internal.protocol;

import dev.kimi.internal.util.ErrorTextRedactor;
import dev.kimi.transport.Headers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the id under which a service's support can find an exchange. */
public final class RequestIds {

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
    public static @Nullable String find(Headers headers, @Nullable String other) {
        for (String name : HEADERS) {
            String value = headers.first(name);
            if (value != null && ErrorTextRedactor.isIdentifier(value, LONGEST)) {
                return value;
            }
        }
        return other != null && ErrorTextRedactor.isIdentifier(other, LONGEST) ? other : null;
    }
}
