package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.TransportException;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.TransportFailure.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An exchange whose request body is a source that is read as it is sent. */
@Timeout(60)
class StreamedRequestTest {

    private final EngineFixture fixture = new EngineFixture();
    private final Source source = new Source();

    /** What the test hands out piece by piece. */
    private static final class Source implements Flow.Publisher<ByteBuffer>, Flow.Subscription {
        private final List<Flow.Subscriber<? super ByteBuffer>> subscribers = new ArrayList<>();
        private long requested;
        private int cancelled;

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            subscribers.add(subscriber);
            subscriber.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            requested += n;
        }

        @Override
        public void cancel() {
            cancelled++;
        }

        void gives(String text) {
            last().onNext(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }

        Flow.Subscriber<? super ByteBuffer> last() {
            return subscribers.get(subscribers.size() - 1);
        }
    }

    /** What a transport does with the body, step by step. */
    private static final class Taking implements Flow.Subscriber<ByteBuffer> {
        private final StringBuilder taken = new StringBuilder();
        private Flow.@Nullable Subscription subscription;
        private boolean complete;

        void take(long buffers) {
            Objects.requireNonNull(subscription).request(buffers);
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(ByteBuffer piece) {
            taken.append(StandardCharsets.UTF_8.decode(piece));
        }

        @Override
        public void onError(Throwable failure) {
            taken.append(failure);
        }

        @Override
        public void onComplete() {
            complete = true;
        }
    }

    private ServiceRequest upload(boolean replayable) {
        return ServiceRequest.of("POST", "/v1/files", RequestBody.ofPublisher(source, 9, replayable));
    }

    private CompletableFuture<ServiceStream> exchange(Engine engine, boolean replayable) {
        return engine.exchangeStream(upload(replayable), Runnable::run);
    }

    private ScriptedTransport.Sent sent() {
        return fixture.transport.last();
    }

    private Taking subscribe() {
        Taking taking = new Taking();
        sent().request().body().subscribe(taking);
        return taking;
    }

    @Test
    void its_bytes_go_to_the_transport_as_that_asks_for_them() {
        Engine engine = fixture.engine();
        CompletableFuture<ServiceStream> head = exchange(engine, false);
        assertThat(sent().request().body().length()).isEqualTo(9);
        assertThat(source.subscribers).isEmpty();
        Taking taking = subscribe();
        assertThat(source.requested).isZero();

        taking.take(2);
        assertThat(source.requested).isEqualTo(2);
        source.gives("some ");
        source.gives("more");
        source.last().onComplete();

        assertThat(taking.taken).hasToString("some more");
        assertThat(taking.complete).isTrue();
        sent().answer(200, "done");
        head.join().close();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void one_that_can_be_sent_again_is_retried_as_bytes_are() {
        Engine engine = fixture.engine();
        CompletableFuture<ServiceStream> head = exchange(engine, true);
        subscribe().take(1);
        source.gives("some");
        sent().answer(529, "busy");
        fixture.time.advance(Duration.ofSeconds(60));

        assertThat(fixture.transport.count()).isEqualTo(2);
        subscribe();
        assertThat(source.subscribers).hasSize(2);
        sent().answer(200, "done");
        head.join().close();
    }

    @Test
    void one_that_cannot_is_retried_while_no_attempt_has_begun_to_read_it() {
        Engine engine = fixture.engine();
        CompletableFuture<ServiceStream> head = exchange(engine, false);
        sent().fail(Kind.CONNECT, true);
        fixture.time.advance(Duration.ofSeconds(60));
        assertThat(fixture.transport.count()).isEqualTo(2);
        sent().answer(529, "busy, before it had read anything");
        fixture.time.advance(Duration.ofSeconds(60));
        assertThat(fixture.transport.count()).isEqualTo(3);

        subscribe();
        sent().answer(200, "done");

        assertThat(source.subscribers).hasSize(1);
        head.join().close();
    }

    /** What would be sent again at once, or after a wait. */
    enum Rejection {
        BUSY,
        REFUSED_STREAM,
        STALE_CONNECTION
    }

    @ParameterizedTest
    @EnumSource
    void one_that_cannot_fails_with_a_type_of_its_own_once_it_was_begun(Rejection how) {
        Engine engine = fixture.engine();
        CompletableFuture<ServiceStream> head = exchange(engine, false);
        subscribe();
        switch (how) {
            case BUSY -> sent().answer(529, "busy", "retry-after", "7");
            case REFUSED_STREAM -> sent().fail(Kind.REFUSED, true);
            case STALE_CONNECTION -> sent().fail(Kind.STALE_CONNECTION, true);
        }
        fixture.time.advance(Duration.ofMinutes(2));

        assertThat(fixture.transport.count()).isEqualTo(1);
        KimiException failure = failureOf(head);
        assertThat(failure)
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        rejected ->
                                assertThat(rejected.reason()).isEqualTo(RejectedException.Reason.BODY_NOT_REPLAYABLE));
        assertThat(failure)
                .hasMessageContaining("can be read only once")
                .hasCauseInstanceOf(how == Rejection.BUSY ? OverloadedException.class : TransportException.class);
        if (how == Rejection.BUSY) {
            assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(7));
            assertThat(failure.status()).isEqualTo(529);
        }
        assertThat(fixture.governor().budget().available())
                .as("no retry was paid for")
                .isEqualTo(500);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void what_is_not_retried_anyway_keeps_its_own_type() {
        CompletableFuture<ServiceStream> head = exchange(fixture.engine(), false);
        subscribe();
        sent().fail(Kind.RESET, false);

        assertThat(failureOf(head)).isInstanceOf(TransportException.class);
    }

    @Test
    void after_a_401_the_credentials_are_replaced_and_a_body_that_was_begun_is_not_sent_with_them() {
        List<Credentials> invalidated = new ArrayList<>();
        fixture.credentials = new CredentialsProvider() {
            @Override
            public CompletionStage<Credentials> credentials() {
                return CompletableFuture.completedFuture(Credentials.bearer("token"));
            }

            @Override
            public boolean invalidate(Credentials rejected) {
                invalidated.add(rejected);
                return true;
            }
        };
        CompletableFuture<ServiceStream> head = exchange(fixture.engine(), false);
        subscribe();
        sent().answer(401, "");

        assertThat(invalidated).hasSize(1);
        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(failureOf(head)).isInstanceOf(AuthenticationException.class);
    }

    @Test
    void the_limit_for_headers_counts_from_what_was_taken_last() {
        Engine engine = fixture.engine();
        CompletableFuture<ServiceStream> head = exchange(engine, true);
        Taking taking = subscribe();
        for (int i = 0; i < 5; i++) {
            fixture.time.advance(Duration.ofSeconds(50));
            taking.take(1);
            source.gives("x");
        }
        fixture.time.advance(Duration.ofSeconds(59));
        assertThat(sent().aborted()).isFalse();

        fixture.time.advance(Duration.ofSeconds(2));

        assertThat(sent().aborted()).isTrue();
        assertThat(failureOf(head))
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        late -> assertThat(late.phase()).isEqualTo(DeadlineExceededException.Phase.HEADERS));
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_slow_source_is_not_taken_for_a_slow_service() {
        Engine engine = fixture.engine();
        CompletableFuture<ServiceStream> head = exchange(engine, true);
        Taking taking = subscribe();
        taking.take(2);
        source.gives("x");
        fixture.time.advance(Duration.ofMinutes(14));
        assertThat(sent().aborted()).as("the transport waits for the source").isFalse();

        fixture.time.advance(Duration.ofMinutes(2));

        assertThat(failureOf(head)).hasMessageContaining("kimi.timeout.total");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void an_exchange_for_the_whole_response_has_its_time_from_the_end_of_the_upload_too() {
        Engine engine = fixture.engine();
        CompletableFuture<ServiceResponse> whole = engine.exchange(upload(true), Runnable::run);
        Taking taking = subscribe();
        fixture.time.advance(Duration.ofMinutes(4));
        taking.take(1);
        source.gives("x");
        source.last().onComplete();
        sent().headers(200);
        fixture.time.advance(Duration.ofMinutes(4));
        sent().body("done").complete();

        assertThat(whole.join().text()).isEqualTo("done");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_response_that_begins_before_the_end_of_its_request_waits_for_it() {
        Engine engine = fixture.engine();
        CompletableFuture<ServiceStream> head = exchange(engine, true);
        Taking taking = subscribe();
        sent().headers(200).body("x");
        for (int i = 0; i < 3; i++) {
            fixture.time.advance(Duration.ofSeconds(50));
            taking.take(1);
            source.gives("x");
        }
        assertThat(sent().aborted()).isFalse();

        fixture.time.advance(Duration.ofSeconds(61));

        assertThat(sent().aborted()).isTrue();
        head.join().close();
        fixture.assertNothingIsLeft(engine);
    }
}
