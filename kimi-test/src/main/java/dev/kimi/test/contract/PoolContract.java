package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.Reply;
import dev.kimi.test.contract.TransportFixture.Setup;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections that exchanges share. */
abstract class PoolContract extends FailureContract {

    @Test
    void uses_connections_again() {
        TransportFixture fixture = fixture();

        for (int i = 0; i < 20; i++) {
            fixture.whole().request(Long.MAX_VALUE).awaitComplete();
            fixture.stream().request(Long.MAX_VALUE).awaitComplete();
        }

        assertEquals(1, fixture.service().connectionsAccepted());
        fixture.awaitPool("one idle connection", pool -> pool.idle() == 1);
    }

    @Test
    void opens_another_connection_when_the_service_ended_the_last_one() {
        TransportFixture fixture = fixture();
        fixture.service()
                .reply(Reply.text("bye").closeConnection(), Reply.text("bye").closeConnection());

        for (int i = 0; i < 3; i++) {
            fixture.whole().request(Long.MAX_VALUE).awaitComplete();
        }
        fixture.service().disconnectAll();
        fixture.awaitPool("noticed", pool -> pool.idle() == 0);
        if (fixture.hasPool()) {
            fixture.whole().request(Long.MAX_VALUE).awaitComplete();
        }
    }

    @Test
    void holds_the_cap_and_the_queue() {
        TransportFixture fixture = fixture(new Setup(2, 3, Duration.ofMinutes(1)));
        fixture.service().otherwise(Reply.text("held").stallAfterEvents(0));
        List<ExchangeRecorder> held = List.of(fixture.stream(), fixture.stream());
        held.forEach(ExchangeRecorder::awaitStatus);
        List<ExchangeRecorder> waiting = List.of(fixture.stream(), fixture.stream(), fixture.stream());

        TransportFailure failure = fixture.stream().awaitFailure();

        assertEquals(Kind.POOL_FULL, failure.kind());
        assertTrue(failure.unprocessed());
        assertEquals(2, fixture.service().openConnections());
        fixture.awaitPool(
                "2 in use of 2 and 3 waiting",
                pool -> pool.active() == 2 && pool.exchanges() == 2 && pool.pending() == 3 && pool.max() == 2);

        fixture.service().otherwise(Reply.text("free"));
        waiting.get(1).abort();
        held.forEach(ExchangeRecorder::abort);
        waiting.get(0).request(Long.MAX_VALUE).awaitComplete();
        waiting.get(2).request(Long.MAX_VALUE).awaitComplete();
        assertEquals(0, waiting.get(1).calls());
    }

    @Test
    void does_not_wait_for_a_connection_for_ever() {
        TransportFixture fixture = fixture(new Setup(1, 5, Duration.ofMillis(30)));
        fixture.service().reply(Reply.text("held").stallAfterEvents(0));
        ExchangeRecorder held = fixture.stream();
        held.awaitStatus();

        TransportFailure failure = fixture.stream().awaitFailure();

        assertEquals(Kind.POOL_TIMEOUT, failure.kind());
        assertTrue(failure.unprocessed());
        held.abort();
    }

    @Test
    void closing_ends_everything_and_rejects_what_comes_after() {
        TransportFixture fixture = fixture(new Setup(1, 5, Duration.ofMinutes(1)));
        fixture.service().reply(Reply.text("held").stallAfterEvents(0));
        ExchangeRecorder held = fixture.stream();
        held.awaitStatus();
        ExchangeRecorder waiting = fixture.stream();

        fixture.transport().close();
        fixture.transport().close();

        assertEquals(Kind.CLOSED, held.awaitFailure().kind());
        assertEquals(Kind.CLOSED, waiting.awaitFailure().kind());
        TransportFailure late = fixture.whole().awaitFailure();
        assertEquals(Kind.CLOSED, late.kind());
        assertTrue(late.unprocessed());
    }
}
