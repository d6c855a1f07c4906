package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeldStreamTest {

    private static final String STREAM =
            "data: {\"a\":1}\n\n: comment\n\nevent: odd\ndata: {\"b\":2}\n\ndata: [DONE]\n\n";

    private static KimiSimulator kimi;

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.start();
    }

    @AfterAll
    static void stop() {
        kimi.close();
    }

    @BeforeEach
    void reset() {
        kimi.reset();
    }

    @Test
    void a_stream_is_sent_in_the_bytes_of_the_script() throws Exception {
        kimi.reply(Reply.stream(STREAM));

        HttpResponse<String> response = new Client(kimi).stream("sky");

        assertThat(response.body()).isEqualTo(STREAM);
        assertThat(response.headers().firstValue("Transfer-Encoding")).contains("chunked");
    }

    @Test
    void a_held_stream_goes_on_when_the_client_has_what_came_before() throws Exception {
        CompletableFuture<Void> first = new CompletableFuture<>();
        CompletableFuture<Void> second = new CompletableFuture<>();
        kimi.reply(Reply.stream(STREAM).holdAfterEvents(1, first).holdAfterEvents(2, second));
        Client client = new Client(kimi);

        HttpResponse<InputStream> response = client.http()
                .send(client.chatRequest(Client.question("kimi-k3", true, "sky")), BodyHandlers.ofInputStream());
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("data: {\"a\":1}");
        assertThat(kimi.openRequests()).isEqualTo(1);
        first.complete(null);
        assertThat(lines.readLine()).isEmpty();
        assertThat(lines.readLine()).isEqualTo(": comment");
        second.completeExceptionally(new IllegalStateException("goes on all the same"));

        assertThat(lines.lines()).contains("event: odd", "data: [DONE]");
    }

    @Test
    void a_client_that_leaves_a_held_stream_ends_the_request() throws Exception {
        CompletableFuture<Void> never = new CompletableFuture<>();
        kimi.reply(Reply.stream(STREAM).holdAfterEvents(1, never));
        try (RawClient raw = new RawClient(kimi).chat(true)) {
            assertThat(raw.readUntil("{\"a\":1}\n\n")).startsWith("HTTP/1.1 200");
        }

        assertThat(kimi.awaitAborted(1).join().get(0).ending().byClient()).isTrue();
        never.complete(null);
        kimi.awaitIdle(Duration.ofSeconds(20));
    }

    @Test
    void an_endpoint_is_replaced_without_any_check_until_the_reset() throws Exception {
        kimi.replyAt("/v1/models", Reply.error(503, "server_unavailable", "Later"));
        kimi.replyAt("/v1/chat/completions", Reply.text("unchecked"));
        Client client = new Client(kimi);

        assertThat(client.get("/v1/models").statusCode()).isEqualTo(503);
        assertThat(client.post("{\"model\":\"nobody-knows\",\"tool_choice\":17}")
                        .body())
                .contains("unchecked");
        assertThat(client.post("no JSON").body()).contains("unchecked");
        assertThat(kimi.requests()).hasSize(3);

        kimi.reset();
        assertThat(client.get("/v1/models").statusCode()).isEqualTo(200);
    }
}
