package dev.kimi.internal.protocol;

import dev.kimi.transport.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code WWW-Authenticate: Bearer} says beside the status (RFC 6750, section 3). */
final class BearerChallenge {

    private static final int LONGEST_HEADER = 2_000;

    /** A scheme, or a parameter with its value. */
    private static final Pattern ELEMENT = Pattern.compile(
            "([A-Za-z0-9!#$%&'*+.^_`|~-]++)(?:\\s*+=\\s*+(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|([^\\s,\"]*+)))?+");

    /** Up to four, with blanks between them, each too short to be a token that the service quotes. */
    private static final Pattern SCOPE = Pattern.compile("[A-Za-z][\\w.:/-]{0,47}(?: [A-Za-z][\\w.:/-]{0,47}){0,3}");

    private BearerChallenge() {}

    /**
     * The scope that a good token lacks.
     *
     * @return scopes with blanks between them; empty if the header names none that can be shown; null if it does not
     *     say {@code insufficient_scope}
     */
    static @Nullable String lackedScope(int status, Headers headers) {
        if (status != 401 && status != 403) {
            return null;
        }
        List<String> challenges = new ArrayList<>();
        headers.forEach((name, value) -> {
            if (name.equals("www-authenticate")) {
                challenges.add(value.substring(0, Math.min(value.length(), LONGEST_HEADER)));
            }
        });
        for (String challenge : challenges) {
            String scope = lackedScope(challenge);
            if (scope != null) {
                return scope;
            }
        }
        return null;
    }

    private static @Nullable String lackedScope(String header) {
        boolean bearer = false;
        boolean lacks = false;
        String scope = "";
        Matcher element = ELEMENT.matcher(header);
        while (element.find()) {
            String name = element.group(1).toLowerCase(Locale.ROOT);
            String value = element.group(2) != null ? element.group(2) : element.group(3);
            if (value == null) {
                if (lacks) {
                    break;
                }
                bearer = name.equals("bearer");
                scope = "";
            } else if (bearer && name.equals("error")) {
                lacks = value.equals("insufficient_scope");
            } else if (bearer && name.equals("scope")) {
                scope = value;
            }
        }
        if (!lacks) {
            return null;
        }
        return SCOPE.matcher(scope).matches() ? scope : "";
    }
}
