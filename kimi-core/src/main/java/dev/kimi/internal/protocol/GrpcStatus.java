package dev.kimi.internal.protocol;

import java.util.Locale;
import java.util.Map;

/** The HTTP statuses that the codes of gRPC stand for, by name ({@code RESOURCE_EXHAUSTED}). */
final class GrpcStatus {

    private static final Map<String, Integer> BY_NAME = Map.ofEntries(
            Map.entry("cancelled", 499),
            Map.entry("invalid_argument", 400),
            Map.entry("failed_precondition", 400),
            Map.entry("out_of_range", 400),
            Map.entry("unauthenticated", 401),
            Map.entry("permission_denied", 403),
            Map.entry("not_found", 404),
            Map.entry("already_exists", 409),
            Map.entry("aborted", 409),
            Map.entry("resource_exhausted", 429),
            Map.entry("internal", 500),
            Map.entry("data_loss", 500),
            Map.entry("unimplemented", 501),
            Map.entry("unavailable", 503),
            Map.entry("deadline_exceeded", 504));

    private static final Map<String, Integer> BY_NUMBER =
            Map.of("3", 400, "5", 404, "7", 403, "8", 429, "13", 500, "14", 503, "16", 401);

    private GrpcStatus() {}

    /** The status that one of the numbers stands for which services send in place of a status, or 0. */
    static int ofNumber(String number) {
        return BY_NUMBER.getOrDefault(number, 0);
    }

    /** The status that a name stands for, or 0. */
    static int toHttp(String name) {
        return BY_NAME.getOrDefault(name.toLowerCase(Locale.ROOT).replace('-', '_'), 0);
    }
}
