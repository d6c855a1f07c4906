package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two threads meet at the same point of a call, many times over; whoever wins, the call has one outcome. */
@Timeout(60)
class RaceTest {

    private static final int ROUNDS = 2_000;

    private static void together(Runnable one, Runnable other) {
        CyclicBarrier barrier = new CyclicBarrier(2);
        Thread second = new Thread(() -> {
            await(barrier);
            other.run();
        });
        second.start();
        await(barrier);
        one.run();
        try {
            second.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_cancel_that_meets_the_response() {
        EngineFixture fixture = new EngineFixture();
        AtomicInteger finished = new AtomicInteger();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.Finished) {
                finished.incrementAndGet();
            }
        });
        Engine engine = fixture.engine();
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            ScriptedTransport.Sent exchange = fixture.transport.last();
            exchange.headers(200);
            exchange.body("sky");

            together(() -> call.cancel(true), exchange::complete);

            assertThat(call).isDone();
            assertThat(engine.liveCalls()).isZero();
            assertThat(fixture.time.pending()).isZero();
        }
        assertThat(finished).hasValue(ROUNDS);
        assertThat(fixture.transport.count()).isEqualTo(ROUNDS);
    }

    @Test
    void a_cancel_that_meets_the_head_of_a_streamed_exchange() {
        EngineFixture fixture = new EngineFixture();
        AtomicInteger settled = new AtomicInteger();
        fixture.quota = request -> QuotaDecision.granted(tokens -> settled.incrementAndGet());
        Engine engine = fixture.engine();
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<ServiceStream> head =
                    engine.exchangeStream(ServiceRequest.get("/v1/files"), Runnable::run);
            ScriptedTransport.Sent exchange = fixture.transport.last();

            together(() -> head.cancel(true), () -> exchange.headers(200));

            assertThat(head).isDone();
            if (!head.isCancelled()) {
                assertThat(exchange.aborted()).as("the stream is its caller's").isFalse();
                head.join().close();
            }
            assertThat(exchange.aborted()).isTrue();
            assertThat(engine.liveCalls()).isZero();
            assertThat(engine.openCalls()).isEmpty();
            assertThat(fixture.time.pending()).isZero();
        }
        assertThat(settled).hasValue(ROUNDS);
    }

    @Test
    void a_reader_that_meets_the_bytes_of_a_body_leaves_none_and_stalls_on_none() throws IOException {
        EngineFixture fixture = new EngineFixture();
        Engine engine = fixture.engine();
        byte[] chunk = new byte[BodyBuffer.LOW_MARK];
        CompletableFuture<ServiceStream> head = engine.exchangeStream(ServiceRequest.get("/v1/files"), Runnable::run);
        ScriptedTransport.Sent exchange = fixture.transport.last().headers(200);
        InputStream body = head.join().inputStream();
        for (int round = 0; round < ROUNDS; round++) {
            together(() -> exchange.body(chunk), () -> read(body, chunk.length));

            assertThat(exchange.demand()).as("demand after round " + round).isEqualTo(1);
        }
        exchange.complete();

        assertThat(body.read()).isEqualTo(-1);
    }

    private static void read(InputStream body, int length) {
        try {
            assertThat(body.readNBytes(length)).hasSize(length);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_cancel_that_meets_the_end_of_the_back_off() {
        EngineFixture fixture = new EngineFixture();
        Engine engine = fixture.engine();
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            int before = fixture.transport.count();
            fixture.transport.last().answer(503, "");

            together(() -> call.cancel(true), fixture.time::advanceToNext);

            assertThat(engine.liveCalls()).isZero();
            assertThat(fixture.time.pending()).isZero();
            boolean sentAgain = fixture.transport.count() > before;
            if (sentAgain) {
                assertThat(fixture.transport.last().aborted()).isTrue();
            }
            fixture.governor().budget().giveBack(RetryBudget.CAPACITY);
        }
    }

    @Test
    void a_close_that_meets_the_first_event() {
        EngineFixture fixture = new EngineFixture();
        Engine engine = fixture.engine();
        for (int round = 0; round < ROUNDS; round++) {
            ChatStream stream = fixture.stream(engine);
            ScriptedTransport.Sent exchange = fixture.transport.last();
            exchange.headers(200);

            together(stream::close, () -> exchange.body("a\n"));

            assertThat(exchange.aborted()).isTrue();
            assertThat(engine.liveCalls()).isZero();
            assertThat(fixture.time.pending()).isZero();
        }
    }

    @Test
    void a_consumer_that_takes_while_events_come_misses_none() {
        EngineFixture fixture = new EngineFixture();
        Engine engine = fixture.engine();
        int events = 200_000;
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200);
        int[] taken = new int[1];

        together(() -> stream.forEach(event -> taken[0]++), () -> {
            for (int sent = 0; sent < events; ) {
                if (exchange.demand() > 0) {
                    exchange.body("x\n");
                    sent++;
                } else {
                    Thread.onSpinWait();
                }
            }
            while (exchange.demand() == 0) {
                Thread.onSpinWait();
            }
            exchange.body(".\n").complete();
        });

        assertThat(taken[0]).isEqualTo(events);
        assertThat(stream.response().text()).hasSize(events);
    }

    @Test
    void a_deadline_that_meets_the_response() {
        EngineFixture fixture = new EngineFixture();
        Engine engine = fixture.engine();
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            ScriptedTransport.Sent exchange = fixture.transport.last();
            exchange.headers(200);
            exchange.body("sky");

            together(fixture.time::advanceToNext, exchange::complete);

            Object outcome = call.handle((answer, failure) -> failure == null ? answer : failure)
                    .join();
            assertThat(outcome).isInstanceOfAny(ChatResponse.class, KimiException.class);
            assertThat(engine.liveCalls()).isZero();
            assertThat(fixture.time.pending()).isZero();
        }
    }
}
