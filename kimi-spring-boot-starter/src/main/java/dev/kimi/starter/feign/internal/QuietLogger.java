package dev.kimi.starter.feign.internal;

import feign.Logger;
import feign.Request;
import feign.Response;
import feign.Util;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ReflectionUtils;

/**
 * Gives the logger of a Feign client what it may write: of bodies their sizes, of the query its names, and no headers
 * that hold secrets.
 */
final class QuietLogger extends Logger {

    private static final String HIDDEN = "***";

    private static final Pattern SECRET = Pattern.compile(
            "auth|key|token|secret|cookie|password|credential|session|signature", Pattern.CASE_INSENSITIVE);

    private static final Pattern LIMIT = Pattern.compile("ratelimit|rate-limit", Pattern.CASE_INSENSITIVE);

    private static final Method LOG_REQUEST = method("logRequest", String.class, Level.class, Request.class);

    private static final Method LOG_RESPONSE =
            method("logAndRebufferResponse", String.class, Level.class, Response.class, long.class);

    private static final Method LOG_RETRY = method("logRetry", String.class, Level.class);

    private static final Method LOG_FAILURE =
            method("logIOException", String.class, Level.class, IOException.class, long.class);

    private final Logger logger;

    QuietLogger(Logger logger) {
        this.logger = logger;
    }

    /** Protected, and so out of reach: Feign has loggers for heirs, and none to be wrapped. */
    private static Method method(String name, Class<?>... parameters) {
        Method method = Objects.requireNonNull(ReflectionUtils.findMethod(Logger.class, name, parameters), name);
        ReflectionUtils.makeAccessible(method);
        return method;
    }

    private @Nullable Object callDelegate(Method method, @Nullable Object... arguments) {
        return ReflectionUtils.invokeMethod(method, logger, arguments);
    }

    @Override
    protected void log(String configKey, String format, Object... args) {
        throw new UnsupportedOperationException("the logger beneath writes");
    }

    @Override
    protected void logRequest(String configKey, Level level, Request request) {
        callDelegate(LOG_REQUEST, configKey, withoutBodies(level), quiet(request));
    }

    @Override
    protected Response logAndRebufferResponse(String configKey, Level level, Response response, long millis)
            throws IOException {
        if (response.body() == null || response.body() instanceof StreamedBody) {
            callDelegate(LOG_RESPONSE, configKey, withoutBodies(level), quiet(response, null), millis);
            return response;
        }
        byte[] body = Util.toByteArray(response.body().asInputStream());
        callDelegate(LOG_RESPONSE, configKey, withoutBodies(level), quiet(response, new byte[body.length]), millis);
        return response.toBuilder().body(body).build();
    }

    @Override
    protected void logRetry(String configKey, Level level) {
        callDelegate(LOG_RETRY, configKey, level);
    }

    @Override
    protected IOException logIOException(String configKey, Level level, IOException failure, long millis) {
        callDelegate(LOG_FAILURE, configKey, withoutBodies(level), failure, millis);
        return failure;
    }

    private static Level withoutBodies(Level level) {
        return level == Level.FULL ? Level.HEADERS : level;
    }

    private static Request quiet(Request request) {
        // no more of the body than its length
        byte @Nullable [] body = request.body() == null ? null : new byte[request.length()];
        return Request.create(request.httpMethod(), quiet(request.url()), quiet(request.headers()), body, null, null);
    }

    private static Response quiet(Response response, byte @Nullable [] body) {
        return response.toBuilder()
                .request(quiet(response.request()))
                .headers(quiet(response.headers()))
                .body(body)
                .build();
    }

    private static String quiet(String url) {
        String withoutUser = url.replaceFirst("//[^/?#]*@", "//" + HIDDEN + "@");
        int query = withoutUser.indexOf('?');
        return query < 0
                ? withoutUser
                : withoutUser.substring(0, query) + withoutUser.substring(query).replaceAll("=[^&]*", "=" + HIDDEN);
    }

    private static Map<String, Collection<String>> quiet(Map<String, Collection<String>> headers) {
        Map<String, Collection<String>> quiet = new LinkedHashMap<>();
        headers.forEach((name, values) -> quiet.put(name, isSecret(name) ? List.of(HIDDEN) : values));
        return quiet;
    }

    private static boolean isSecret(String header) {
        return SECRET.matcher(header).find() && !LIMIT.matcher(header).find();
    }
}
