package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.Reply;
import dev.kimi.test.contract.ExchangeRecorder.Ending;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Exchanges that their caller aborts. */
abstract class AbortContract extends ResponseContract {

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
}
