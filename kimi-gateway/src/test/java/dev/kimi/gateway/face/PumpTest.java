package dev.kimi.gateway.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Mono;

/** The pump over a socket that takes bytes when the test says so, on a thread that runs when the test says so. */
class PumpTest {

    private final Socket socket = new Socket();
    private final Service service = new Service();
    private final Client client = new Client();
    private final Plain pump = new Plain(socket);

    private void start() {
        pump.subscribe(client);
        pump.onSubscribe(service);
        socket.run();
        client.subscription.request(Long.MAX_VALUE);
        socket.run();
    }

    @Test
    void no_more_than_a_few_items_are_requested_of_the_service_ahead() {
        start();

        assertThat(service.requested).isEqualTo(4);
        service.send(pump, 1);
        socket.run();
        assertThat(service.requested).isEqualTo(4);
        service.send(pump, 1);
        socket.run();
        assertThat(service.requested).isEqualTo(6);
        assertThat(client.received).hasSize(2);
    }

    @Test
    void a_socket_that_takes_nothing_stops_the_service_and_goes_on_when_it_does() {
        start();
        socket.writable = false;
        service.send(pump, 4);
        socket.run();
        assertThat(service.requested).isEqualTo(4);

        socket.writable = true;
        socket.whenWritable.run();
        socket.run();

        assertThat(service.requested).isEqualTo(8);
    }

    @Test
    void items_that_come_while_it_is_cancelled_go_nowhere() {
        start();
        service.send(pump, 2);
        pump.cancel();
        service.send(pump, 1);
        pump.onComplete();
        socket.run();

        assertThat(client.received).isEmpty();
        assertThat(client.ending).isNull();
        assertThat(pump.cancelled).isTrue();
        assertThat(socket.released).isTrue();
    }

    @Test
    void the_end_comes_after_all_items_though_it_was_signalled_with_them() {
        start();
        service.send(pump, 3);
        pump.onComplete();
        socket.run();

        assertThat(client.received).containsExactly((byte) 1, (byte) 2, (byte) 3);
        assertThat(client.ending).isEqualTo("complete");
        assertThat(socket.released).isTrue();
    }

    @Test
    void a_failure_is_the_last_that_is_heard() {
        start();
        service.send(pump, 1);
        pump.onError(new IllegalStateException());
        socket.run();

        assertThat(client.received).hasSize(1);
        assertThat(client.ending).isEqualTo("BrokenOff");
    }

    /** Each item is its bytes. */
    private static final class Plain extends Pump<Byte> {
        private boolean cancelled;

        Plain(Writability socket) {
            super(socket);
        }

        @Override
        ByteBuffer bytesOf(Byte item) {
            return ByteBuffer.wrap(new byte[] {item});
        }

        @Override
        @Nullable ByteBuffer last(@Nullable Throwable why) {
            if (why != null) {
                throw new BrokenOff();
            }
            return null;
        }

        @Override
        void delivering(ByteBuffer bytes) {}

        @Override
        void cancelUpstream() {
            cancelled = true;
        }
    }

    private static final class Socket implements Writability {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private boolean writable = true;
        private boolean released;
        private Runnable whenWritable = () -> {};

        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public Executor executor() {
            return tasks::add;
        }

        @Override
        public void onWritable(Runnable task) {
            whenWritable = task;
        }

        @Override
        public void release() {
            released = true;
        }

        @Override
        public Mono<Void> abort() {
            return Mono.empty();
        }
    }

    private static final class Service implements Flow.Subscription {
        private long requested;
        private byte sent;

        void send(Plain to, int count) {
            for (int i = 0; i < count; i++) {
                to.onNext(++sent);
            }
        }

        @Override
        public void request(long n) {
            requested += n;
        }

        @Override
        public void cancel() {}
    }

    private static final class Client implements Subscriber<ByteBuffer> {
        private final List<Byte> received = new ArrayList<>();
        private Subscription subscription;
        private @Nullable String ending;

        @Override
        public void onSubscribe(Subscription s) {
            this.subscription = s;
        }

        @Override
        public void onNext(ByteBuffer bytes) {
            received.add(bytes.get());
        }

        @Override
        public void onError(Throwable t) {
            ending = t.getClass().getSimpleName();
        }

        @Override
        public void onComplete() {
            ending = "complete";
        }
    }
}
