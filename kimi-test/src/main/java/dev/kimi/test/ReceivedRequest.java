package dev.kimi.test;

import dev.kimi.test.internal.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A request as it reached the simulator. Thread-safe. Its {@link #toString()} shows neither body nor header values. */
public final class ReceivedRequest {

    /** How a request ended. */
    public enum Ending {
        /** Not yet: it is being read or responded to, or its reply stalls. */
        OPEN,
        /** The whole response was sent. */
        COMPLETED,
        /** The client closed the connection. */
        CLOSED_BY_CLIENT,
        /** The client reset the stream, on HTTP/2. */
        RESET_BY_CLIENT,
        /** The simulator broke off: a scripted cut, a reset or its own closing. */
        CUT;

        /** Whether it was the client that broke off. */
        public boolean byClient() {
            return this == CLOSED_BY_CLIENT || this == RESET_BY_CLIENT;
        }
    }

    private final long number;
    private final long connection;
    private final long arrivalNanos;
    private final String protocol;
    private final String method;
    private final String target;
    private final List<Map.Entry<String, String>> headers = new ArrayList<>();
    private final CompletableFuture<Ending> end = new CompletableFuture<>();
    private volatile byte[] body = {};
    private volatile int status;

    ReceivedRequest(
            long number, Origin origin, String method, String target, Iterable<Map.Entry<String, String>> headers) {
        this.number = number;
        this.connection = origin.connection();
        this.arrivalNanos = origin.arrivalNanos();
        this.protocol = origin.protocol();
        this.method = method;
        this.target = target;
        headers.forEach(this.headers::add);
    }

    /** Where and when a request came in. */
    record Origin(long connection, long arrivalNanos, String protocol) {}

    /** Position in the order of arrival since the simulator started, from 1. */
    public long number() {
        return number;
    }

    /** Number of the connection it came on, from 1; requests that share a connection share the number. */
    public long connection() {
        return connection;
    }

    /** When its head arrived, on the simulator's clock, in nanoseconds; only differences mean anything. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    /** {@code HTTP/1.1} or {@code HTTP/2}. */
    public String protocol() {
        return protocol;
    }

    /** The method in capitals. */
    public String method() {
        return method;
    }

    /** The path without the query. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The query without its question mark; empty if there is none. */
    public String query() {
        int query = target.indexOf('?');
        return query < 0 ? "" : target.substring(query + 1);
    }

    /** First value of the header, whatever the case of its name. */
    public Optional<String> header(String name) {
        return headers(name).stream().findFirst();
    }

    /** All values of the header, whatever the case of its name; empty if it was not sent. */
    public List<String> headers(String name) {
        return headers.stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** Names of the headers that were sent, in lower case. */
    public List<String> headerNames() {
        return headers.stream()
                .map(header -> header.getKey().toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
    }

    /** The body as text; empty if none came. */
    public String bodyText() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The body as JSON members in their order; empty if it is not a JSON object. */
    public Map<String, Object> body() {
        return Json.members(body);
    }

    /** The status that was sent, or 0 as long as none was. */
    public int status() {
        return status;
    }

    /** How it ended, so far. */
    public Ending ending() {
        return end.getNow(Ending.OPEN);
    }

    /** Completes when the request has ended; never exceptionally. */
    public CompletableFuture<Ending> ended() {
        return end.copy();
    }

    void bodyArrived(byte[] bytes) {
        body = bytes;
    }

    void statusSent(int sent) {
        status = sent;
    }

    void end(Ending ending) {
        end.complete(ending);
    }

    @Override
    public String toString() {
        return "#" + number + " " + method + " " + path() + " " + protocol + " on connection " + connection + ": "
                + (status == 0 ? "no response" : status) + ", " + ending() + ", headers " + headerNames() + ", "
                + body.length + " bytes";
    }
}
