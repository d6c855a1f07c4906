package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayFixture;
import dev.kimi.gateway.key.VirtualKey;
import dev.kimi.gateway.key.VirtualKeys;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** Each bad input gets a clean response, reaches no service, and leaves the gateway as it was. */
@ExtendWith(OutputCaptureExtension.class)
class BadInputsTest {

    private static final String SECRET = "sk-gw-that-nobody-has-issued-0123456789";
    private static final String ASK =
            "{\"model\":\"kimi-k3\",\"max_tokens\":10,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final List<String> TABLE = new ArrayList<>();

    @TempDir
    private static Path folder;

    private static KimiSimulator kimi;
    private static KimiSimulator claude;
    private static ConfigurableApplicationContext gateway;
    private static String key;

    /** What is sent, what comes back, and whether the connection is over then. */
    enum Input {
        BODY_LARGER_THAN_ANNOUNCED_LIMIT(413, false),
        BODY_LARGER_THAN_LIMIT_IN_CHUNKS(413, false),
        TEN_THOUSAND_HEADERS(431, true),
        REQUEST_LINE_OF_100_KB(414, true),
        BODY_THAT_IS_NO_JSON(400, false),
        BODY_THAT_IS_NO_UTF_8(400, false),
        JSON_100_000_DEEP(400, false),
        CHUNK_SIZE_THAT_IS_NO_NUMBER(400, true),
        SPACE_BEFORE_THE_COLON_OF_A_HEADER(400, true),
        TLS_ON_THE_PORT_WITHOUT_TLS(400, true),
        TWO_CONTENT_LENGTHS_THAT_DIFFER(400, true),
        TWO_CONTENT_LENGTHS_ALIKE(400, true),
        CONTENT_LENGTH_AND_CHUNKED(400, true),
        HEAD_THAT_TRICKLES(408, true),
        BODY_THAT_STOPS(408, true),
        BODY_THAT_TRICKLES(408, true),
        CONTENT_TYPE_OF_A_FORM(415, false),
        BODY_THAT_IS_COMPRESSED(415, false),
        UNKNOWN_PATH(404, false),
        WRONG_METHOD(405, false),
        PATH_THAT_LEADS_ELSEWHERE(400, false),
        PATH_WITH_A_PARAMETER(400, false),
        MISSING_KEY(401, false),
        WRONG_KEY(401, false);

        final int status;
        final boolean closes;

        Input(int status, boolean closes) {
            this.status = status;
            this.closes = closes;
        }
    }

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.start();
        claude = KimiSimulator.start();
        gateway = GatewayFixture.start(
                kimi,
                claude,
                Map.of(
                        "kimi.gateway.keys.file", folder.resolve("keys.json").toString(),
                        "kimi.gateway.server.header-timeout", "500ms",
                        "kimi.gateway.server.read-timeout", "500ms",
                        "kimi.gateway.server.request-timeout", "1s"));
        key = new String(gateway.getBean(VirtualKeys.class)
                .issue(VirtualKey.Terms.named("test"))
                .toCompletableFuture()
                .join()
                .characters());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        kimi.close();
        claude.close();
        System.out.println("bad input                            response                     connection");
        TABLE.forEach(System.out::println);
    }

    @ParameterizedTest
    @EnumSource
    void a_bad_input_gets_a_clean_response_and_reaches_no_service(Input input, CapturedOutput output)
            throws IOException {
        int sent = chats();
        String response;
        try (RawClient client = RawClient.connect(GatewayFixture.portOf(gateway))) {
            send(input, client);
            response = input.closes ? client.readToEnd() : client.readResponse();
        }

        String statusLine = response.substring(0, response.indexOf('\r'));
        TABLE.add("%-36s %-28s %s".formatted(input, statusLine, input.closes ? "closed" : "not waited for"));
        assertThat(statusLine).startsWith("HTTP/1.1 " + input.status + " ");
        assertThat(response.split("HTTP/1.1 ", -1))
                .as("one response: %s", response)
                .hasSize(2);
        assertThat(response).doesNotContain("<html", "Exception", "dev.kimi", "io.netty", SECRET, key);
        assertThat(chats()).isEqualTo(sent);
        assertThat(output.getAll()).doesNotContain(SECRET, key, " ERROR ", "Exception");
        assertThatAGoodCallSucceeds();
    }

    @Test
    void an_operator_sees_each_call_in_the_log_and_all_of_them_in_the_metrics(CapturedOutput output)
            throws IOException {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        kimi.reply(Reply.text("hello"));
        try (RawClient client = RawClient.connect(GatewayFixture.portOf(gateway))) {
            String type = "application/json\r\ntraceparent: 00-" + trace + "-00f067aa0ba902b7-01";
            assertThat(client.send(post("/v1/messages", key, type, ASK)).readResponse())
                    .startsWith("HTTP/1.1 200 ");
        }
        assertThat(gateway.getBean(PrometheusMeterRegistry.class).scrape())
                .contains("gen_ai_server_request_duration_seconds_bucket{", "gen_ai_request_model=\"kimi-k3\"")
                .contains("kimi_gateway_requests_total{operation=\"chat\",outcome=\"ok\",protocol=\"anthropic\"")
                .contains("kimi_gateway_tokens_total{key=\"key-", "kimi_gateway_connections ")
                .contains(
                        "kimi_gateway_server_rejections_total{reason=\"path\"}", "kimi_client_request_seconds_count{");
        assertThat(output.getAll()).contains("trace=" + trace + " request=req_").doesNotContain(key);
    }

    private static void assertThatAGoodCallSucceeds() throws IOException {
        kimi.reply(Reply.text("hello"));
        try (RawClient client = RawClient.connect(GatewayFixture.portOf(gateway))) {
            assertThat(client.send(post("/v1/messages", key, "application/json", ASK))
                            .readResponse())
                    .startsWith("HTTP/1.1 200 ")
                    .contains("hello");
        }
    }

    private static int chats() {
        return (int) java.util.stream.Stream.concat(kimi.requests().stream(), claude.requests().stream())
                .filter(request -> !request.path().endsWith("/models"))
                .count();
    }

    private static void send(Input input, RawClient client) throws IOException {
        switch (input) {
            case BODY_LARGER_THAN_ANNOUNCED_LIMIT -> client.send(head("content-length: 999999999\r\n"));
            case BODY_LARGER_THAN_LIMIT_IN_CHUNKS -> {
                client.send(head("transfer-encoding: chunked\r\n"));
                String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
                for (int i = 0; i < 40 && client.offer(chunk); i++) {
                    Thread.onSpinWait();
                }
            }
            case TEN_THOUSAND_HEADERS -> client.offer(head("x: y\r\n".repeat(10_000)));
            case REQUEST_LINE_OF_100_KB ->
                client.offer("GET /v1/" + "a".repeat(100_000) + " HTTP/1.1\r\nhost: a\r\n\r\n");
            case BODY_THAT_IS_NO_JSON -> client.send(post("/v1/messages", key, "application/json", "{\"model\": kimi"));
            case BODY_THAT_IS_NO_UTF_8 ->
                client.send(post("/v1/messages", key, "application/json", ASK.replace("hi", "\u00ff\u00fe")));
            case JSON_100_000_DEEP ->
                client.send(post("/v1/messages", key, "application/json", "{\"model\":" + "[".repeat(100_000)));
            case CHUNK_SIZE_THAT_IS_NO_NUMBER -> client.send(head("transfer-encoding: chunked\r\n") + "zz\r\nab\r\n");
            case SPACE_BEFORE_THE_COLON_OF_A_HEADER -> client.send(head("content-length : 5\r\n") + "hello");
            case TLS_ON_THE_PORT_WITHOUT_TLS -> client.send("\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\r\n\r\n");
            case TWO_CONTENT_LENGTHS_THAT_DIFFER ->
                client.send(head("content-length: 5\r\ncontent-length: 6\r\n") + "helloGET / HTTP/1.1\r\n\r\n");
            case TWO_CONTENT_LENGTHS_ALIKE ->
                client.send(head("content-length: 5\r\ncontent-length: 5\r\n") + "helloGET / HTTP/1.1\r\n\r\n");
            case CONTENT_LENGTH_AND_CHUNKED ->
                client.send(head("content-length: 5\r\ntransfer-encoding: chunked\r\n")
                        + "0\r\n\r\nGET / HTTP/1.1\r\n\r\n");
            case HEAD_THAT_TRICKLES -> trickle(client, "POST /v1/messages HTTP/1.1\r\nhost: a\r\nx-api-key: " + SECRET);
            case BODY_THAT_STOPS -> client.send(head("content-length: 100\r\n") + "{");
            case BODY_THAT_TRICKLES -> trickle(client, head("content-length: 100000\r\n"));
            case CONTENT_TYPE_OF_A_FORM ->
                client.send(post("/v1/messages", key, "application/x-www-form-urlencoded", ASK));
            case BODY_THAT_IS_COMPRESSED ->
                client.send(post("/v1/messages", key, "application/json\r\ncontent-encoding: gzip", ASK));
            case UNKNOWN_PATH -> client.send(post("/v1/nothing", key, "application/json", ASK));
            case WRONG_METHOD ->
                client.send("DELETE /v1/messages HTTP/1.1\r\nhost: a\r\nx-api-key: " + key + "\r\n\r\n");
            case PATH_THAT_LEADS_ELSEWHERE ->
                client.send(post("/v1/messages/../../actuator/prometheus", key, "application/json", ASK));
            case PATH_WITH_A_PARAMETER -> client.send(post("/v1/messages;a=b", key, "application/json", ASK));
            case MISSING_KEY ->
                client.send(
                        "POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: "
                                + ASK.length() + "\r\n\r\n" + ASK);
            case WRONG_KEY -> client.send(post("/v1/messages", SECRET, "application/json", ASK));
            default -> throw new AssertionError(input);
        }
    }

    private static void trickle(RawClient client, String first) throws IOException {
        client.send(first);
        new Thread(() -> {
                    for (int sent = 0; sent < 400 && client.offer("x"); sent++) {
                        LockSupport.parkNanos(10_000_000);
                    }
                })
                .start();
    }

    private static String head(String lengths) {
        return "POST /v1/messages HTTP/1.1\r\nhost: a\r\nx-api-key: " + key + "\r\ncontent-type: application/json\r\n"
                + lengths + "\r\n";
    }

    private static String post(String path, String credential, String type, String body) {
        return "POST " + path + " HTTP/1.1\r\nhost: a\r\nx-api-key: " + credential + "\r\ncontent-type: " + type
                + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body;
    }
}
