package dev.kimi.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sources that are read as they are sent. */
@Timeout(60)
class RequestBodyTest {

    @TempDir
    Path folder;

    @Test
    void a_file_is_sent_whole_as_often_as_wanted_and_says_its_length() throws IOException {
        byte[] content = new byte[300_000];
        content[299_999] = 7;
        RequestBody body = RequestBody.ofFile(Files.write(folder.resolve("file"), content));

        assertThat(body.length()).isEqualTo(300_000);
        assertThat(body.isReplayable()).isTrue();
        assertThat(body.bytes()).isNull();
        assertThat(Taker.all(body).bytes()).isEqualTo(content);
        assertThat(Taker.all(body).bytes()).isEqualTo(content);
        Assertions.assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> RequestBody.ofFile(folder.resolve("none")));
    }

    @Test
    void an_input_stream_is_read_once_and_closed() {
        AtomicInteger closed = new AtomicInteger();
        RequestBody body = RequestBody.ofInputStream(counting(closed), RequestBody.UNKNOWN_LENGTH);

        assertThat(body.length()).isEqualTo(RequestBody.UNKNOWN_LENGTH);
        assertThat(body.isReplayable()).isFalse();
        assertThat(Taker.all(body).bytes()).containsExactly(1, 2, 3);
        assertThat(closed).hasValue(1);
        assertThat(Taker.all(body).failure())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("only once");
    }

    @Test
    void a_source_of_input_streams_gives_a_new_one_each_time_and_each_is_closed() {
        AtomicInteger closed = new AtomicInteger();
        RequestBody body = RequestBody.ofInputStreams(() -> counting(closed), 3);

        assertThat(body.isReplayable()).isTrue();
        assertThat(Taker.all(body).bytes()).containsExactly(1, 2, 3);
        assertThat(Taker.all(body).bytes()).containsExactly(1, 2, 3);
        assertThat(closed).hasValue(2);
    }

    private static InputStream counting(AtomicInteger closed) {
        return new ByteArrayInputStream(new byte[] {1, 2, 3}) {
            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
    }

    @Test
    void nothing_is_read_that_nobody_requests() {
        AtomicInteger opened = new AtomicInteger();
        AtomicInteger read = new AtomicInteger();
        RequestBody body = RequestBody.ofInputStreams(
                () -> {
                    opened.incrementAndGet();
                    return new InputStream() {
                        @Override
                        public int read() {
                            return 1;
                        }

                        @Override
                        public int read(byte[] into, int from, int length) {
                            read.incrementAndGet();
                            return 1;
                        }
                    };
                },
                RequestBody.UNKNOWN_LENGTH);
        Taker taker = new Taker();
        body.subscribe(taker);
        assertThat(opened).hasValue(0);

        taker.take(2);
        taker.awaitPieces(2);
        taker.take(1);
        taker.awaitPieces(3);

        assertThat(read).hasValue(3);
        taker.cancel();
    }

    @Test
    void what_fails_to_open_or_to_be_read_is_signalled_and_closed() {
        IOException broken = new IOException("disk");
        assertThat(Taker.all(RequestBody.ofInputStreams(
                                () -> {
                                    throw broken;
                                },
                                3))
                        .failure())
                .isSameAs(broken);
        CountDownLatch closed = new CountDownLatch(1);
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw broken;
            }

            @Override
            public void close() {
                closed.countDown();
            }
        };
        assertThat(Taker.all(RequestBody.ofInputStream(failing, 3)).failure()).isSameAs(broken);
        assertThat(closed.getCount()).isZero();
    }

    @Test
    void a_cancel_frees_the_thread_that_waits_for_a_source_which_gives_nothing() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        CompletableFuture<Thread> reader = new CompletableFuture<>();
        PipedInputStream silent = new PipedInputStream() {
            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                reader.complete(Thread.currentThread());
                return super.read(into, from, length);
            }

            @Override
            public void close() throws IOException {
                super.close();
                closed.countDown();
            }
        };
        PipedOutputStream writer = new PipedOutputStream(silent);
        Taker taker = new Taker();
        RequestBody.ofInputStream(silent, RequestBody.UNKNOWN_LENGTH).subscribe(taker);
        taker.take(1);
        reader.join();

        taker.cancel();

        closed.await();
        assertThat(taker.signals).as("silence after a cancel").isEmpty();
        writer.close();
    }

    @Test
    void a_request_for_nothing_is_an_error_of_the_subscriber() {
        Taker taker = new Taker();
        RequestBody.ofInputStreams(InputStream::nullInputStream, 0).subscribe(taker);

        taker.take(0);

        assertThat(taker.ended.handle((done, failure) -> failure).join()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void no_body_has_a_negative_length() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RequestBody.ofInputStream(InputStream.nullInputStream(), -2));
        assertThatIllegalArgumentException().isThrownBy(() -> RequestBody.ofPublisher(RequestBody.empty(), -2, false));
    }

    private static final class Taker implements Flow.Subscriber<ByteBuffer> {
        private final List<ByteBuffer> pieces = new ArrayList<>();
        private final List<String> signals = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;

        static Taker all(RequestBody body) {
            Taker taker = new Taker();
            body.subscribe(taker);
            taker.take(Long.MAX_VALUE);
            taker.ended.handle((done, failure) -> failure).join();
            return taker;
        }

        void take(long buffers) {
            if (subscription != null) {
                subscription.request(buffers);
            }
        }

        void cancel() {
            if (subscription != null) {
                subscription.cancel();
            }
        }

        @Nullable Throwable failure() {
            return ended.handle((done, failure) -> failure).join();
        }

        synchronized byte[] bytes() {
            assertThat(failure()).isNull();
            ByteBuffer all = ByteBuffer.allocate(
                    pieces.stream().mapToInt(ByteBuffer::remaining).sum());
            pieces.forEach(piece -> all.put(piece.duplicate()));
            return all.array();
        }

        synchronized void awaitPieces(int count) {
            while (pieces.size() < count) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public synchronized void onNext(ByteBuffer piece) {
            pieces.add(piece);
            signals.add("piece");
            notifyAll();
        }

        @Override
        public void onError(Throwable failure) {
            signals.add("error");
            ended.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            signals.add("complete");
            ended.complete(null);
        }
    }
}
