package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Raw sockets against a server with short limits. */
class SlowClientsTest {

    private static SmallServer server;

    @BeforeAll
    static void start() {
        server = SmallServer.start(
                "kimi.gateway.server.header-timeout=400ms",
                "kimi.gateway.server.read-timeout=400ms",
                "kimi.gateway.server.request-timeout=1500ms",
                "kimi.gateway.server.write-timeout=400ms",
                "kimi.gateway.server.max-connections-per-address=3",
                "kimi.gateway.server.trusted-proxies=127.0.0.1",
                "server.netty.idle-timeout=900ms",
                "server.http2.enabled=true");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_head_that_trickles_ends_in_408_however_often_a_byte_comes() throws IOException {
        double before = closed("slow_head");
        try (RawClient client = RawClient.connect(server.port())) {
            Thread trickle = new Thread(() -> {
                for (int sent = 0; sent < 200 && client.offer("x"); sent++) {
                    LockSupport.parkNanos(5_000_000);
                }
            });
            client.send("POST /v1/echo HTTP/1.1\r\nhost: a\r\n");
            trickle.start();

            String response = client.readToEnd();

            assertThat(response).startsWith("HTTP/1.1 408 ").contains("connection: close");
            assertThat(closed("slow_head")).isEqualTo(before + 1);
        }
    }

    @Test
    void a_connection_without_a_request_is_closed() throws IOException {
        try (RawClient client = RawClient.connect(server.port())) {
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void a_connection_that_is_idle_after_a_response_is_closed_without_a_word() throws IOException {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nab");
            assertThat(client.readResponse()).endsWith("echo 2");
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void the_second_head_of_a_connection_has_its_time_too() throws IOException {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nab");
            assertThat(client.readResponse()).endsWith("echo 2");
            client.send("POST /v1/echo HTT");
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void a_body_that_stops_coming_ends_in_408() throws IOException {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nab");
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 408 ").containsIgnoringCase("connection: close");
        }
    }

    @Test
    void a_body_that_trickles_has_a_time_limit_for_all_of_it() throws IOException {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nab");
            new Thread(() -> {
                        for (int sent = 0; sent < 400 && client.offer("x"); sent++) {
                            LockSupport.parkNanos(10_000_000);
                        }
                    })
                    .start();
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 408 ").containsIgnoringCase("connection: close");
        }
    }

    @Test
    void what_is_left_of_a_body_after_its_response_has_its_time_too() throws IOException {
        try (RawClient client = RawClient.connect(server.port())) {
            client.send("POST /v1/nothing HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nab");
            new Thread(() -> {
                        for (int sent = 0; sent < 2000 && client.offer("x"); sent++) {
                            LockSupport.parkNanos(10_000_000);
                        }
                    })
                    .start();
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void there_are_only_so_many_connections_in_total() throws IOException {
        String hold = "GET /v1/hold HTTP/1.1\r\nhost: a\r\n\r\n";
        try (SmallServer small = SmallServer.start("kimi.gateway.server.max-connections=1");
                RawClient first = RawClient.connect(small.port());
                RawClient second = connectedAfter(first.send(hold), small)) {
            second.offer(hold);
            assertThat(second.readToEnd()).doesNotContain("HTTP/1.1");
        }
    }

    private static RawClient connectedAfter(RawClient first, SmallServer small) throws IOException {
        first.readTo("first");
        return RawClient.connect(small.port());
    }

    @Test
    void a_client_that_reads_nothing_of_a_stream_is_cut() throws IOException {
        double before = closed("stalled_reader");
        try (RawClient client = RawClient.connect(server.port(), "127.0.0.1", 4096)) {
            client.send("GET /v1/flood HTTP/1.1\r\nhost: a\r\n\r\n");
            client.readTo("data:");
            SmallServer.Application application = server.bean(SmallServer.Application.class);
            while (application.streamsCancelled.get() == 0) {
                Thread.onSpinWait();
            }
        }
        assertThat(closed("stalled_reader")).isEqualTo(before + 1);
    }

    @Test
    void an_address_has_its_share_of_connections() throws IOException {
        double before = closed("too_many_of_address");
        try (RawClient first = RawClient.connect(server.port(), "127.0.0.2", 0);
                RawClient second = RawClient.connect(server.port(), "127.0.0.2", 0);
                RawClient third = RawClient.connect(server.port(), "127.0.0.2", 0)) {
            for (RawClient client : new RawClient[] {first, second, third}) {
                client.send("GET /v1/hold HTTP/1.1\r\nhost: a\r\n\r\n").readTo("first");
            }
            try (RawClient fourth = RawClient.connect(server.port(), "127.0.0.2", 0);
                    RawClient other = RawClient.connect(server.port(), "127.0.0.3", 0)) {
                fourth.offer("GET /v1/hold HTTP/1.1\r\nhost: a\r\n\r\n");
                assertThat(fourth.readToEnd()).doesNotContain("HTTP/1.1");
                other.send("GET /v1/hold HTTP/1.1\r\nhost: a\r\n\r\n").readTo("first");
            }
            assertThat(closed("too_many_of_address")).isEqualTo(before + 1);
        }
    }

    @Test
    void an_address_behind_a_trusted_proxy_has_its_share_of_calls() throws IOException {
        String hold = "GET /v1/hold HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 9.9.9.9, 203.0.113.7\r\n\r\n";
        try (RawClient first = RawClient.connect(server.port());
                RawClient second = RawClient.connect(server.port());
                RawClient third = RawClient.connect(server.port());
                RawClient fourth = RawClient.connect(server.port());
                RawClient fifth = RawClient.connect(server.port())) {
            for (RawClient client : new RawClient[] {first, second, third}) {
                client.send(hold).readTo("first");
            }
            assertThat(fourth.send(hold).readResponse())
                    .startsWith("HTTP/1.1 429 ")
                    .containsIgnoringCase("retry-after: 1");
            // What the client itself claims, on the left, is nobody's address.
            fifth.send(hold.replace("203.0.113.7", "203.0.113.8")).readTo("first");
        }
    }

    @Test
    void what_an_untrusted_client_says_of_its_address_does_not_count() throws IOException {
        String hold = "GET /v1/hold HTTP/1.1\r\nhost: a\r\nx-forwarded-for: %s\r\n\r\n";
        try (RawClient first = RawClient.connect(server.port(), "127.0.0.5", 0);
                RawClient second = RawClient.connect(server.port(), "127.0.0.5", 0);
                RawClient third = RawClient.connect(server.port(), "127.0.0.5", 0)) {
            first.send(hold.formatted("203.0.113.20")).readTo("first");
            second.send(hold.formatted("203.0.113.21")).readTo("first");
            third.send(hold.formatted("203.0.113.22")).readTo("first");
            try (RawClient fourth = RawClient.connect(server.port(), "127.0.0.5", 0)) {
                fourth.offer(hold.formatted("203.0.113.23"));
                assertThat(fourth.readToEnd()).doesNotContain("HTTP/1.1");
            }
        }
    }

    private static double closed(String reason) {
        return server.bean(MeterRegistry.class)
                .get("kimi.gateway.connections.closed")
                .tag("reason", reason)
                .counter()
                .count();
    }
}
