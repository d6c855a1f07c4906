package dev.kimi.service;

import dev.kimi.internal.util.HttpText;
import dev.kimi.transport.RequestBody;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request to any endpoint of the service, for those that have no method of their own. It gets the same credentials,
 * quota, retries, timeouts and metrics as a chat. Immutable; does not print its body.
 *
 * <p>The body is bytes in memory, or a source that hands out its bytes as the connection takes them: a file, an input
 * stream, a publisher. One that can be sent again ({@link RequestBody#isReplayable}) is retried as bytes are. One that
 * cannot is retried until an attempt has begun to read it; after that, a failure that would have been retried is thrown
 * as {@link dev.kimi.error.RejectedException} with reason {@code BODY_NOT_REPLAYABLE} and the failure as its cause.
 *
 * <pre>{@code
 * ServiceRequest upload = ServiceRequest.of("POST", "/v1/files", RequestBody.ofFile(multipart))
 *         .header("content-type", "multipart/form-data; boundary=" + boundary)
 *         .deadline(Duration.ofMinutes(30));
 * }</pre>
 */
public final class ServiceRequest {

    private final String method;
    private final String path;
    private final Map<String, String> headers;
    private final RequestBody body;
    private final @Nullable Duration deadline;
    private final boolean errorsAsResponses;

    private ServiceRequest(
            String method,
            String path,
            Map<String, String> headers,
            RequestBody body,
            @Nullable Duration deadline,
            boolean errorsAsResponses) {
        this.method = method;
        this.path = path;
        this.headers = headers;
        this.body = body;
        this.deadline = deadline;
        this.errorsAsResponses = errorsAsResponses;
    }

    /**
     * @param path path and query below the client's base URL, such as {@code /v1/users/me/balance}
     * @throws IllegalArgumentException if the path does not begin with a slash, or could leave the base URL's host
     */
    public static ServiceRequest get(String path) {
        return of("GET", path, RequestBody.empty());
    }

    /** A JSON body; the array is not copied and must not change. */
    public static ServiceRequest post(String path, byte[] json) {
        return of("POST", path, json).header("content-type", "application/json");
    }

    /**
     * Any method.
     *
     * @param body not copied, must not change; empty for none
     * @throws IllegalArgumentException as {@link #get} does, or if the method is no word
     */
    public static ServiceRequest of(String method, String path, byte[] body) {
        return of(method, path, RequestBody.of(body));
    }

    /**
     * Any method, and a body that may be sent as it is read.
     *
     * @throws IllegalArgumentException as {@link #get} does, or if the method is no word
     */
    public static ServiceRequest of(String method, String path, RequestBody body) {
        Objects.requireNonNull(body, "body");
        if (!HttpText.isToken(method)) {
            throw new IllegalArgumentException("a method is a word such as GET, without blanks");
        }
        HttpText.checkCallersPath(path);
        return new ServiceRequest(method.toUpperCase(Locale.ROOT), path, Map.of(), body, null, false);
    }

    /**
     * The same request with a header, its name in lower case. It replaces one of the same name, also one that the
     * client sends by itself; values of {@code anthropic-beta} are added to those of the client.
     *
     * @throws IllegalArgumentException if the name is no name of a header, if the value holds a control character other
     *     than a tab or a character beyond Latin-1, or if the client or its transport writes the header: credentials
     *     ({@code authorization}, {@code x-api-key}), {@code accept-encoding}, and what frames the message or belongs
     *     to the connection ({@code content-length}, {@code transfer-encoding}, {@code host}, {@code connection},
     *     {@code keep-alive}, {@code te}, {@code trailer}, {@code upgrade}, {@code expect}, {@code proxy-…})
     */
    public ServiceRequest header(String name, String value) {
        HttpText.checkCallersHeader(name, value);
        Map<String, String> copy = new LinkedHashMap<>(headers);
        copy.put(name.toLowerCase(Locale.ROOT), value);
        return new ServiceRequest(method, path, copy, body, deadline, errorsAsResponses);
    }

    /** The same request with time for the whole call. */
    public ServiceRequest deadline(Duration value) {
        return new ServiceRequest(method, path, headers, body, value, errorsAsResponses);
    }

    /**
     * The same request whose response may have any status, for programs that pass it on: the error response that the
     * call ends with, after the retries of any call, is a {@link ServiceResponse} or {@link ServiceStream} like a good
     * one, with up to 64 KiB of its body. What is no response of the service is thrown as ever. Off by default.
     */
    public ServiceRequest errorsAsResponses(boolean value) {
        return new ServiceRequest(method, path, headers, body, deadline, value);
    }

    /**
     * Whether a request may have no header of that name, in any case, since the client or its transport writes it: see
     * {@link #header}. For programs that pass on the headers of others.
     */
    public static boolean isReserved(String headerName) {
        return HttpText.isReserved(headerName);
    }

    public String method() {
        return method;
    }

    public String path() {
        return path;
    }

    /** Headers in lower case, in order. */
    public Map<String, String> headers() {
        return Collections.unmodifiableMap(headers);
    }

    /** The body; {@link RequestBody#empty()} for none. */
    public RequestBody body() {
        return body;
    }

    /** Time for the whole call, or null for the client's total timeout. */
    public @Nullable Duration deadline() {
        return deadline;
    }

    /** Whether an error response is returned instead of thrown. */
    public boolean errorsAsResponses() {
        return errorsAsResponses;
    }

    @Override
    public String toString() {
        String size = body.length() < 0 ? "streamed" : body.length() + " bytes";
        return "ServiceRequest[" + method + " " + path + ", " + size + "]";
    }
}
