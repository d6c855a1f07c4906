package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.contract.TransportFixture.Setup;
import dev.kimi.time.TimeSource;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import dev.kimi.transport.TransportRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A request and its response. */
abstract class ResponseContract extends ContractTests {

    @Test
    void carries_the_request_as_it_is() {
        TransportFixture fixture = fixture();
        byte[] body = TransportFixture.text(300_000);

        fixture.send(new ExchangeRecorder(), body).request(Long.MAX_VALUE).awaitEnd();

        ReceivedRequest received = fixture.awaitRequests(1).get(0);
        assertEquals("POST", received.method());
        assertEquals("/v1/chat/completions", received.path());
        assertEquals(new String(body, StandardCharsets.US_ASCII), received.bodyText());
        assertEquals("Bearer sk-contract", received.header("authorization").orElseThrow());
        assertEquals(List.of("first", "second"), received.headers("x-contract"));
        assertEquals(multiplexed() ? "HTTP/2" : "HTTP/1.1", received.protocol());
    }

    @Test
    void brings_status_headers_and_body_of_the_response() {
        TransportFixture fixture = fixture();
        byte[] body = TransportFixture.text(200_000);
        fixture.service().reply(Reply.raw(body).header("X-Response", "yes"));

        ExchangeRecorder exchange = fixture.whole().request(Long.MAX_VALUE).awaitComplete();

        assertEquals(200, exchange.awaitStatus());
        assertEquals("yes", exchange.headers().first("x-response"));
        assertArrayEquals(body, exchange.body());
    }

    @Test
    void brings_an_error_like_any_other_response() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.rateLimited(Duration.ofSeconds(7)));

        ExchangeRecorder exchange = fixture.whole().request(Long.MAX_VALUE).awaitComplete();

        assertEquals(429, exchange.awaitStatus());
        assertEquals("7", exchange.headers().first("retry-after"));
    }

    @Test
    void follows_no_redirect() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.redirectTo(fixture.service().baseUrl() + "/v1/models"));

        ExchangeRecorder exchange = fixture.whole().request(Long.MAX_VALUE).awaitComplete();

        assertEquals(307, exchange.awaitStatus());
        assertEquals(1, fixture.awaitRequests(1).size());
    }

    @Test
    void reports_the_headers_before_the_body_has_come() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.text("late").stallAfterEvents(0));

        ExchangeRecorder exchange = fixture.stream();

        assertEquals(200, exchange.awaitStatus());
        assertFalse(exchange.hasEnded());
        exchange.abort();
        fixture.awaitAborted(1);
    }

    @Test
    void delivers_nothing_that_was_not_requested() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.events(50, 100));
        ExchangeRecorder exchange = fixture.stream();
        exchange.awaitStatus();

        fixture.passTheTime();
        assertEquals(1, exchange.calls());
        exchange.request(1).awaitChunk();
        fixture.passTheTime();
        assertEquals(2, exchange.calls());

        exchange.request(Long.MAX_VALUE).awaitComplete();
    }

    @Test
    void delivers_the_whole_body_chunk_by_chunk() {
        TransportFixture fixture = fixture();
        byte[] body = TransportFixture.text(400_000);
        fixture.service().reply(Reply.raw(body));
        ExchangeRecorder exchange = new ExchangeRecorder() {
            @Override
            void bodyArrived() {
                request(1);
            }
        };

        fixture.send(exchange, TransportFixture.json(false)).request(1).awaitComplete();

        assertArrayEquals(body, exchange.body());
    }

    @Test
    void stops_reading_without_demand() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.flood(256L << 20));
        ExchangeRecorder exchange = fixture.stream();
        exchange.request(1).awaitChunk();

        for (int i = 0; i < 20; i++) {
            fixture.passTheTime();
        }

        long sent = fixture.service().bytesSent();
        assertTrue(sent < 32L << 20, () -> sent + " bytes of an unread response were taken in");
        exchange.abort();
        fixture.awaitAborted(1);
    }

    @Test
    void reports_the_end_of_an_empty_body_without_demand() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.status(503, ""));

        fixture.whole().awaitComplete();
    }

    @Test
    void a_deadline_ahead_changes_nothing() {
        TransportFixture fixture = fixture();
        TransportRequest.Builder request = fixture.request().deadline(TimeSource.system(), inAnHour());

        ExchangeRecorder exchange = fixture.send(new ExchangeRecorder(), request)
                .request(Long.MAX_VALUE)
                .awaitComplete();

        assertEquals(200, exchange.awaitStatus());
    }

    @Test
    void a_request_whose_deadline_has_passed_is_not_sent() {
        TransportFixture fixture = fixture();
        VirtualTime clock = new VirtualTime();
        TransportRequest.Builder request = fixture.request().deadline(clock, clock.nanoTime());

        TransportFailure failure = fixture.send(new ExchangeRecorder(), request).awaitFailure();

        assertEquals(Kind.DEADLINE, failure.kind());
        assertTrue(failure.unprocessed());
        fixture.passTheTime();
        assertEquals(1, fixture.awaitRequests(1).size());
    }

    @Test
    void a_request_whose_deadline_passes_while_it_waits_for_a_connection_is_not_sent() {
        TransportFixture fixture = fixture(new Setup(1, 5, Duration.ofMinutes(1)));
        fixture.service().reply(Reply.text("held").stallAfterEvents(0));
        ExchangeRecorder held = fixture.stream();
        held.awaitStatus();
        VirtualTime clock = new VirtualTime();
        TransportRequest.Builder request = fixture.request().deadline(clock, clock.nanoTime() + 1_000);
        ExchangeRecorder late = fixture.send(new ExchangeRecorder(), request);
        fixture.awaitPool("one that waits", pool -> pool.pending() == 1);

        clock.advance(Duration.ofSeconds(1));
        held.abort();

        TransportFailure failure = late.awaitFailure();
        assertEquals(Kind.DEADLINE, failure.kind());
        assertTrue(failure.unprocessed());
        fixture.passTheTime();
        assertEquals(2, fixture.awaitRequests(2).size());
    }

    @Test
    void trailers_come_with_the_end_of_the_response() {
        TransportFixture fixture = fixture();
        try (UploadServer server = new UploadServer(upload -> {
            upload.response().setChunked(true).write("body");
            upload.response().putTrailer("X-Checksum", "1234").putTrailer("X-Count", "4");
            upload.readAll();
        })) {
            ExchangeRecorder exchange = fixture.upload(server, RequestBody.empty())
                    .request(Long.MAX_VALUE)
                    .awaitComplete();

            assertEquals("1234", exchange.trailers().first("x-checksum"));
            assertEquals("4", exchange.trailers().first("x-count"));
            assertEquals(2, exchange.trailers().size());
            assertNull(exchange.headers().first("x-checksum"));
        }
    }

    private static long inAnHour() {
        return TimeSource.system().nanoTime() + Duration.ofHours(1).toNanos();
    }
}
