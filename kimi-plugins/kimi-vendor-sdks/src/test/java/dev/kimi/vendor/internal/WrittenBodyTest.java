package dev.kimi.vendor.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import dev.kimi.transport.RequestBody;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attempts, cancels and closes of one body that overlap, in each order. */
@Timeout(60)
class WrittenBodyTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void an_attempt_writes_only_when_the_one_before_has_ended() throws IOException {
        Source source = new Source();
        RequestBody body = SentBody.of(source).read();
        Receiver first = new Receiver();
        body.subscribe(first);
        first.subscription().request(Long.MAX_VALUE);
        source.awaitWriters(1);
        first.subscription().cancel();
        Receiver second = new Receiver();
        body.subscribe(second);
        second.subscription().request(Long.MAX_VALUE);
        assertThat(Eventually.holds(SOON, () -> waitingForItsTurn() == 1)).isTrue();
        assertThat(source.writers).hasValue(1);

        source.mayEnd.countDown();

        assertThat(second.end).succeedsWithin(SOON).isEqualTo("complete");
        assertThat(source.mostWriters).hasValue(1);
        assertThat(first.end).isNotDone();
    }

    @Test
    void it_is_closed_once_and_when_nobody_writes_it() throws IOException {
        Source source = new Source();
        SentBody sent = SentBody.of(source);
        Receiver receiver = new Receiver();
        sent.read().subscribe(receiver);
        receiver.subscription().request(Long.MAX_VALUE);
        source.awaitWriters(1);

        sent.close();
        sent.close();
        assertThat(source.closed).hasValue(0);
        source.mayEnd.countDown();

        assertThat(receiver.end).succeedsWithin(SOON).isEqualTo("complete");
        assertThat(source.closed).hasValue(1);
        assertThat(source.closedWhileWritten).isFalse();
    }

    @Test
    void an_attempt_after_the_close_fails() throws IOException {
        Source source = new Source();
        SentBody sent = SentBody.of(source);
        Receiver receiver = new Receiver();
        sent.read().subscribe(receiver);

        sent.close();
        receiver.subscription().request(1);

        assertThat(receiver.end)
                .succeedsWithin(SOON)
                .isEqualTo("java.io.IOException: the body was closed before it was written");
        assertThat(source.mostWriters).hasValue(0);
        assertThat(source.closed).hasValue(1);
    }

    @Test
    void an_attempt_that_is_cancelled_before_its_turn_writes_nothing() throws IOException {
        Source source = new Source();
        SentBody sent = SentBody.of(source);
        RequestBody body = sent.read();
        Receiver first = new Receiver();
        body.subscribe(first);
        first.subscription().request(Long.MAX_VALUE);
        source.awaitWriters(1);
        Receiver second = new Receiver();
        body.subscribe(second);
        second.subscription().request(1);
        assertThat(Eventually.holds(SOON, () -> waitingForItsTurn() == 1)).isTrue();

        second.subscription().cancel();

        assertThat(Eventually.holds(SOON, () -> waitingForItsTurn() == 0)).isTrue();
        source.mayEnd.countDown();
        assertThat(first.end).succeedsWithin(SOON).isEqualTo("complete");
        assertThat(source.begun).hasValue(1);
        assertThat(second.end).isNotDone();
    }

    @Test
    void whatever_the_sdk_throws_ends_the_attempt() throws IOException {
        Source source = new Source() {
            @Override
            public void writeTo(OutputStream out) {
                throw new NoClassDefFoundError("of the SDK");
            }
        };
        Receiver receiver = new Receiver();
        SentBody.of(source).read().subscribe(receiver);

        receiver.subscription().request(1);

        assertThat(receiver.end).succeedsWithin(SOON).isEqualTo("java.lang.NoClassDefFoundError: of the SDK");
    }

    @Test
    void what_is_written_waits_for_demand() throws IOException {
        Source source = new Source();
        source.mayEnd.countDown();
        Receiver receiver = new Receiver();
        SentBody.of(source).read().subscribe(receiver);

        receiver.subscription().request(1);
        assertThat(Eventually.holds(SOON, () -> receiver.bytes.get() == 16 << 10))
                .isTrue();
        assertThat(receiver.end).isNotDone();
        receiver.subscription().request(Long.MAX_VALUE);

        assertThat(receiver.end).succeedsWithin(SOON).isEqualTo("complete");
        assertThat(receiver.bytes).hasValue(Source.SIZE);
    }

    private static long waitingForItsTurn() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> entry.getKey().getName().equals("kimi-sdk-body")
                        && entry.getKey().getState() == Thread.State.WAITING
                        && java.util.Arrays.stream(entry.getValue())
                                .anyMatch(frame -> frame.getMethodName().equals("lockInterruptibly")))
                .count();
    }

    /** A body that is stuck in the middle, whatever interrupts it. */
    private static class Source implements VendorBody {

        static final int SIZE = 100_000;

        final CountDownLatch mayEnd = new CountDownLatch(1);
        final AtomicInteger begun = new AtomicInteger();
        final AtomicInteger writers = new AtomicInteger();
        final AtomicInteger mostWriters = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();
        final AtomicBoolean closedWhileWritten = new AtomicBoolean();

        void awaitWriters(int count) {
            assertThat(Eventually.holds(SOON, () -> writers.get() == count)).isTrue();
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            begun.incrementAndGet();
            mostWriters.accumulateAndGet(writers.incrementAndGet(), Math::max);
            try {
                boolean stuck = true;
                while (stuck) {
                    try {
                        mayEnd.await();
                        stuck = false;
                    } catch (InterruptedException e) {
                        // as a file on a disk that hangs
                    }
                }
                out.write(new byte[SIZE]);
            } finally {
                writers.decrementAndGet();
            }
        }

        @Override
        public long length() {
            return -1;
        }

        @Override
        public @Nullable String contentType() {
            return null;
        }

        @Override
        public boolean isRepeatable() {
            return true;
        }

        @Override
        public void close() {
            closed.incrementAndGet();
            closedWhileWritten.set(writers.get() > 0);
        }
    }

    /** The transport's side. */
    private static final class Receiver implements Flow.Subscriber<ByteBuffer> {

        final CompletableFuture<String> end = new CompletableFuture<>();
        final AtomicInteger bytes = new AtomicInteger();
        private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

        Flow.Subscription subscription() {
            return subscription.join();
        }

        @Override
        public void onSubscribe(Flow.Subscription value) {
            subscription.complete(value);
        }

        @Override
        public void onNext(ByteBuffer piece) {
            bytes.addAndGet(piece.remaining());
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(failure.toString());
        }

        @Override
        public void onComplete() {
            end.complete("complete");
        }
    }
}
