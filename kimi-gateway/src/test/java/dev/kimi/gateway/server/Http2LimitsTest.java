package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class Http2LimitsTest {

    private static final int WINDOW = 65_535;
    private static final int STATUS_200 = 8;
    private static final int CANCEL = 8;
    private static final int ENHANCE_YOUR_CALM = 11;

    private static SmallServer server;

    @BeforeAll
    static void start() {
        server = SmallServer.start(
                "server.http2.enabled=true",
                "server.netty.idle-timeout=500ms",
                "kimi.gateway.server.write-timeout=400ms");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_client_with_http_2_and_no_tls_is_served() throws IOException {
        try (RawHttp2 client = RawHttp2.connect(server.port(), WINDOW)) {
            get(client, 1, "/v1/hold");
            assertThat(client.next(RawHttp2.HEADERS).startsWithStatic(STATUS_200))
                    .isTrue();
        }
    }

    @Test
    void a_client_that_resets_stream_after_stream_is_sent_away() throws IOException {
        try (RawHttp2 client = RawHttp2.connect(server.port(), WINDOW)) {
            Thread resets = new Thread(() -> {
                boolean open = true;
                for (int stream = 1; open && stream < 20_001; stream += 2) {
                    open = client.offer(
                                    RawHttp2.HEADERS,
                                    RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                                    stream,
                                    RawHttp2.get("/v1/hold"))
                            && client.offer(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, CANCEL});
                }
            });
            resets.start();

            assertThat(client.next(RawHttp2.GOAWAY).error()).isEqualTo(ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void a_connection_without_streams_is_closed_whatever_comes_on_it() throws IOException {
        try (RawHttp2 client = RawHttp2.connect(server.port(), WINDOW)) {
            get(client, 1, "/v1/nothing");
            Thread pings = new Thread(() -> {
                boolean open = true;
                for (int sent = 0; open && sent < 400; sent++) {
                    LockSupport.parkNanos(10_000_000);
                    open = client.offer(RawHttp2.PING, 0, 0, new byte[8]);
                }
            });
            pings.start();

            assertThat(client.next(RawHttp2.GOAWAY).error()).isZero();
            while (client.next() != null) {
                // responses to pings that were on their way
            }
        }
    }

    @Test
    void a_stream_that_the_client_does_not_read_is_reset_and_the_others_go_on() throws IOException {
        try (RawHttp2 client = RawHttp2.connect(server.port(), 1)) {
            get(client, 1, "/v1/flood");
            assertThat(client.next(RawHttp2.RST_STREAM).stream()).isEqualTo(1);

            get(client, 3, "/v1/hold");
            RawHttp2.Frame next = client.next(RawHttp2.HEADERS);
            assertThat(next.stream()).isEqualTo(3);
        }
    }

    @Test
    void headers_without_end_cost_the_stream() throws IOException {
        try (RawHttp2 client = RawHttp2.connect(server.port(), WINDOW)) {
            String[] headers = new String[600];
            for (int i = 0; i < headers.length; i += 2) {
                headers[i] = "x-" + i;
                headers[i + 1] = "v";
            }
            client.send(
                    RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, RawHttp2.get("/v1/hold", headers));

            RawHttp2.Frame response = client.next(RawHttp2.HEADERS);
            assertThat(new String(response.payload(), StandardCharsets.ISO_8859_1))
                    .contains("431");
        }
    }

    private static void get(RawHttp2 client, int stream, String path) throws IOException {
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, stream, RawHttp2.get(path));
    }
}
