package dev.kimi.test;

import dev.kimi.test.Content.Rendering;
import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.WireFormat;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;

/** Sends rendered responses with the headers the service sends. Lives on the event loop. */
final class ResponseSender {

    private static final long NO_ERROR = 0;
    private static final long LINGER_MILLIS = 5_000;

    private final boolean gzip;
    private final Ids ids;

    ResponseSender(boolean gzip, Ids ids) {
        this.gzip = gzip;
        this.ids = ids;
    }

    /** Sends a reply: waits, stalls, breaks off or plays it, as it says. */
    void send(ServerExchange exchange, Reply reply, Content.RenderContext context) {
        ReplyHead head = reply.head();
        exchange.later(head.delay().toNanos(), () -> {
            switch (head.action()) {
                case DROP -> exchange.cut(head.reset());
                case REFUSE_STREAM -> exchange.refuseStream();
                case STALL -> {
                    // the client's close ends the exchange
                }
                case SEND -> start(exchange, reply, context);
            }
        });
    }

    /** Sends an error at once. */
    void send(ServerExchange exchange, WireFormat format, ApiError error) {
        HttpServerResponse response = exchange.response();
        format.headers(error).forEach(response::putHeader);
        String id = response.headers().get("Request-Id");
        byte[] body = format.body(error, id == null ? ids.request() : id);
        whole(exchange, format.status(error), Contents.JSON, body);
    }

    /** Sends a body of one piece at once. */
    void whole(ServerExchange exchange, int status, String contentType, byte[] body) {
        HttpServerResponse response = exchange.response();
        head(exchange, status, contentType);
        byte[] sent = body;
        if (gzip
                && body.length > 0
                && acceptsGzip(exchange)
                && !response.headers().contains("Content-Encoding")) {
            sent = compressed(body);
            response.putHeader("Content-Encoding", "gzip");
        }
        exchange.finish(Buffer.buffer(sent));
    }

    private void start(ServerExchange exchange, Reply reply, Content.RenderContext context) {
        HttpServerResponse response = exchange.response();
        Rendering rendering = reply.content().render(context);
        rendering.headers().forEach(response::putHeader);
        // a header of the script replaces one that the service would send
        reply.head().headers().forEach(header -> response.headers().remove(header.getKey()));
        for (Map.Entry<String, String> header : reply.head().headers()) {
            response.headers().add(header.getKey(), header.getValue());
        }
        if (reply.head().close()) {
            closeAfter(exchange);
        }
        byte[] whole = rendering.whole();
        if (whole != null && !reply.bodyChanged()) {
            Runnable send = () -> whole(exchange, rendering.status(), rendering.contentType(), whole);
            exchange.later(rendering.delayNanos(), send);
            return;
        }
        head(exchange, rendering.status(), rendering.contentType());
        if (whole != null) {
            response.putHeader("Content-Length", Integer.toString(whole.length));
        } else {
            response.setChunked(true);
            response.putHeader("Cache-Control", "no-cache");
        }
        exchange.received().statusSent(rendering.status());
        response.writeHead();
        Player player = new Player(
                exchange,
                reply.change(rendering.pieces(), context.query().format()),
                reply.head().reset());
        exchange.later(rendering.delayNanos(), player::play);
    }

    private void head(ServerExchange exchange, int status, String contentType) {
        HttpServerResponse response = exchange.response();
        response.setStatusCode(status);
        if (!response.headers().contains("Content-Type")) {
            response.putHeader("Content-Type", contentType);
        }
        if (response.headers().contains("Request-Id")) {
            return;
        }
        response.putHeader("Msh-Request-Id", ids.uuid());
        response.putHeader("Msh-Trace-Mode", "on");
        response.putHeader("Vary", "Origin");
        response.putHeader("X-Msh-Trace-Id", ids.hex(32));
    }

    private static void closeAfter(ServerExchange exchange) {
        if (exchange.http2()) {
            goAway(exchange.request().connection());
        } else {
            exchange.response().putHeader("Connection", "close");
        }
    }

    /**
     * Asks for no more streams, responds to those that are on their way (RFC 9113, section 6.8: a first GOAWAY with the
     * highest stream id), and closes later. A close while requests are still coming in would make TCP drop what has
     * been sent and not yet read; and Netty takes DATA of a stream beyond the last for an error of the connection.
     */
    @SuppressWarnings("deprecation") // shutdown, offered in its place, closes as soon as the streams have ended
    private static void goAway(HttpConnection connection) {
        connection.goAway(NO_ERROR, Integer.MAX_VALUE);
        Objects.requireNonNull(Vertx.currentContext(), "not on an event loop")
                .owner()
                .setTimer(LINGER_MILLIS, ignored -> Sockets.close(connection, false));
    }

    private static boolean acceptsGzip(ServerExchange exchange) {
        String accepted = exchange.request().getHeader("Accept-Encoding");
        return accepted != null && accepted.contains("gzip");
    }

    private static byte[] compressed(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 2 + 32);
        try (GZIPOutputStream packer = new GZIPOutputStream(out)) {
            packer.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
