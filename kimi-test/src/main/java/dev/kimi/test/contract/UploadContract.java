package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.Reply;
import dev.kimi.test.contract.TransportFixture.Setup;
import dev.kimi.test.contract.UploadServer.Upload;
import dev.kimi.test.support.Eventually;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import dev.kimi.transport.TransportRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies of requests that come from a source. */
abstract class UploadContract extends PoolContract {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    /** What the sockets of both ends, and the transport, may hold of a body. */
    private static final long HELD_AT_MOST = 24L * MIB;

    private final List<UploadServer> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "transport-contract-source");
        thread.setDaemon(true);
        return thread;
    });

    @AfterEach
    final void the_servers_of_the_uploads_are_closed() {
        servers.forEach(UploadServer::close);
        threads.shutdownNow();
    }

    @Test
    void a_streamed_body_of_known_length_comes_as_it_is() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);
        RecordedBody body = RecordedBody.of(300_000, 7_000);

        ExchangeRecorder exchange =
                fixture.upload(server, body).request(Long.MAX_VALUE).awaitComplete();

        Upload upload = server.awaitUpload();
        assertEquals("300000", upload.header("content-length"));
        assertEquals("null", upload.header("transfer-encoding"));
        assertUploaded(body, exchange);
    }

    @Test
    void a_streamed_body_of_unknown_length_comes_as_it_is() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);
        RecordedBody body = RecordedBody.of(300_000, 7_000).ofUnknownLength();

        ExchangeRecorder exchange =
                fixture.upload(server, body).request(Long.MAX_VALUE).awaitComplete();

        Upload upload = server.awaitUpload();
        assertEquals("null", upload.header("content-length"));
        assertEquals(multiplexed() ? "null" : "chunked", upload.header("transfer-encoding"));
        assertUploaded(body, exchange);
    }

    @Test
    void an_empty_streamed_body_is_an_empty_body() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);

        for (RecordedBody body :
                List.of(RecordedBody.of(0, 1), RecordedBody.of(0, 1).ofUnknownLength())) {
            assertUploaded(
                    body, fixture.upload(server, body).request(Long.MAX_VALUE).awaitComplete());
        }
    }

    @Test
    void the_source_may_signal_from_threads_of_its_own() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);

        for (int i = 0; i < 50; i++) {
            RecordedBody body =
                    RecordedBody.of(40_000 + i, 9_000).ofUnknownLength().on(threads);
            assertUploaded(
                    body, fixture.upload(server, body).request(Long.MAX_VALUE).awaitComplete());
        }
    }

    @Test
    void a_streamed_body_leaves_its_connection_to_the_next_exchange() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);

        for (int i = 0; i < 5; i++) {
            fixture.upload(server, RecordedBody.of(50_000, 5_000))
                    .request(Long.MAX_VALUE)
                    .awaitComplete();
        }

        fixture.awaitPool("one idle connection", pool -> pool.idle() == 1);
    }

    @Test
    void a_body_of_64_mib_is_never_held_in_memory() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);
        RecordedBody body = RecordedBody.of(64L * MIB, 64 * KIB);
        ExchangeRecorder exchange = fixture.upload(server, body).request(Long.MAX_VALUE);
        Upload upload = server.awaitUpload();

        long held = 0;
        while (!exchange.hasEnded()) {
            // in this order, so that what is received in between is not taken for held
            long handedOut = body.handedOut();
            held = Math.max(held, handedOut - upload.received());
            Thread.onSpinWait();
        }

        assertUploaded(body, exchange.awaitComplete());
        long most = held;
        assertTrue(most < HELD_AT_MOST, () -> most + " bytes were requested that the service had not read");
    }

    @Test
    void a_service_that_stops_reading_stops_the_source_and_an_abort_cancels_it() {
        for (boolean known : new boolean[] {true, false}) {
            TransportFixture fixture = fixture();
            UploadServer server = server(upload -> upload.readUpTo(100_000));
            RecordedBody body = RecordedBody.of(256L * MIB, 64 * KIB);
            ExchangeRecorder exchange = fixture.upload(server, known ? body : body.ofUnknownLength());
            Upload upload = server.awaitUpload();

            for (int i = 0; i < 20; i++) {
                fixture.passTheTime();
            }

            assertTrue(body.handedOut() < HELD_AT_MOST, body::toString);
            assertEquals(0, body.cancels());
            exchange.abort();
            exchange.abort();
            Eventually.completes(PATIENCE, body.cancelled(), "the cancel of the source");
            upload.readOn();
            assertFalse(upload.awaitWhole());
            fixture.passTheTime();
            assertEquals(1, body.cancels());
            assertEquals(0, exchange.calls());
        }
    }

    @Test
    void a_response_may_stream_while_the_request_does() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::echo);
        SubmissionPublisher<ByteBuffer> source = new SubmissionPublisher<>();
        AtomicInteger turn = new AtomicInteger();
        ExchangeRecorder exchange = new ExchangeRecorder() {
            @Override
            void bodyArrived() {
                next(source, turn);
            }
        };

        RequestBody body = source::subscribe;
        fixture.send(
                        exchange,
                        TransportRequest.builder("POST", server.origin(), "/").body(body))
                .request(Long.MAX_VALUE);
        exchange.awaitStatus();
        assertTrue(Eventually.holds(Duration.ofSeconds(20), source::hasSubscribers));
        next(source, turn);

        assertEquals("12345", new String(exchange.awaitComplete().body(), StandardCharsets.US_ASCII));
    }

    @Test
    void signals_keep_their_order_when_the_source_changes_its_thread() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::echo);
        ThreadChangingBody body = new ThreadChangingBody(threads);
        ExchangeRecorder exchange = new ExchangeRecorder() {
            @Override
            void headersArrived() {
                body.handOutElsewhereAndCompleteHere();
            }
        };

        fixture.send(
                        exchange,
                        TransportRequest.builder("POST", server.origin(), "/").body(body))
                .request(Long.MAX_VALUE)
                .awaitComplete();

        assertEquals("whole", new String(exchange.body(), StandardCharsets.US_ASCII));
    }

    @Test
    void a_whole_response_that_comes_early_ends_the_upload() {
        TransportFixture fixture = fixture();
        UploadServer server =
                server(upload -> upload.response().setStatusCode(413).end("too large"), Upload::readAll);
        RecordedBody body = RecordedBody.of(64L * MIB, 64 * KIB);

        ExchangeRecorder exchange =
                fixture.upload(server, body).request(Long.MAX_VALUE).awaitComplete();

        assertEquals(413, exchange.awaitStatus());
        assertEquals("too large", new String(exchange.body(), StandardCharsets.US_ASCII));
        Eventually.completes(PATIENCE, body.cancelled(), "the cancel of the source");
        assertEquals(1, body.cancels());
        RecordedBody next = RecordedBody.of(10_000, 1_000);
        assertUploaded(
                next, fixture.upload(server, next).request(Long.MAX_VALUE).awaitComplete());
    }

    @Test
    void a_source_that_fails_ends_the_exchange_and_the_service_gets_no_whole_body() {
        for (boolean known : new boolean[] {true, false}) {
            TransportFixture fixture = fixture();
            UploadServer server = server(Upload::readAll);
            IllegalStateException disk = new IllegalStateException("disk");
            RecordedBody body = RecordedBody.of(900_000, 10_000).failingAfter(100_000, disk);

            TransportFailure failure = fixture.upload(server, known ? body : body.ofUnknownLength())
                    .request(Long.MAX_VALUE)
                    .awaitFailure();

            assertEquals(Kind.REQUEST_BODY, failure.kind());
            assertFalse(failure.unprocessed());
            assertNotNull(failure.cause());
            assertEquals(0, body.cancels());
            assertFalse(server.awaitUpload().awaitWhole());
        }
    }

    @Test
    void a_source_that_fails_at_once_leaves_nothing_to_process() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);
        RecordedBody body = RecordedBody.of(900_000, 10_000).failingAfter(0, new IllegalStateException("disk"));

        TransportFailure failure = fixture.upload(server, body).awaitFailure();

        assertEquals(Kind.REQUEST_BODY, failure.kind());
        assertTrue(failure.unprocessed());
    }

    @Test
    void a_source_that_throws_fails_like_one_that_says_so() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);
        RequestBody thrown = subscriber -> {
            throw new IllegalStateException("no file");
        };

        TransportFailure late = fixture.upload(
                        server, RecordedBody.of(900_000, 10_000).throwingAfter(100_000))
                .awaitFailure();
        TransportFailure atOnce = fixture.upload(server, thrown).awaitFailure();

        assertEquals(Kind.REQUEST_BODY, late.kind());
        assertEquals(Kind.REQUEST_BODY, atOnce.kind());
        assertFalse(server.awaitUpload().awaitWhole());
    }

    @Test
    void a_source_with_another_length_than_it_says_fails() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);

        RecordedBody longer = RecordedBody.of(50_000, 10_000).claiming(35_000);
        TransportFailure tooMuch = fixture.upload(server, longer).awaitFailure();
        assertFalse(server.awaitUpload().awaitWhole());
        RecordedBody shorter = RecordedBody.of(50_000, 10_000).claiming(50_001);
        TransportFailure tooLittle = fixture.upload(server, shorter).awaitFailure();
        assertFalse(server.awaitUpload().awaitWhole());

        assertEquals(Kind.REQUEST_BODY, tooMuch.kind());
        assertNotNull(tooMuch.detail());
        assertEquals(1, longer.cancels());
        assertEquals(Kind.REQUEST_BODY, tooLittle.kind());
        assertNotNull(tooLittle.detail());
        assertEquals(0, shorter.cancels());
    }

    @Test
    void a_connection_that_breaks_cancels_the_source_and_some_may_have_been_processed() {
        TransportFixture fixture = fixture();
        UploadServer server = server(upload -> upload.closeAfter(100_000));
        RecordedBody body = RecordedBody.of(64L * MIB, 64 * KIB);

        TransportFailure failure = fixture.upload(server, body).awaitFailure();

        assertEquals(Kind.RESET, failure.kind());
        assertFalse(failure.unprocessed());
        Eventually.completes(PATIENCE, body.cancelled(), "the cancel of the source");
        assertEquals(1, body.cancels());
    }

    @Test
    void a_body_is_left_alone_until_its_exchange_has_a_connection() throws IOException {
        TransportFixture fixture = fixture(new Setup(1, 5, Duration.ofMinutes(1)));
        fixture.service().reply(Reply.text("held").stallAfterEvents(0));
        ExchangeRecorder held = fixture.stream();
        held.awaitStatus();
        RecordedBody waiting = RecordedBody.of(10, 10);
        ExchangeRecorder exchange = fixture.send(
                new ExchangeRecorder(),
                TransportRequest.builder("POST", fixture.origin(), "/").body(waiting));
        RecordedBody unreachable = RecordedBody.of(10, 10);
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }

        TransportFailure failure = fixture.send(
                        new ExchangeRecorder(),
                        TransportRequest.builder("POST", URI.create("http://127.0.0.1:" + closed), "/")
                                .body(unreachable))
                .awaitFailure();
        exchange.abort();
        held.abort();
        fixture.passTheTime();

        assertTrue(failure.unprocessed());
        assertEquals(0, unreachable.subscriptions());
        assertEquals(0, waiting.subscriptions());
        assertEquals(0, waiting.cancels());
    }

    @Test
    void uploads_aborted_at_any_moment_end_or_cancel_their_source_once() {
        TransportFixture fixture = fixture();
        UploadServer server = server(Upload::readAll);
        List<RecordedBody> bodies = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            long abortAt = new Random(i).nextInt(40) * 10_000L;
            RecordedBody body = RecordedBody.of(200_000, 10_000);
            if (i % 2 == 0) {
                body.ofUnknownLength().on(threads);
            }
            bodies.add(body);
            ExchangeRecorder exchange = fixture.upload(server, body).request(Long.MAX_VALUE);
            while (body.handedOut() < Math.min(abortAt, 200_000) && !exchange.hasEnded()) {
                Thread.onSpinWait();
            }
            if (abortAt < 200_000) {
                exchange.abort();
            } else {
                exchange.awaitComplete();
            }
        }

        fixture.awaitPool("nothing under way", pool -> pool.exchanges() == 0);
        fixture.passTheTime();
        for (RecordedBody body : bodies) {
            if (body.subscriptions() > 0 && !body.ended().isDone()) {
                Eventually.completes(PATIENCE, body.cancelled(), "the cancel of the source");
            }
            assertTrue(body.cancels() <= 1, body::toString);
            assertTrue(body.subscriptions() <= 1, body::toString);
        }
    }

    private static void next(SubmissionPublisher<ByteBuffer> source, AtomicInteger turn) {
        int digit = turn.incrementAndGet();
        if (digit <= 5) {
            source.submit(ByteBuffer.wrap(new byte[] {(byte) ('0' + digit)}));
        } else {
            source.close();
        }
    }

    private UploadServer server(Consumer<Upload> plan) {
        return server(plan, plan);
    }

    private UploadServer server(Consumer<Upload> first, Consumer<Upload> others) {
        AtomicBoolean begun = new AtomicBoolean();
        UploadServer server = new UploadServer(upload -> (begun.getAndSet(true) ? others : first).accept(upload));
        servers.add(server);
        return server;
    }

    private static void assertUploaded(RecordedBody body, ExchangeRecorder exchange) {
        assertEquals(200, exchange.awaitStatus());
        assertEquals(
                Long.toString(body.ended().join()),
                new String(exchange.body(), StandardCharsets.US_ASCII),
                body::toString);
        assertEquals(0, body.cancels());
        assertEquals(1, body.subscriptions());
    }
}
