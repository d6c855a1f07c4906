package dev.kimi.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.errors.AnthropicException;
import com.openai.errors.OpenAIException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.event.CallEvent;
import dev.kimi.vendor.RawSdk.Request;
import dev.kimi.vendor.RawSdk.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Any request and any response of the SDKs' interface, as their own transport sends and reads them. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class SdkContractTest {

    @Parameter
    RawSdk sdk = RawSdk.OPENAI;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<com.sun.net.httpserver.Headers> headers = new CopyOnWriteArrayList<>();
    private final List<CallEvent.Outcome> outcomes = new CopyOnWriteArrayList<>();
    private Reply reply = exchange -> exchange.sendResponseHeaders(204, -1);
    private HttpServer server;
    private KimiClient kimi;
    private String base;

    /** Writes a response. */
    @FunctionalInterface
    private interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            requests.add(
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().toASCIIString());
            headers.add(exchange.getRequestHeaders());
            exchange.getRequestBody().readAllBytes();
            reply.to(exchange);
            exchange.close();
        });
        server.start();
        base = "http://127.0.0.1:" + server.getAddress().getPort() + "/api";
        kimi = KimiClient.builder()
                .provider(Part.TRANSPORT, "vertx")
                .protocol(sdk.protocol())
                .baseUrl(base)
                .apiKey("sk-test")
                .model(sdk == RawSdk.OPENAI ? "kimi-k3" : "claude-sonnet-4-6")
                .listener(call -> event -> {
                    if (event instanceof CallEvent.Finished finished) {
                        outcomes.add(finished.outcome());
                    }
                })
                .build();
    }

    @AfterEach
    void stop() {
        kimi.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private static Reply of(int status, String type, String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH", "POST"})
    void a_request_of_any_method_is_sent_as_it_is_and_leaves_nothing_open(String method) {
        try (Response response = sdk.execute(kimi, Request.of(method, base, "v1", "files"))) {
            assertThat(response.status()).isEqualTo(204);
        }
        assertThat(requests).containsExactly(method + " /api/v1/files");
        SdkFixture.eventually("the call has ended", () -> outcomes.size() == 1);
        assertThat(outcomes).containsExactly(CallEvent.Outcome.SUCCESS);
    }

    @Test
    void paths_and_queries_arrive_as_they_were_given() {
        Map<String, List<String>> query = new LinkedHashMap<>();
        query.put("include[]", List.of("a", "b"));
        query.put("q", List.of("x y&z=+ä"));

        sdk.execute(kimi, Request.of("GET", base, "v1", "files", "a b+c/ä%?#").query(query))
                .close();

        String[] sent = requests.get(0).split("\\?", 2);
        assertThat(sent[0]).isEqualTo("GET /api/v1/files/a%20b%2Bc%2F%C3%A4%25%3F%23");
        assertThat(sent[1]).isEqualTo("include%5B%5D=a&include%5B%5D=b&q=x+y%26z%3D%2B%C3%A4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "."})
    void a_segment_that_leads_out_of_its_path_is_rejected(String segment) {
        assertThatThrownBy(() -> sdk.execute(kimi, Request.of("DELETE", base, "v1", "files", segment)))
                .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
                .hasMessageContaining("segment");
        assertThat(requests).isEmpty();
    }

    @Test
    void the_length_of_a_head_response_is_no_body_to_wait_for() {
        reply = exchange -> {
            exchange.getResponseHeaders().add("content-length", "5");
            exchange.sendResponseHeaders(200, -1);
        };

        try (Response response = sdk.execute(kimi, Request.of("HEAD", base, "v1"))) {
            assertThat(response.headers().of("Content-Length")).containsExactly("5");
            assertThat(response.text()).isEmpty();
        }
        assertThat(outcomes).containsExactly(CallEvent.Outcome.SUCCESS);
    }

    @Test
    void headers_of_a_response_are_found_in_any_case_with_all_their_values() {
        reply = exchange -> {
            exchange.getResponseHeaders().put("X-Some", List.of("a", "b"));
            exchange.sendResponseHeaders(204, -1);
        };

        try (Response response = sdk.execute(kimi, Request.of("GET", base, "v1"))) {
            assertThat(response.headers().of("x-SOME")).containsExactly("a", "b");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_body_that_the_service_packs_is_unpacked(boolean async) {
        reply = exchange -> {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (OutputStream zip = new GZIPOutputStream(packed)) {
                zip.write("{\"sky\":\"blue\"}".getBytes(StandardCharsets.UTF_8));
            }
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.getResponseHeaders().add("content-encoding", "gzip");
            exchange.sendResponseHeaders(200, packed.size());
            exchange.getResponseBody().write(packed.toByteArray());
        };
        Request request = Request.of("GET", base, "v1");

        try (Response response = async ? sdk.executeAsync(kimi, request).join() : sdk.execute(kimi, request)) {
            assertThat(response.text()).isEqualTo("{\"sky\":\"blue\"}");
            assertThat(response.headers().of("content-encoding")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_error_is_a_response_with_its_status_and_a_json_body(boolean async) {
        reply = of(404, "application/json", "{\"error\":{\"type\":\"not_found_error\",\"message\":\"secret words\"}}");
        Request request = Request.of("GET", base, "v1");

        try (Response response = async ? sdk.executeAsync(kimi, request).join() : sdk.execute(kimi, request)) {
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.headers().of("content-type")).containsExactly("application/json");
            assertThat(response.text()).contains("\"type\":\"not_found_error\"").doesNotContain("secret words");
        }
    }

    @Test
    void a_response_may_be_closed_twice_and_is_not_read_after() {
        reply = of(200, "text/plain", "blue");
        Response response = sdk.execute(kimi, Request.of("GET", base, "v1"));

        response.close();
        response.close();

        assertThatThrownBy(() -> response.body().read()).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"api-key", "x-goog-api-key", "cookie", "Authorization", "X-Api-Key"})
    void credentials_of_the_sdk_never_leave_the_program(String name) {
        sdk.execute(kimi, Request.of("GET", base, "v1").header(name, "of-the-sdk"))
                .close();

        assertThat(headers.get(0).values())
                .allSatisfy(values -> assertThat(values).noneMatch(value -> value.contains("of-the-sdk")));
    }

    @Test
    void several_values_of_a_header_are_sent_as_one() {
        sdk.execute(kimi, Request.of("GET", base, "v1").header("X-Team", "sky", "sea"))
                .close();

        assertThat(headers.get(0).get("x-team")).containsExactly("sky, sea");
    }

    @Test
    void a_call_over_a_client_that_is_closed_is_an_exception_of_the_sdk() {
        kimi.close();
        Request request = Request.of("GET", base, "v1");

        assertThatThrownBy(() -> sdk.execute(kimi, request))
                .isInstanceOfAny(OpenAIException.class, AnthropicException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> sdk.executeAsync(kimi, request).join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfAny(OpenAIException.class, AnthropicException.class)
                .hasMessageContaining("closed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_body_is_closed_when_its_request_is_rejected_before_it_is_sent(boolean async) {
        RawBody body = RawBody.of("{}".getBytes(StandardCharsets.UTF_8));
        Request elsewhere = Request.of("POST", "https://example.org", "v1").body(body);

        assertThatThrownBy(() -> {
                    if (async) {
                        sdk.executeAsync(kimi, elsewhere).join();
                    } else {
                        sdk.execute(kimi, elsewhere);
                    }
                })
                .hasStackTraceContaining("the SDK's base URL leads to https://example.org:443/v1");
        assertThat(body.closed.get()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/problem+json; charset=utf-8"})
    void an_asynchronous_response_that_the_sdk_reads_in_its_stage_is_whole(String type) {
        CompletableFuture<Void> mayEnd = new CompletableFuture<>();
        reply = exchange -> {
            exchange.getResponseHeaders().add("content-type", type);
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('1');
            exchange.getResponseBody().flush();
            mayEnd.join();
            exchange.getResponseBody().write('2');
        };
        CompletableFuture<Response> begun = sdk.executeAsync(kimi, Request.of("GET", base, "v1"));
        SdkFixture.eventually("the request has come", () -> requests.size() == 1);
        // the callback executor is free for the calls of others
        CompletableFuture<String> text = begun.thenApply(Response::text);

        mayEnd.complete(null);

        assertThat(text.join()).isEqualTo("12");
        SdkFixture.eventually("the call has ended", () -> outcomes.size() == 1);
        assertThat(outcomes).containsExactly(CallEvent.Outcome.SUCCESS);
    }
}
