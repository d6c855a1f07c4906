package dev.kimi.samples.benchmark.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The service behind the gateways, in a process of its own: chat completions of a fixed text, or as many events as the
 * prompt says, without looking at anything else of a request. Prints its port, and ends with its standard input.
 */
final class UpstreamMain {

    private static final Pattern STREAM = Pattern.compile("EVENTS-(\\d+) GAP-(\\d+)");
    private static final Pattern FAULT = Pattern.compile("FAULT-([a-z]+)");
    private static final String CHUNK = """
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":"kimi-k3","choices":\
            [{"index":0,"delta":{"content":" token %06d"},"finish_reason":null}]}

            """;
    private static final String FIRST = CHUNK.formatted(0).replace("\"content\"", "\"role\":\"assistant\",\"content\"");
    private static final Buffer EVENT = Buffer.buffer(CHUNK.formatted(1));
    private static final Buffer LAST = Buffer.buffer("""
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":"kimi-k3","choices":\
            [{"index":0,"delta":{},"finish_reason":"stop"}],\
            "usage":{"prompt_tokens":500,"completion_tokens":50,"total_tokens":550}}

            data: [DONE]

            """);
    private static final Buffer WHOLE = Buffer.buffer("""
            {"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"kimi-k3","choices":\
            [{"index":0,"message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
            "usage":{"prompt_tokens":500,"completion_tokens":120,"total_tokens":620}}
            """.formatted("All work and no play. ".repeat(20)));
    private static final Buffer BUSY = Buffer.buffer("""
            {"error":{"message":"Your account reached max request per minute, please try again later",\
            "type":"rate_limit_reached_error"}}
            """);

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong abandoned = new AtomicLong();

    private UpstreamMain() {}

    public static void main(String[] args) throws IOException {
        System.out.println(new UpstreamMain().listen());
        while (System.in.read() >= 0) {
            // until whoever has started it ends
        }
        System.exit(0);
    }

    private int listen() {
        return vertx.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setPort(0).setIdleTimeout(0))
                .requestHandler(this::received)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private void received(HttpServerRequest request) {
        if ("/counts".equals(request.path())) {
            request.response().end(requests.get() + " " + abandoned.get());
        } else if (request.uri().endsWith("/models")) {
            request.response()
                    .putHeader("content-type", "application/json")
                    .end("{\"object\":\"list\",\"data\":[{\"id\":\"kimi-k3\",\"object\":\"model\"}]}");
        } else {
            request.body().onSuccess(body -> respond(request.response(), body.toString(StandardCharsets.UTF_8)));
        }
    }

    private void respond(HttpServerResponse response, String body) {
        requests.incrementAndGet();
        Matcher fault = FAULT.matcher(body);
        if (fault.find() && fault.group(1).equals("limit")) {
            response.setStatusCode(429)
                    .putHeader("retry-after", "7")
                    .putHeader("content-type", "application/json")
                    .end(BUSY);
        } else if (body.contains("\"stream\":true")) {
            Matcher asked = STREAM.matcher(body);
            if (asked.find()) {
                long events = Long.parseLong(asked.group(1));
                stream(
                        response,
                        events,
                        Long.parseLong(asked.group(2)),
                        fault.reset().find() ? fault.group(1) : "");
            } else {
                response.setStatusCode(400).end();
            }
        } else {
            response.putHeader("content-type", "application/json").end(WHOLE);
        }
    }

    private void stream(HttpServerResponse response, long events, long gapMillis, String fault) {
        response.putHeader("content-type", "text/event-stream").setChunked(true);
        response.write(FIRST);
        long[] left = {events};
        long timer = vertx.setPeriodic(gapMillis, id -> {
            if (left[0] == 0 && fault.equals("stall")) {
                return;
            }
            if (left[0]-- > 0) {
                response.write(EVENT);
            } else {
                vertx.cancelTimer(id);
                if (fault.equals("cut")) {
                    response.reset();
                } else {
                    response.end(LAST);
                }
            }
        });
        response.closeHandler(closed -> {
            if (vertx.cancelTimer(timer)) {
                abandoned.incrementAndGet();
            }
        });
    }
}
