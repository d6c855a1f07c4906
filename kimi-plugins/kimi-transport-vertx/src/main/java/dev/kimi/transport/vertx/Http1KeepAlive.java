package dev.kimi.transport.vertx;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a response of HTTP/1.x says about its connection. */
final class Http1KeepAlive {

    private static final Pattern TIMEOUT = Pattern.compile("timeout\\s*=\\s*\"?(\\d{1,7})", Pattern.CASE_INSENSITIVE);

    private Http1KeepAlive() {}

    /** Whether the connection stays open after this response. */
    static boolean isPersistent(HttpVersion version, MultiMap headers) {
        return !hasOption(headers, "close") && (version != HttpVersion.HTTP_1_0 || hasOption(headers, "keep-alive"));
    }

    /**
     * How long the server keeps the connection when it is unused, less a margin, in nanoseconds.
     *
     * @param otherwise when the headers do not say
     */
    static long idleNanos(MultiMap headers, long otherwise) {
        long nanos = otherwise;
        if (headers.contains(HttpHeaders.KEEP_ALIVE)) {
            for (String line : headers.getAll(HttpHeaders.KEEP_ALIVE)) {
                Matcher timeout = TIMEOUT.matcher(line);
                if (timeout.find()) {
                    // a tenth and a quarter of a second off, for what is on its way when the server closes
                    long millis = Long.parseLong(timeout.group(1)) * 900 - 250;
                    nanos = Math.max(0, millis) * 1_000_000;
                }
            }
        }
        return nanos;
    }

    /** Whether the header Connection has the option, in one of its lines, each of which is a list. */
    private static boolean hasOption(MultiMap headers, String option) {
        if (!headers.contains(HttpHeaders.CONNECTION)) {
            return false;
        }
        for (String line : headers.getAll(HttpHeaders.CONNECTION)) {
            for (String each : line.split(",")) {
                if (each.strip().equalsIgnoreCase(option)) {
                    return true;
                }
            }
        }
        return false;
    }
}
