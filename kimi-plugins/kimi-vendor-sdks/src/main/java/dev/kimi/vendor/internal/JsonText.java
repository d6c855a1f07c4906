package dev.kimi.vendor.internal;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import org.jspecify.annotations.Nullable;

/** Values of JSON texts. */
public final class JsonText {

    private JsonText() {}

    /** A string with its quotes, or null. */
    public static String of(@Nullable String value) {
        if (value == null) {
            return "null";
        }
        StringBuilder text = new StringBuilder(value.length() + 16).append('"');
        JsonStringEncoder.getInstance().quoteAsString(value, text);
        return text.append('"').toString();
    }
}
