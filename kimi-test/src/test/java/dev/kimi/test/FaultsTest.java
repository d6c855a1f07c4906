package dev.kimi.test;

import static dev.kimi.test.Reply.events;
import static dev.kimi.test.Reply.flood;
import static dev.kimi.test.Reply.generated;
import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.unavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.test.ReceivedRequest.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class FaultsTest {

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
    void uses_queued_replies_in_order_and_then_generates_responses() throws Exception {
        kimi.reply(rateLimited(Duration.ofSeconds(20)), unavailable(), text("Rayleigh scattering."));
        Client client = new Client(kimi);

        assertThat(client.chat("sky").statusCode()).isEqualTo(429);
        assertThat(client.chat("sky").statusCode()).isEqualTo(503);
        assertThat(client.chat("sky").body()).contains("Rayleigh scattering.");
        assertThat(kimi.repliesLeft()).isZero();
        assertThat(client.chat("sky").statusCode()).isEqualTo(200);
        assertThat(kimi.requests()).hasSize(4);
    }

    @Test
    void cuts_in_the_middle_of_a_chunk() throws Exception {
        kimi.reply(text("One two three four five six.").cutAfterBytes(250));

        try (RawClient raw = new RawClient(kimi).chat(true)) {
            String response = raw.readAll();

            String body = response.substring(response.indexOf("\r\n\r\n") + 4);
            int secondChunk = body.indexOf("\r\n", body.indexOf("\n\n\r\n") + 5);
            int promised = Integer.parseInt(body.substring(body.indexOf("\n\n\r\n") + 4, secondChunk), 16);
            assertThat(body.length() - secondChunk - 2).isPositive().isLessThan(promised);
        }
        assertThat(kimi.requests().get(0).ending()).isEqualTo(Ending.CUT);
    }

    @Test
    void cuts_a_body_of_known_length() throws Exception {
        kimi.reply(text("One two three four five six.").cutAfterBytes(10));

        try (RawClient raw = new RawClient(kimi).chat(false)) {
            String response = raw.readAll();

            assertThat(response).containsIgnoringCase("content-length:");
            assertThat(response.substring(response.indexOf("\r\n\r\n") + 4)).hasSize(10);
        }
    }

    @Test
    void falls_silent_in_the_middle_of_an_event() throws Exception {
        byte[] body = "data: one\n\ndata: two\n\n".getBytes(StandardCharsets.UTF_8);
        kimi.reply(Reply.raw(body).stallAfterBytes(15));

        try (RawClient raw = new RawClient(kimi).chat(true)) {
            raw.readUntil("data: one\n\ndata");
            assertThat(kimi.requests().get(0).ending()).isEqualTo(Ending.OPEN);
        }
        assertThat(kimi.awaitAborted(1).join().get(0).ending()).isEqualTo(Ending.CLOSED_BY_CLIENT);
    }

    @Test
    void cuts_after_events() throws Exception {
        kimi.reply(text("One two three.").cutAfterEvents(2));

        try (RawClient raw = new RawClient(kimi).chat(true)) {
            assertThat(raw.readAll().split("data: ")).hasSize(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void lets_a_client_notice_the_cut(HttpClient.Version version) throws Exception {
        kimi.reply(text("One two three.").cutAfterEvents(2));
        Client client = new Client(kimi, version);

        assertThatThrownBy(() -> client.stream("hi")).isInstanceOf(IOException.class);

        assertThat(kimi.requests().get(0).ended().join()).isEqualTo(Ending.CUT);
    }

    @Test
    void breaks_off_by_a_scripted_tcp_reset() throws Exception {
        kimi.reply(text("One two three.").cutAfterEvents(0).byReset());

        try (RawClient raw = new RawClient(kimi).chat(true)) {
            assertThatThrownBy(raw::readAll).isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void sends_no_response_at_all(HttpClient.Version version) {
        kimi.otherwise(Reply.noResponse());
        Client client = new Client(kimi, version);

        assertThatThrownBy(() -> client.chat("hi")).isInstanceOf(IOException.class);
    }

    @Test
    void refuses_a_stream_on_http_2() {
        kimi.otherwise(Reply.refused());
        Client client = new Client(kimi, HttpClient.Version.HTTP_2);

        assertThatThrownBy(() -> client.chat("hi")).isInstanceOf(IOException.class);
        assertThat(kimi.requests()).allMatch(request -> request.ending() == Ending.CUT);
    }

    @ParameterizedTest
    @EnumSource
    void sees_a_client_leave_a_stream_that_stalls(HttpClient.Version version) throws Exception {
        kimi.reply(generated().stallAfterEvents(3));
        Client client = new Client(kimi, version);
        HttpResponse<InputStream> response = client.http()
                .send(client.chatRequest(Client.question("kimi-k3", true, "hi")), BodyHandlers.ofInputStream());
        response.body().read();
        assertThat(kimi.openRequests()).isEqualTo(1);

        response.body().close();

        ReceivedRequest left = kimi.awaitAborted(1).get(20, TimeUnit.SECONDS).get(0);
        assertThat(left.ending())
                .isEqualTo(version == HttpClient.Version.HTTP_2 ? Ending.RESET_BY_CLIENT : Ending.CLOSED_BY_CLIENT);
        kimi.awaitIdle(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @EnumSource
    void sees_a_client_leave_before_the_headers(HttpClient.Version version) throws Exception {
        kimi.reply(generated().stallBeforeHeaders());
        Client client = new Client(kimi, version);
        var call = client.http()
                .sendAsync(client.chatRequest(Client.question("kimi-k3", true, "hi")), BodyHandlers.ofString());
        kimi.awaitRequests(1).get(20, TimeUnit.SECONDS);

        call.cancel(true);

        assertThat(kimi.awaitAborted(1).get(20, TimeUnit.SECONDS)).hasSize(1);
    }

    @Test
    void ends_without_the_end_marker() throws Exception {
        kimi.reply(text("All of it.").withoutDone());

        String body = new Client(kimi).stream("hi").body();

        assertThat(body).contains("\"finish_reason\":\"stop\"").doesNotContain("[DONE]");
    }

    @Test
    void sends_error_events_inside_a_good_stream() throws Exception {
        kimi.reply(
                Reply.errorEvent("server_error", "boom"),
                text("One two three.").errorEventAfter(3, "server_error", "boom"));
        Client client = new Client(kimi);

        HttpResponse<String> first = client.stream("hi");
        HttpResponse<String> later = client.stream("hi");

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.body()).isEqualTo("data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\"}}\n\n");
        assertThat(Client.events(later.body())).hasSize(4);
        assertThat(later.body()).endsWith("\"type\":\"server_error\"}}\n\n");
    }

    @Test
    void drips_without_changing_a_byte() throws Exception {
        Reply reply = text("As it was.");
        kimi.reply(reply, reply.drip(7, Duration.ofNanos(1)));
        Client client = new Client(kimi);

        String whole = comparable(client.stream("hi").body());
        String dripped = comparable(client.stream("hi").body());

        assertThat(dripped).isEqualTo(whole);
    }

    @Test
    void sends_what_is_no_json() throws Exception {
        kimi.reply(Reply.malformed(), Reply.malformed(), Reply.raw("\uFEFFnot json".getBytes("UTF-8")));
        Client client = new Client(kimi);

        String whole = client.chat("hi").body();
        String streamed = client.stream("hi").body();

        assertThatThrownBy(() -> Client.JSON.readTree(whole)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> Client.events(streamed)).isInstanceOf(RuntimeException.class);
        assertThat(client.chat("hi").body()).endsWith("not json");
    }

    @Test
    void redirects_and_closes_and_adds_headers() throws Exception {
        kimi.reply(
                Reply.redirectTo("http://127.0.0.1:9/elsewhere"),
                text("bye").closeConnection().header("X-Mine", "1"));
        Client client = new Client(kimi);

        HttpResponse<String> redirect = client.chat("hi");
        HttpResponse<String> last = client.chat("hi");

        assertThat(redirect.statusCode()).isEqualTo(307);
        assertThat(redirect.headers().firstValue("location")).hasValue("http://127.0.0.1:9/elsewhere");
        assertThat(last.headers().firstValue("connection")).hasValue("close");
        assertThat(last.headers().firstValue("x-mine")).hasValue("1");
    }

    @Test
    void stops_making_events_when_the_client_stops_reading() throws Exception {
        long before = kimi.bytesSent();
        kimi.reply(flood(256L * 1024 * 1024));

        try (RawClient raw = new RawClient(kimi).chat(true)) {
            raw.readUntil("data: ");

            kimi.awaitBlocked(1).get(20, TimeUnit.SECONDS);
        }

        assertThat(kimi.awaitAborted(1).get(20, TimeUnit.SECONDS)).hasSize(1);
        assertThat(kimi.bytesSent() - before).isLessThan(64L * 1024 * 1024);
    }

    @Test
    void sends_so_many_events_of_such_a_size() throws Exception {
        kimi.reply(events(500, 100));

        var sent = Client.events(new Client(kimi).stream("hi").body());

        assertThat(sent).hasSize(502);
        assertThat(Client.joined(sent, "content")).hasSize(50_000);
    }

    @Test
    void injects_the_same_faults_for_the_same_seed() throws Exception {
        FaultMix mix = FaultMix.seeded(7)
                .with(0.05, rateLimited(Duration.ofSeconds(1)))
                .with(0.02, unavailable())
                .withOneAt(117, text("the odd one"));

        List<Integer> first = statuses(mix, 200);
        List<Integer> again = statuses(mix, 200);

        assertThat(first).isEqualTo(again);
        assertThat(Collections.frequency(first, 429)).isBetween(4, 18);
        assertThat(Collections.frequency(first, 503)).isBetween(1, 10);
        assertThat(Collections.frequency(first, -1)).isEqualTo(1);
        assertThat(first.get(116)).isEqualTo(-1);
    }

    @Test
    void a_reset_breaks_off_what_stalls() throws Exception {
        kimi.reply(generated().stallAfterEvents(1));
        try (RawClient raw = new RawClient(kimi).chat(true)) {
            raw.readUntil("\n\n");

            kimi.reset();

            raw.readAll();
            assertThat(kimi.openRequests()).isZero();
            assertThat(kimi.requests()).isEmpty();
        }
    }

    private static List<Integer> statuses(FaultMix mix, int requests) throws Exception {
        kimi.faults(mix);
        Client client = new Client(kimi);
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            HttpResponse<String> response = client.chat("hi");
            statuses.add(response.body().contains("the odd one") ? -1 : response.statusCode());
        }
        return statuses;
    }

    private static String comparable(String stream) {
        return stream.replaceAll("chatcmpl-[0-9a-f]+", "id").replaceAll("\"created\":\\d+", "created");
    }
}
