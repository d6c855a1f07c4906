package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.ReceivedRequest.Ending;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConnectionsTest {

    @Test
    void says_go_away_with_the_response_and_serves_the_next_on_another_connection() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.reply(Reply.text("last").closeConnection(), Reply.text("first"));
            io.vertx.core.http.HttpClient http = vertx.createHttpClient(new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false));

            assertThat(overHttp2(http, kimi)).contains("last");
            kimi.awaitDisconnected(Duration.ofSeconds(20));
            assertThat(overHttp2(http, kimi)).contains("first");

            assertThat(kimi.requests()).extracting(ReceivedRequest::connection).containsExactly(1L, 2L);
            assertThat(kimi.requests()).extracting(ReceivedRequest::protocol).containsOnly("HTTP/2");
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void multiplexes_requests_on_one_connection() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            kimi.otherwise(Reply.generated().stallAfterEvents(1));
            Client client = new Client(kimi, HttpClient.Version.HTTP_2);
            client.get("/v1/models");

            List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                HttpRequest request = client.chatRequest(Client.question("kimi-k3", true, "hi"));
                calls.add(client.http().sendAsync(request, BodyHandlers.ofString()));
            }

            assertThat(kimi.awaitRequests(21).get(20, TimeUnit.SECONDS))
                    .extracting(ReceivedRequest::connection)
                    .containsOnly(1L);
            assertThat(kimi.openRequests()).isEqualTo(20);
            calls.forEach(call -> call.cancel(true));
            kimi.awaitIdle(Duration.ofSeconds(20));
        }
    }

    @Test
    void announces_how_many_streams_it_takes() throws Exception {
        try (KimiSimulator kimi =
                KimiSimulator.builder().maxConcurrentStreams(1).start()) {
            kimi.otherwise(Reply.generated().stallBeforeHeaders());
            Client client = new Client(kimi, HttpClient.Version.HTTP_2);
            client.get("/v1/models");
            HttpRequest request = client.chatRequest(Client.question("kimi-k3", true, "hi"));

            var first = client.http().sendAsync(request, BodyHandlers.ofString());
            kimi.awaitRequests(2).get(20, TimeUnit.SECONDS);
            var second = client.http().sendAsync(request, BodyHandlers.ofString());

            // this client opens no second connection but fails
            assertThat(second.handle((response, failure) -> failure != null).get(20, TimeUnit.SECONDS))
                    .isTrue();
            first.cancel(true);
        }
    }

    @Test
    void closes_idle_connections() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder()
                        .idleTimeout(Duration.ofMillis(50))
                        .start();
                RawClient raw = new RawClient(kimi)) {
            assertThat(raw.readAll()).isEmpty();
            kimi.awaitDisconnected(Duration.ofSeconds(20));
        }
    }

    @Test
    void ends_open_requests_when_it_closes() throws Exception {
        KimiSimulator kimi = KimiSimulator.start();
        kimi.reply(Reply.generated().stallAfterEvents(1));
        try (RawClient raw = new RawClient(kimi).chat(true)) {
            raw.readUntil("\n\n");
            ReceivedRequest open = kimi.requests().get(0);

            kimi.close();

            assertThat(open.ending()).isEqualTo(Ending.CUT);
        }
    }

    @Test
    void runs_in_a_process_of_its_own() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.kimi.test.KimiSimulatorMain",
                        "--tokens",
                        "7",
                        "--rpm",
                        "1",
                        "--until-eof")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(out.readLine() + "/v1/chat/completions"))
                    .header("Authorization", "Bearer sk-other")
                    .POST(HttpRequest.BodyPublishers.ofString(Client.question("kimi-k3", false, "hi")))
                    .build();

            HttpResponse<String> first = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            HttpResponse<String> second = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

            assertThat(first.body()).contains("\"completion_tokens\":7");
            assertThat(second.statusCode()).isEqualTo(429);
            process.getOutputStream().close();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    private static String overHttp2(io.vertx.core.http.HttpClient http, KimiSimulator kimi) throws Exception {
        return http.request(HttpMethod.POST, kimi.port(), "127.0.0.1", "/v1/chat/completions")
                .compose(request -> request.putHeader("Authorization", "Bearer sk-vertx")
                        .send(Client.question("kimi-k3", false, "hi")))
                .compose(HttpClientResponse::body)
                .map(Buffer::toString)
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }
}
