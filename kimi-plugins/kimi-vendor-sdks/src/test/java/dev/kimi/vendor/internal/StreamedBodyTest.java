package dev.kimi.vendor.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.service.ServiceStream;
import dev.kimi.test.support.Eventually;
import dev.kimi.transport.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing while another thread reads, in each order. */
@Timeout(60)
class StreamedBodyTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void a_thread_that_reads_on_after_the_end_mark_comes_back_when_another_closes() {
        Stalled stream = new Stalled("text/event-stream", "data: {}\n\ndata: [DONE]\n");
        StreamedBody body = new StreamedBody(stream);
        CompletableFuture<Object> end = read(body);
        assertThat(Eventually.holds(SOON, () -> stream.waiting.get() == 1)).isTrue();

        body.close();

        assertThat(end).succeedsWithin(SOON).isInstanceOf(IOException.class);
        assertThat(stream.closed).hasValue(1);
        assertThat(stream.mostWaiting).hasValue(1);
    }

    @Test
    void a_json_text_whose_end_is_awaited_is_cancelled_by_a_close() {
        Stalled stream = new Stalled("application/json", "{}");
        StreamedBody body = new StreamedBody(stream);
        CompletableFuture<Object> end = read(body);
        assertThat(Eventually.holds(SOON, () -> stream.waiting.get() == 1)).isTrue();

        body.close();

        assertThat(end).succeedsWithin(SOON).isInstanceOf(IOException.class);
        assertThat(stream.closed).hasValue(1);
    }

    @Test
    void nothing_is_read_once_it_is_closed() throws IOException {
        Stalled stream = new Stalled("application/json", "{} ");
        StreamedBody body = new StreamedBody(stream);
        stream.end.countDown();
        assertThat(body.read()).isEqualTo('{');

        body.close();
        body.close();

        assertThatThrownBy(body::read).isInstanceOf(IOException.class).hasMessageContaining("closed");
        assertThat(stream.closed).hasValue(1);
    }

    @Test
    void services_that_never_end_their_streams_cost_connections_and_not_threads() throws IOException {
        List<Stalled> streams = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Stalled stream = new Stalled("text/event-stream", "data: {}\n\ndata: [DONE]\n");
            StreamedBody body = new StreamedBody(stream);
            assertThat(body.read(new byte[100])).isPositive();
            body.close();
            streams.add(stream);
        }

        long waiting =
                streams.stream().filter(stream -> stream.closed.get() == 0).count();
        assertThat(waiting).isBetween(1L, 16L);

        streams.forEach(stream -> stream.end.countDown());
        assertThat(Eventually.holds(SOON, () -> streams.stream().allMatch(stream -> stream.closed.get() == 1)))
                .isTrue();
    }

    /** What a thread of its own reads to the end of the body, or the failure that ends it. */
    private static CompletableFuture<Object> read(StreamedBody body) {
        CompletableFuture<Object> end = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try {
                end.complete(body.readAllBytes());
            } catch (IOException | RuntimeException e) {
                end.complete(e);
            }
        });
        reader.setDaemon(true);
        reader.start();
        return end;
    }

    /** A response that has sent a text and does not end until it may. */
    private static final class Stalled implements ServiceStream {

        final CountDownLatch end = new CountDownLatch(1);
        final AtomicInteger closed = new AtomicInteger();
        final AtomicInteger waiting = new AtomicInteger();
        final AtomicInteger mostWaiting = new AtomicInteger();
        private final Headers headers;
        private final byte[] text;

        Stalled(String type, String text) {
            this.headers = Headers.builder().add("content-type", type).build();
            this.text = text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int status() {
            return 200;
        }

        @Override
        public Headers headers() {
            return headers;
        }

        @Override
        public InputStream inputStream() {
            return new InputStream() {
                private boolean given;

                @Override
                public int read() {
                    throw new AssertionError("read in pieces");
                }

                @Override
                public int read(byte[] into, int from, int length) throws IOException {
                    if (!given) {
                        given = true;
                        System.arraycopy(text, 0, into, from, text.length);
                        return text.length;
                    }
                    mostWaiting.accumulateAndGet(waiting.incrementAndGet(), Math::max);
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    } finally {
                        waiting.decrementAndGet();
                    }
                    if (closed.get() > 0) {
                        throw new IOException("cancelled");
                    }
                    return -1;
                }
            };
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            throw new AssertionError("subscribed to");
        }

        @Override
        public void close() {
            closed.incrementAndGet();
            end.countDown();
        }
    }
}
