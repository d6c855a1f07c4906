package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.leak.LeakLog;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An exchange whose response is handed over head first, and whose body comes by demand. */
@Timeout(60)
class StreamedExchangeTest {

    private final EngineFixture fixture = new EngineFixture();
    private final AtomicInteger settled = new AtomicInteger();
    private final List<String> events = new ArrayList<>();

    private Engine engine() {
        fixture.quota = request -> QuotaDecision.granted(tokens -> settled.incrementAndGet());
        fixture.listeners.add(started -> {
            events.add("started " + started.operation());
            return event -> {
                if (event instanceof CallEvent.FirstEvent) {
                    events.add("first event");
                } else if (event instanceof CallEvent.Finished end) {
                    events.add("finished " + end.outcome() + " " + end.status() + " " + end.attempts());
                }
            };
        });
        return fixture.engine();
    }

    private static CompletableFuture<ServiceStream> exchange(Engine engine) {
        return exchange(engine, ServiceRequest.get("/v1/files/f1/content"));
    }

    private static CompletableFuture<ServiceStream> exchange(Engine engine, ServiceRequest request) {
        return engine.exchangeStream(request, Runnable::run);
    }

    private ScriptedTransport.Sent sent() {
        return fixture.transport.last();
    }

    private static String textOf(ServiceStream stream) {
        try (InputStream in = stream.inputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(InputStream in, int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    @Test
    void status_and_headers_come_before_any_byte_of_the_body() throws IOException {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        assertThat(sent().request().headers().first("accept")).isEqualTo("*/*");
        assertThat(head).isNotDone();

        sent().headers(206, "content-type", "application/jsonl", "x-request-id", "r-1");

        ServiceStream stream = head.join();
        assertThat(stream.status()).isEqualTo(206);
        assertThat(stream.headers().first("content-type")).isEqualTo("application/jsonl");
        assertThat(settled).as("the call goes on").hasValue(0);
        InputStream in = stream.inputStream();
        sent().body("first,");
        assertThat(read(in, 6)).isEqualTo("first,");
        sent().body("last");
        sent().complete();
        assertThat(read(in, 100)).isEqualTo("last");
        assertThat(settled).hasValue(1);
        assertThat(events).containsExactly("started exchange-stream", "first event", "finished SUCCESS 206 1");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_body_of_nothing_ends_at_once() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);

        sent().answer(204, "");

        assertThat(textOf(head.join())).isEmpty();
        assertThat(events).containsExactly("started exchange-stream", "finished SUCCESS 204 1");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_body_may_be_larger_than_any_that_is_kept_whole() throws IOException {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().headers(200);
        byte[] chunk = new byte[BodyBuffer.LOW_MARK];
        InputStream in = head.join().inputStream();
        long read = 0;
        while (read <= WholeResponseFuture.MAX_BYTES) {
            sent().body(chunk);
            read += in.readNBytes(chunk.length).length;
        }
        sent().complete();

        assertThat(in.read()).isEqualTo(-1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void nothing_more_is_asked_for_while_enough_waits() throws IOException {
        CompletableFuture<ServiceStream> head = exchange(engine());
        sent().headers(200);
        byte[] half = new byte[BodyBuffer.LOW_MARK / 2];

        sent().body(half);
        assertThat(sent().demand()).as("half of it waits").isEqualTo(1);
        sent().body(half);
        assertThat(sent().demand()).as("all of it waits").isZero();
        fixture.time.advance(Duration.ofMinutes(10));
        assertThat(sent().aborted()).as("nobody asks: that is no silence").isFalse();

        InputStream in = head.join().inputStream();
        in.readNBytes(half.length);
        assertThat(sent().demand()).as("half of it waits again").isZero();
        in.read();
        assertThat(sent().demand()).as("less than half waits").isEqualTo(1);
        head.join().close();
    }

    @Test
    void an_error_status_is_an_exception_and_is_retried_as_ever() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().answer(529, "busy");
        fixture.time.advance(Duration.ofSeconds(60));
        sent().fail(Kind.CONNECT, true);
        fixture.time.advance(Duration.ofSeconds(60));
        sent().headers(200).body("whole").complete();

        assertThat(fixture.transport.count()).isEqualTo(3);
        assertThat(textOf(head.join())).isEqualTo("whole");
        fixture.assertNothingIsLeft(engine);

        CompletableFuture<ServiceStream> wrong = exchange(engine);
        sent().answer(400, "no");
        assertThat(failureOf(wrong)).isInstanceOf(InvalidRequestException.class);
        assertThat(settled).hasValue(2);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void an_error_response_is_a_stream_like_any_other_for_who_wants_it_so() {
        Engine engine = engine();
        ServiceRequest wanting = ServiceRequest.get("/v1/files").errorsAsResponses(true);
        CompletableFuture<ServiceStream> head = exchange(engine, wanting);
        sent().answer(529, "busy");
        assertThat(head).as("it is sent again").isNotDone();
        fixture.time.advance(Duration.ofSeconds(60));
        sent().answer(400, "{\"no\": \"such file\"}", "x-request-id", "r-2");

        assertThat(head).isCompleted();
        assertThat(head.join().status()).isEqualTo(400);
        assertThat(head.join().headers().first("x-request-id")).isEqualTo("r-2");
        assertThat(textOf(head.join())).isEqualTo("{\"no\": \"such file\"}");
        assertThat(events).contains("finished FAILURE 400 2");
        fixture.assertNothingIsLeft(engine);

        CompletableFuture<ServiceStream> empty = exchange(engine, wanting);
        sent().answer(400, "");
        assertThat(textOf(empty.join())).isEmpty();
        CompletableFuture<ServiceStream> broken = exchange(engine, wanting);
        sent().fail(Kind.CERTIFICATE, true);
        assertThat(failureOf(broken)).isInstanceOf(TransportException.class);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void an_error_response_is_whole_for_who_wants_it_so() {
        Engine engine = engine();
        ServiceRequest wanting = ServiceRequest.get("/v1/files").errorsAsResponses(true);
        CompletableFuture<ServiceResponse> call = engine.exchange(wanting, Runnable::run);
        sent().answer(400, "none", "x-request-id", "r-2");

        assertThat(call).isCompleted();
        assertThat(call.join().status()).isEqualTo(400);
        assertThat(call.join().headers().first("x-request-id")).isEqualTo("r-2");
        assertThat(call.join().text()).isEqualTo("none");

        CompletableFuture<ServiceResponse> cancelled = engine.exchange(wanting, Runnable::run);
        sent().answer(529, "busy");
        cancelled.cancel(true);
        assertThat(cancelled).isCancelled();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_last_failure_of_several_attempts_is_the_exception() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        for (int i = 0; i < 3; i++) {
            sent().answer(529, "busy");
            fixture.time.advance(Duration.ofSeconds(60));
        }

        assertThat(failureOf(head)).isInstanceOf(OverloadedException.class);
        assertThat(failureOf(head).attempts()).isEqualTo(3);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void nothing_is_sent_again_once_the_head_was_handed_over() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().headers(200);
        ServiceStream stream = head.join();
        sent().fail(Kind.RESET, true);
        fixture.time.advance(Duration.ofMinutes(2));

        TruncatedStreamException broken = catchThrowableOfType(TruncatedStreamException.class, () -> textOf(stream));

        assertThat(broken).hasMessageContaining("after 0 bytes").hasCause(ScriptedTransport.CAUSE);
        assertThat(broken.status()).isEqualTo(200);
        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(events).containsExactly("started exchange-stream", "finished FAILURE 200 1");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_break_in_the_middle_comes_after_what_had_arrived_and_is_no_end() throws IOException {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().headers(200).body("0123456789");
        sent().fail(Kind.RESET, false);

        InputStream in = head.join().inputStream();
        assertThat(read(in, 10)).isEqualTo("0123456789");
        assertThatThrownBy(in::read)
                .isInstanceOf(TruncatedStreamException.class)
                .hasMessageContaining("after 10 bytes");
        assertThatThrownBy(in::read).as("again").isInstanceOf(TruncatedStreamException.class);
        assertThat(settled).hasValue(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_break_before_the_head_is_that_of_a_whole_exchange() {
        CompletableFuture<ServiceStream> head = exchange(engine());
        sent().fail(Kind.RESET, false);

        assertThat(failureOf(head)).isInstanceOf(TransportException.class);
    }

    @Test
    void silence_has_the_limit_of_its_phase() {
        Engine engine = engine();
        assertPhase(failureAfter(engine, Duration.ofSeconds(60), false, null), Phase.HEADERS);
        assertPhase(failureAfter(engine, Duration.ofMinutes(5), true, null), Phase.FIRST_EVENT);
        assertPhase(failureAfter(engine, Duration.ofSeconds(60), true, "some"), Phase.IDLE);
        assertThat(settled).hasValue(3);
        fixture.assertNothingIsLeft(engine);
    }

    private KimiException failureAfter(Engine engine, Duration limit, boolean headers, @Nullable String body) {
        CompletableFuture<ServiceStream> head = exchange(engine);
        if (headers) {
            sent().headers(200);
        }
        if (body != null) {
            sent().body(body);
        }
        fixture.time.advance(limit.minusMillis(1));
        assertThat(sent().aborted()).isFalse();
        fixture.time.advance(Duration.ofSeconds(1));
        assertThat(sent().aborted()).isTrue();
        return headers ? catchThrowableOfType(KimiException.class, () -> textOf(head.join())) : failureOf(head);
    }

    private static void assertPhase(KimiException failure, Phase phase) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        late -> assertThat(late.phase()).isEqualTo(phase));
    }

    @Test
    void the_deadline_is_for_all_of_the_body() throws IOException {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head =
                exchange(engine, ServiceRequest.get("/v1/files/f1/content").deadline(Duration.ofSeconds(100)));
        InputStream in = null;
        sent().headers(200);
        for (int i = 0; i < 4; i++) {
            fixture.time.advance(Duration.ofSeconds(24));
            sent().body("x");
            in = in == null ? head.join().inputStream() : in;
            in.read();
        }
        fixture.time.advance(Duration.ofSeconds(5));

        assertThatThrownBy(in::read)
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining("the request's deadline");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void closing_half_way_aborts_the_exchange_and_gives_everything_back_once() throws IOException {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().headers(200).body("some");
        ServiceStream stream = head.join();
        InputStream in = stream.inputStream();
        assertThat(read(in, 2)).isEqualTo("so");

        in.close();
        stream.close();

        assertThat(sent().aborted()).isTrue();
        assertThat(read(in, 2)).as("what it had in its hands").isEqualTo("me");
        assertThatThrownBy(in::read).isInstanceOf(CallCancelledException.class);
        assertThat(settled).hasValue(1);
        assertThat(events).endsWith("finished CANCELLED 200 1");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void cancelling_the_future_before_the_head_aborts_the_exchange() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);

        head.cancel(true);

        assertThat(sent().aborted()).isTrue();
        sent().headers(200);
        assertThat(settled).hasValue(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_stream_that_nobody_can_get_at_is_closed_at_its_head() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        head.orTimeout(1, TimeUnit.DAYS).completeExceptionally(new IllegalStateException("too late for us"));
        assertThat(sent().aborted()).isFalse();

        sent().headers(200);

        assertThat(sent().aborted()).isTrue();
        assertThat(settled).hasValue(1);
        assertThat(engine.openCalls()).isEmpty();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void closing_from_within_the_futures_stage_ends_the_call() {
        Engine engine = engine();
        exchange(engine).thenAccept(ServiceStream::close);

        sent().headers(200);

        assertThat(sent().aborted()).isTrue();
        assertThat(events).containsExactly("started exchange-stream", "finished CANCELLED 200 1");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void closing_the_client_ends_the_body_with_a_failure() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().headers(200).body("some");

        engine.close();

        assertThat(catchThrowableOfType(RejectedException.class, () -> textOf(head.join()))
                        .reason())
                .isEqualTo(RejectedException.Reason.CLOSED);
        assertThat(sent().aborted()).isTrue();
        assertThat(settled).hasValue(1);
    }

    @Test
    void an_interrupted_reader_cancels_the_call() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().headers(200);

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> textOf(head.join())).isInstanceOf(CallCancelledException.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(sent().aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_subscriber_gets_buffers_that_are_its_own_and_cannot_be_changed() {
        Engine engine = engine();
        CompletableFuture<ServiceStream> head = exchange(engine);
        byte[] lent = "some".getBytes(StandardCharsets.UTF_8);
        sent().headers(200).body(lent);
        lent[0] = 'X';
        Recorder recorder = new Recorder();
        head.join().subscribe(recorder);
        assertThat(recorder.heard).isEmpty();

        recorder.subscription().request(1);
        sent().body("more");
        assertThat(recorder.heard).containsExactly("some");
        recorder.subscription().request(1);
        sent().complete();

        assertThat(recorder.heard).containsExactly("some", "more", "complete");
        assertThat(recorder.readOnly).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_body_is_good_for_one_use() {
        CompletableFuture<ServiceStream> head = exchange(engine());
        sent().headers(200);
        ServiceStream stream = head.join();
        stream.inputStream();

        assertThatThrownBy(stream::inputStream).isInstanceOf(IllegalStateException.class);
        Recorder second = new Recorder();
        stream.subscribe(second);
        assertThat(second.heard).containsExactly("error IllegalStateException");
        stream.close();
    }

    @Test
    void a_packed_body_is_unpacked_on_its_way_and_one_that_is_cut_says_so() throws IOException {
        Engine engine = engine();
        byte[] packed = gzip("x".repeat(100_000));
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().headers(200, "content-encoding", "gzip", "content-length", String.valueOf(packed.length))
                .body(packed)
                .complete();
        assertThat(head.join().headers().size()).isZero();
        assertThat(textOf(head.join())).hasSize(100_000);

        CompletableFuture<ServiceStream> cut = exchange(engine);
        sent().headers(200, "content-encoding", "gzip")
                .body(Arrays.copyOf(packed, packed.length / 2))
                .complete();
        assertThatThrownBy(() -> textOf(cut.join()))
                .isInstanceOf(TruncatedStreamException.class)
                .hasMessageContaining("decompressed");
        fixture.assertNothingIsLeft(engine);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    @Test
    void one_that_is_dropped_unread_is_cancelled_and_reported_with_its_own_name() throws InterruptedException {
        Engine engine = engine();
        try (LeakLog log = new LeakLog()) {
            drop(engine);
            assertThat(engine.openCalls()).hasSize(1);

            LeakLog.collectUntil(() -> log.records().size() == 1);

            assertThat(log.records().get(0).getMessage())
                    .contains("A ServiceStream of the client", "try (ServiceStream stream = client.exchangeStream(");
            assertThat(sent().aborted()).isTrue();
            assertThat(settled).hasValue(1);
            fixture.assertNothingIsLeft(engine);
        }
    }

    private void drop(Engine engine) {
        CompletableFuture<ServiceStream> head = exchange(engine);
        sent().headers(200).body("some");
        assertThat(head.join().status()).isEqualTo(200);
    }

    private static final class Recorder implements Flow.Subscriber<ByteBuffer> {
        private final List<String> heard = new ArrayList<>();
        private boolean readOnly = true;
        private Flow.@Nullable Subscription given;

        Flow.Subscription subscription() {
            return Objects.requireNonNull(given);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            given = subscription;
        }

        @Override
        public void onNext(ByteBuffer piece) {
            readOnly &= piece.isReadOnly();
            heard.add(StandardCharsets.UTF_8.decode(piece).toString());
        }

        @Override
        public void onError(Throwable failure) {
            heard.add("error " + failure.getClass().getSimpleName());
        }

        @Override
        public void onComplete() {
            heard.add("complete");
        }
    }
}
