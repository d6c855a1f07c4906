package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads bodies of type {@code multipart/form-data}. */
public final class MultipartForm {

    private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]+)\"?");
    private static final Pattern NAME = Pattern.compile("[; ]name=\"([^\"]*)\"");
    private static final Pattern FILE_NAME = Pattern.compile("[; ]filename=\"([^\"]*)\"");

    private MultipartForm() {}

    /**
     * A part of a form.
     *
     * @param fileName null for a field
     * @param content not a copy
     */
    public record Part(@Nullable String fileName, byte[] content) {

        /** The content as UTF-8. */
        public String text() {
            return new String(content, StandardCharsets.UTF_8);
        }
    }

    /** The parts by their names; of those that occur twice the last. Null if the body is no such form. */
    public static @Nullable Map<String, Part> parts(@Nullable String contentType, byte[] body) {
        Matcher boundary = BOUNDARY.matcher(contentType == null ? "" : contentType);
        if (!boundary.find()) {
            return null;
        }
        String delimiter = "\r\n--" + boundary.group(1);
        // a character for each byte, so that places in the text are places in the body
        String text = "\r\n" + new String(body, StandardCharsets.ISO_8859_1);
        Map<String, Part> parts = new LinkedHashMap<>();
        int at = text.indexOf(delimiter);
        while (at >= 0) {
            int begin = at + delimiter.length();
            if (text.startsWith("--", begin)) {
                return parts;
            }
            int headEnd = text.indexOf("\r\n\r\n", begin);
            at = text.indexOf(delimiter, begin);
            if (headEnd < 0 || at < headEnd) {
                return null;
            }
            String head = new String(
                    text.substring(begin, headEnd).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            Matcher name = NAME.matcher(head);
            if (!name.find()) {
                return null;
            }
            Matcher file = FILE_NAME.matcher(head);
            byte[] content = Arrays.copyOfRange(body, headEnd + 4 - 2, at - 2);
            parts.put(name.group(1), new Part(file.find() ? file.group(1) : null, content));
        }
        return null;
    }
}
