package dev.kimi.test.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A gateway with nothing but Claude behind it, that keeps the contract so far, or breaks one rule of it. */
final class MiniGateway implements GatewayUnderTest {

    /** What is wrong with it. */
    enum Fault {
        NONE,
        INSERTED_SPACE,
        MEMBERS_IN_ANOTHER_ORDER,
        BUFFERED_EVENTS,
        PINGS_LEFT_OUT,
        CLEAN_END_AFTER_A_CUT,
        NO_PINGS,
        CREDENTIAL_FORWARDED,
        EVERY_HEADER_FORWARDED,
        BETAS_FILTERED,
        MODELS_REDIRECTED,
        ERROR_IN_ANOTHER_SHAPE,
        RETRY_AFTER_THE_FIRST_BYTE,
        RETRY_AFTER_LOST,
        RETRIES_WHAT_IS_FINAL,
        CREDENTIAL_OF_THE_SERVICE_BLAMED_ON_THE_CLIENT,
        UNKNOWN_MODEL_IS_A_BAD_REQUEST,
        KEEPS_THE_SERVICE_WHEN_THE_CLIENT_LEAVES,
        STREAM_COMPRESSED
    }

    private static final byte[] PING = "event: ping\ndata: {\"type\": \"ping\"}\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] END = {};
    private static final byte[] CUT = {0};
    private static final String CREDENTIAL = "sk-mini-4f1d";

    private final String claude;
    private final String claudeKey;
    private final Fault fault;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    MiniGateway(String claude, String claudeKey, Fault fault) {
        this.claude = claude;
        this.claudeKey = claudeKey;
        this.fault = fault;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    @Override
    public URI baseUri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public String credential() {
        return CREDENTIAL;
    }

    @Override
    public String kimiModel() {
        return "claude-kimi-k3";
    }

    @Override
    public String claudeModel() {
        return "claude-sonnet-5-5";
    }

    @Override
    public Duration pingInterval() {
        return Duration.ofMillis(50);
    }

    @Override
    public Duration patience() {
        // what a fault keeps back never comes
        return fault == Fault.NONE ? Duration.ofSeconds(20) : Duration.ofMillis(500);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            if (!credentialsFit(exchange)) {
                error(exchange, 401, "authentication_error", "Who are you?");
            } else if (path.equals("/v1/models")) {
                models(exchange);
            } else if (!path.equals("/v1/messages") || !"POST".equals(exchange.getRequestMethod())) {
                error(exchange, 404, "not_found_error", "There is no " + path + ".");
            } else {
                new Call(exchange, body).run();
            }
        }
    }

    private static boolean credentialsFit(HttpExchange exchange) {
        String key = exchange.getRequestHeaders().getFirst("x-api-key");
        String bearer = exchange.getRequestHeaders().getFirst("Authorization");
        boolean keyFits = key == null || key.equals(CREDENTIAL);
        boolean bearerFits = bearer == null || bearer.equals("Bearer " + CREDENTIAL);
        return keyFits && bearerFits && (key != null || bearer != null);
    }

    private void models(HttpExchange exchange) throws IOException {
        if (fault == Fault.MODELS_REDIRECTED) {
            exchange.getResponseHeaders().set("Location", "https://127.0.0.1/v1/models");
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        whole(exchange, 200, "{\"data\":[{\"id\":\"" + kimiModel() + "\"},{\"id\":\"" + claudeModel() + "\"}]}");
    }

    private void error(HttpExchange exchange, int status, String type, String message) throws IOException {
        exchange.getResponseHeaders().set("request-id", "req_1");
        String error = "{\"type\":\"" + type + "\",\"message\":\"" + message + "\"}";
        whole(
                exchange,
                status,
                fault == Fault.ERROR_IN_ANOTHER_SHAPE
                        ? "{\"error\":" + error + "}"
                        : "{\"type\":\"error\",\"error\":" + error + ",\"request_id\":\"req_1\"}");
    }

    private static void whole(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** One call of the model. */
    private final class Call {

        private final HttpExchange exchange;
        private final byte[] body;
        private final boolean stream;
        private final ByteArrayOutputStream buffered = new ByteArrayOutputStream();
        private boolean begun;

        Call(HttpExchange exchange, byte[] body) {
            this.exchange = exchange;
            this.body = body;
            this.stream = text(body).matches("(?s).*\"stream\":\\s*true.*");
        }

        void run() throws IOException {
            if (!text(body).startsWith("{") || !text(body).endsWith("}")) {
                error(exchange, 400, "invalid_request_error", "The body is no JSON object.");
                return;
            }
            if (!text(body).contains(claudeModel())) {
                error(
                        exchange,
                        fault == Fault.UNKNOWN_MODEL_IS_A_BAD_REQUEST ? 400 : 404,
                        "not_found_error",
                        "There is no such model: no-such-model-9");
                return;
            }
            BlockingQueue<byte[]> chunks = new LinkedBlockingQueue<>();
            HttpResponse<InputStream> response = null;
            CompletableFuture<HttpResponse<InputStream>> sent = http.sendAsync(request(), BodyHandlers.ofInputStream());
            try {
                while (response == null) {
                    try {
                        response = sent.get(pingInterval().toMillis(), TimeUnit.MILLISECONDS);
                    } catch (TimeoutException e) {
                        ping();
                    }
                }
                if (response.statusCode() != 200 || !stream) {
                    failed(response, response.body().readAllBytes());
                    return;
                }
                HttpResponse<InputStream> good = response;
                threads.execute(() -> read(good.body(), chunks));
                relay(chunks);
            } catch (InterruptedException | ExecutionException e) {
                throw new IOException(e);
            } finally {
                if (fault != Fault.KEEPS_THE_SERVICE_WHEN_THE_CLIENT_LEAVES) {
                    sent.cancel(true);
                    if (response != null) {
                        response.body().close();
                    }
                }
            }
        }

        private HttpRequest request() {
            String sent = text(body);
            if (fault == Fault.INSERTED_SPACE) {
                sent = sent.replaceFirst("Hello", "Hello ");
            } else if (fault == Fault.MEMBERS_IN_ANOTHER_ORDER) {
                sent = sent.replaceFirst("\"max_tokens\":4096,(.*)}$", "$1,\"max_tokens\":4096}");
            }
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(claude + "/v1/messages"))
                    .header("x-api-key", claudeKey)
                    .POST(BodyPublishers.ofString(sent));
            exchange.getRequestHeaders().forEach((name, values) -> {
                String lower = name.toLowerCase(Locale.ROOT);
                boolean all = fault == Fault.EVERY_HEADER_FORWARDED && lower.startsWith("x-team");
                boolean credential = fault == Fault.CREDENTIAL_FORWARDED && lower.equals("authorization");
                if (lower.startsWith("anthropic-") || all || credential) {
                    request.header(name, filtered(lower, values.get(0)));
                }
            });
            return request.build();
        }

        private String filtered(String name, String value) {
            return fault == Fault.BETAS_FILTERED && name.equals("anthropic-beta") ? value.split(",")[0] : value;
        }

        private void failed(HttpResponse<InputStream> response, byte[] text) throws IOException {
            if (response.statusCode() == 401 && fault != Fault.CREDENTIAL_OF_THE_SERVICE_BLAMED_ON_THE_CLIENT) {
                error(exchange, 502, "api_error", "The service does not take the gateway's key.");
                return;
            }
            if (fault == Fault.RETRIES_WHAT_IS_FINAL && response.statusCode() == 429) {
                http.sendAsync(request(), BodyHandlers.discarding()).join();
            }
            for (String name : List.of("retry-after", "x-should-retry", "request-id")) {
                if (fault != Fault.RETRY_AFTER_LOST || !name.equals("retry-after")) {
                    response.headers()
                            .firstValue(name)
                            .ifPresent(value -> exchange.getResponseHeaders().set(name, value));
                }
            }
            whole(exchange, response.statusCode(), text(text));
        }

        private static void read(InputStream body, BlockingQueue<byte[]> chunks) {
            byte[] buffer = new byte[8192];
            try (body) {
                for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                    chunks.add(Arrays.copyOf(buffer, count));
                }
                chunks.add(END);
            } catch (IOException e) {
                chunks.add(CUT);
            }
        }

        private void relay(BlockingQueue<byte[]> chunks) throws IOException, InterruptedException {
            StringBuilder seen = new StringBuilder();
            while (true) {
                byte[] chunk = chunks.poll(pingInterval().toMillis(), TimeUnit.MILLISECONDS);
                if (chunk == null) {
                    ping();
                    continue;
                }
                if (chunk == END || chunk == CUT) {
                    end(chunk == CUT || seen.indexOf("message_stop") < 0, seen.indexOf("event: error") >= 0);
                    return;
                }
                seen.append(text(chunk));
                write(
                        fault == Fault.PINGS_LEFT_OUT
                                ? text(chunk)
                                        .replaceAll("event: ping\ndata: .*\n\n", "")
                                        .getBytes(StandardCharsets.UTF_8)
                                : chunk);
            }
        }

        private void end(boolean cut, boolean reported) throws IOException {
            if (cut && fault == Fault.RETRY_AFTER_THE_FIRST_BYTE) {
                write(http.sendAsync(request(), BodyHandlers.ofByteArray())
                        .join()
                        .body());
            } else if (cut && fault == Fault.CLEAN_END_AFTER_A_CUT) {
                write("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".getBytes(StandardCharsets.UTF_8));
            } else if (cut && !reported) {
                write(("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"cut\"}}"
                                + "\n\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
            if (fault == Fault.BUFFERED_EVENTS) {
                out().write(buffered.toByteArray());
            }
        }

        private void ping() throws IOException {
            if (stream && fault != Fault.NO_PINGS) {
                write(PING);
            }
        }

        private void write(byte[] bytes) throws IOException {
            if (fault == Fault.BUFFERED_EVENTS && bytes != PING) {
                buffered.write(bytes);
                return;
            }
            out().write(bytes);
            out().flush();
        }

        private OutputStream out() throws IOException {
            if (!begun) {
                begun = true;
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                if (fault == Fault.STREAM_COMPRESSED) {
                    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                }
                exchange.sendResponseHeaders(200, 0);
            }
            return exchange.getResponseBody();
        }
    }

    private static String text(byte @Nullable [] bytes) {
        return new String(Objects.requireNonNull(bytes), StandardCharsets.UTF_8);
    }
}
