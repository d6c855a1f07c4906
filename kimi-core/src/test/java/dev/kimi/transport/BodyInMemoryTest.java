package dev.kimi.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BodyInMemoryTest {

    private final Recorder recorder = new Recorder();

    @Test
    void a_body_in_memory_gives_the_bytes_themselves_and_can_be_sent_again() {
        byte[] bytes = {1, 2, 3};
        RequestBody body = RequestBody.of(bytes);

        assertThat(body.bytes()).isSameAs(bytes);
        assertThat(body.length()).isEqualTo(3);
        assertThat(body.isReplayable()).isTrue();
        assertThat(RequestBody.empty().bytes()).isEmpty();
        assertThat(RequestBody.of(new byte[0])).isSameAs(RequestBody.empty());
    }

    @Test
    void a_body_in_memory_can_be_subscribed_to_as_any_other_and_again() {
        RequestBody body = RequestBody.of("whole".getBytes(StandardCharsets.US_ASCII));

        for (int i = 1; i <= 2; i++) {
            body.subscribe(recorder);
            assertThat(recorder.signals).hasSize(2 * (i - 1));
            recorder.request(1);
            recorder.request(1);
            assertThat(recorder.signals).hasSize(2 * i).endsWith("whole", "complete");
        }
    }

    @Test
    void an_empty_body_hands_out_nothing() {
        RequestBody.empty().subscribe(recorder);
        recorder.request(5);

        assertThat(recorder.signals).containsExactly("complete");
    }

    @Test
    void a_cancelled_body_in_memory_hands_out_nothing() {
        RequestBody.of(new byte[9]).subscribe(recorder);
        Objects.requireNonNull(recorder.subscription).cancel();
        recorder.request(1);

        assertThat(recorder.signals).isEmpty();
    }

    @Test
    void a_source_knows_neither_length_nor_replay_unless_it_says_so() {
        RequestBody body = subscriber -> {};

        assertThat(body.length()).isEqualTo(RequestBody.UNKNOWN_LENGTH);
        assertThat(body.isReplayable()).isFalse();
        assertThat(body.bytes()).isNull();
    }

    private static final class Recorder implements Flow.Subscriber<ByteBuffer> {
        private final List<String> signals = new ArrayList<>();
        private Flow.@Nullable Subscription subscription;

        void request(long buffers) {
            Objects.requireNonNull(subscription).request(buffers);
        }

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription = begun;
        }

        @Override
        public void onNext(ByteBuffer buffer) {
            signals.add(StandardCharsets.US_ASCII.decode(buffer).toString());
        }

        @Override
        public void onError(Throwable failure) {
            signals.add(failure.toString());
        }

        @Override
        public void onComplete() {
            signals.add("complete");
        }
    }
}
