package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.contract.ExchangeRecorder.Ending;
import dev.kimi.test.contract.TransportFixture.Setup;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Transport} must do. A subclass says how to make one; the tests run it against a
 * {@link KimiSimulator}, and each ends with the check that nothing was left behind.
 *
 * <p>The transport is expected to understand the settings {@code max-connections} and {@code max-pending}.
 */
@Timeout(60)
public abstract class TransportContract {

    private final List<TransportFixture> labs = new ArrayList<>();

    /** Makes the transport to be tested; the kit closes it. */
    protected abstract Transport transport(ProviderSettings settings);

    /** Whether a connection carries many exchanges at a time, as with HTTP/2; no unless overridden. */
    protected boolean multiplexed() {
        return false;
    }

    /** Where requests are sent: the simulator unless overridden, for example with a gateway in front of it. */
    protected URI origin(KimiSimulator service) {
        return URI.create(service.baseUrl());
    }

    @AfterEach
    final void nothing_is_left_behind() {
        labs.forEach(TransportFixture::finish);
    }

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
    void an_abort_before_the_headers_reaches_the_service() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.text("never").stallBeforeHeaders());
        ExchangeRecorder exchange = fixture.stream();
        fixture.awaitRequests(1);

        exchange.abort();
        exchange.abort();

        assertTrue(fixture.awaitAborted(1).get(0).ending().byClient());
        fixture.passTheTime();
        assertEquals(0, exchange.calls());
    }

    @Test
    void an_abort_of_a_stalled_stream_reaches_the_service() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.events(10, 50).stallAfterEvents(3));
        ExchangeRecorder exchange = fixture.stream().request(Long.MAX_VALUE);
        exchange.awaitChunk();

        exchange.abort();

        fixture.awaitAborted(1);
        int calls = exchange.calls();
        fixture.passTheTime();
        assertEquals(calls, exchange.calls());
        assertFalse(exchange.hasEnded());
    }

    @Test
    void an_abort_of_an_unread_flood_reaches_the_service() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.flood(64L << 20));
        ExchangeRecorder exchange = fixture.stream();
        exchange.awaitStatus();

        exchange.abort();

        fixture.awaitAborted(1);
        fixture.passTheTime();
        assertEquals(1, exchange.calls());
    }

    @Test
    void an_abort_within_a_callback_ends_the_callbacks() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.flood(8L << 20), Reply.flood(8L << 20));
        ExchangeRecorder atHeaders = new ExchangeRecorder() {
            @Override
            void headersArrived() {
                abort();
            }
        };
        ExchangeRecorder atBody = new ExchangeRecorder() {
            @Override
            void bodyArrived() {
                abort();
            }
        };

        fixture.send(atHeaders, TransportFixture.json(true)).request(Long.MAX_VALUE);
        fixture.send(atBody, TransportFixture.json(true)).request(Long.MAX_VALUE);

        fixture.awaitAborted(2);
        fixture.passTheTime();
        assertEquals(1, atHeaders.calls());
        assertEquals(2, atBody.calls());
    }

    @Test
    void an_abort_after_the_end_does_nothing() {
        TransportFixture fixture = fixture();
        ExchangeRecorder exchange = fixture.whole().request(Long.MAX_VALUE).awaitComplete();

        exchange.abort();
        exchange.request(1);
        fixture.passTheTime();

        assertEquals(1, fixture.service().connectionsAccepted());
    }

    @Test
    void a_body_that_breaks_off_is_no_complete_response() {
        TransportFixture fixture = fixture();
        byte[] body = TransportFixture.text(5_000);
        fixture.service()
                .reply(
                        Reply.raw(body).cutAfterBytes(2_000),
                        Reply.raw(body).cutAfterBytes(2_000).byReset(),
                        Reply.events(10, 50).cutAfterEvents(4),
                        Reply.events(10, 50).cutAfterEvents(0));

        for (int i = 0; i < 4; i++) {
            ExchangeRecorder exchange = (i < 2 ? fixture.whole() : fixture.stream()).request(Long.MAX_VALUE);
            TransportFailure failure = exchange.awaitFailure();
            assertTrue(Set.of(Kind.RESET, Kind.PROTOCOL).contains(failure.kind()), failure::toString);
            assertFalse(failure.unprocessed(), failure::toString);
        }
    }

    @Test
    void what_came_before_a_body_broke_off_is_delivered_on_demand_and_holds_no_connection() {
        TransportFixture fixture = fixture();
        byte[] body = TransportFixture.text(5_000);
        Reply cut = Reply.raw(body).cutAfterBytes(2_000);
        for (Reply reply : List.of(cut, cut.byReset())) {
            fixture.service().reply(reply);
            ExchangeRecorder exchange = fixture.whole();
            exchange.awaitStatus();
            fixture.awaitPool("released", pool -> pool.exchanges() == 0 && pool.active() == 0);
            exchange.request(Long.MAX_VALUE).awaitFailure();
            assertArrayEquals(Arrays.copyOf(body, 2_000), exchange.body());
        }
    }

    @Test
    void a_request_without_a_response_may_have_been_processed() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.noResponse());

        TransportFailure failure = fixture.whole().awaitFailure();

        assertEquals(Kind.RESET, failure.kind());
        assertFalse(failure.unprocessed());
    }

    @Test
    void a_refused_stream_was_not_processed() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.refused());

        TransportFailure failure = fixture.whole().awaitFailure();

        // HTTP/1.1 has no word for it, and the connection just closes
        assertEquals(multiplexed(), failure.unprocessed());
    }

    @Test
    void a_refused_connection_was_not_processed() throws IOException {
        TransportFixture fixture = fixture();
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        URI origin = URI.create("http://127.0.0.1:" + closed);

        ExchangeRecorder exchange = fixture.send(new ExchangeRecorder(), origin, "/v1/models", new byte[0]);

        TransportFailure failure = exchange.awaitFailure();
        assertEquals(Kind.CONNECT, failure.kind());
        assertTrue(failure.unprocessed());
    }

    @Test
    void uses_connections_again() {
        TransportFixture fixture = fixture();

        for (int i = 0; i < 20; i++) {
            fixture.whole().request(Long.MAX_VALUE).awaitComplete();
            fixture.stream().request(Long.MAX_VALUE).awaitComplete();
        }

        assertEquals(1, fixture.service().connectionsAccepted());
        fixture.awaitPool("one idle connection", pool -> pool.idle() == 1);
    }

    @Test
    void opens_another_connection_when_the_service_ended_the_last_one() {
        TransportFixture fixture = fixture();
        fixture.service()
                .reply(Reply.text("bye").closeConnection(), Reply.text("bye").closeConnection());

        for (int i = 0; i < 3; i++) {
            fixture.whole().request(Long.MAX_VALUE).awaitComplete();
        }
        fixture.service().disconnectAll();
        fixture.awaitPool("noticed", pool -> pool.idle() == 0);
        if (fixture.hasPool()) {
            fixture.whole().request(Long.MAX_VALUE).awaitComplete();
        }
    }

    @Test
    void holds_the_cap_and_the_queue() {
        TransportFixture fixture = fixture(new Setup(2, 3, Duration.ofMinutes(1)));
        fixture.service().otherwise(Reply.text("held").stallAfterEvents(0));
        List<ExchangeRecorder> held = List.of(fixture.stream(), fixture.stream());
        held.forEach(ExchangeRecorder::awaitStatus);
        List<ExchangeRecorder> waiting = List.of(fixture.stream(), fixture.stream(), fixture.stream());

        TransportFailure failure = fixture.stream().awaitFailure();

        assertEquals(Kind.POOL_FULL, failure.kind());
        assertTrue(failure.unprocessed());
        assertEquals(2, fixture.service().openConnections());
        fixture.awaitPool(
                "2 in use of 2 and 3 waiting",
                pool -> pool.active() == 2 && pool.exchanges() == 2 && pool.pending() == 3 && pool.max() == 2);

        fixture.service().otherwise(Reply.text("free"));
        waiting.get(1).abort();
        held.forEach(ExchangeRecorder::abort);
        waiting.get(0).request(Long.MAX_VALUE).awaitComplete();
        waiting.get(2).request(Long.MAX_VALUE).awaitComplete();
        assertEquals(0, waiting.get(1).calls());
    }

    @Test
    void does_not_wait_for_a_connection_for_ever() {
        TransportFixture fixture = fixture(new Setup(1, 5, Duration.ofMillis(30)));
        fixture.service().reply(Reply.text("held").stallAfterEvents(0));
        ExchangeRecorder held = fixture.stream();
        held.awaitStatus();

        TransportFailure failure = fixture.stream().awaitFailure();

        assertEquals(Kind.POOL_TIMEOUT, failure.kind());
        assertTrue(failure.unprocessed());
        held.abort();
    }

    @Test
    void closing_ends_everything_and_rejects_what_comes_after() {
        TransportFixture fixture = fixture(new Setup(1, 5, Duration.ofMinutes(1)));
        fixture.service().reply(Reply.text("held").stallAfterEvents(0));
        ExchangeRecorder held = fixture.stream();
        held.awaitStatus();
        ExchangeRecorder waiting = fixture.stream();

        fixture.transport().close();
        fixture.transport().close();

        assertEquals(Kind.CLOSED, held.awaitFailure().kind());
        assertEquals(Kind.CLOSED, waiting.awaitFailure().kind());
        TransportFailure late = fixture.whole().awaitFailure();
        assertEquals(Kind.CLOSED, late.kind());
        assertTrue(late.unprocessed());
    }

    @Test
    void many_threads_and_aborts_at_any_moment_leave_nothing() throws InterruptedException {
        TransportFixture fixture = fixture();
        fixture.service().otherwise(Reply.events(20, 200));
        int threads = 8;
        CountDownLatch done = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            Random random = new Random(i);
            Thread thread = new Thread(() -> {
                for (int n = 0; n < 60; n++) {
                    exchangeWithLuck(fixture, random);
                }
                done.countDown();
            });
            thread.setDaemon(true);
            thread.start();
        }
        done.await();
    }

    /** Lets one exchange in three finish, and aborts the others after up to six callbacks. */
    private static void exchangeWithLuck(TransportFixture fixture, Random random) {
        int abortAfter = random.nextInt(3) == 0 ? Integer.MAX_VALUE : random.nextInt(6);
        CountDownLatch moment = new CountDownLatch(1);
        ExchangeRecorder exchange = new ExchangeRecorder() {
            @Override
            void headersArrived() {
                check();
            }

            @Override
            void bodyArrived() {
                check();
                request(1);
            }

            @Override
            void ended(Ending how) {
                moment.countDown();
            }

            private void check() {
                if (calls() >= abortAfter) {
                    moment.countDown();
                }
            }
        };
        fixture.send(exchange, TransportFixture.json(true)).request(1);
        if (abortAfter > 0) {
            try {
                moment.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (abortAfter < Integer.MAX_VALUE) {
            exchange.abort();
        }
    }

    private TransportFixture fixture() {
        return fixture(Setup.DEFAULT);
    }

    private TransportFixture fixture(Setup setup) {
        KimiSimulator.Builder service = KimiSimulator.builder();
        if (setup != Setup.DEFAULT && multiplexed()) {
            // so that a cap on connections is one on exchanges, as without multiplexing
            service.maxConcurrentStreams(1);
        }
        TransportFixture fixture = new TransportFixture(service, this::origin, this::transport, setup);
        labs.add(fixture);
        return fixture;
    }
}
