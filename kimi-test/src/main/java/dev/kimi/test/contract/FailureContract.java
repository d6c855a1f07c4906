package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.Reply;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Exchanges that break. */
abstract class FailureContract extends AbortContract {

    @Test
    void a_body_that_breaks_off_is_no_complete_response() {
        TransportFixture fixture = fixture();
        byte[] body = TransportFixture.text(5_000);
        fixture.service()
                .reply(
                        Reply.raw(body).cutAfterBytes(2_000),
                        Reply.raw(body).cutAfterBytes(2_000).byReset(),
                        Reply.events(10, 50).cutAfterEvents(4),
                        Reply.events(10, 50).cutAfterEvents(0));

        for (int i = 0; i < 4; i++) {
            ExchangeRecorder exchange = (i < 2 ? fixture.whole() : fixture.stream()).request(Long.MAX_VALUE);
            TransportFailure failure = exchange.awaitFailure();
            assertTrue(Set.of(Kind.RESET, Kind.PROTOCOL).contains(failure.kind()), failure::toString);
            assertFalse(failure.unprocessed(), failure::toString);
            assertEquals(200, failure.status());
            assertEquals(exchange.headers().size(), failure.headers().size());
        }
    }

    @Test
    void what_came_before_a_body_broke_off_is_delivered_on_demand_and_holds_no_connection() {
        TransportFixture fixture = fixture();
        byte[] body = TransportFixture.text(5_000);
        Reply cut = Reply.raw(body).cutAfterBytes(2_000);
        for (Reply reply : List.of(cut, cut.byReset())) {
            fixture.service().reply(reply);
            ExchangeRecorder exchange = fixture.whole();
            exchange.awaitStatus();
            fixture.awaitPool("released", pool -> pool.exchanges() == 0 && pool.active() == 0);
            exchange.request(Long.MAX_VALUE).awaitFailure();
            assertArrayEquals(Arrays.copyOf(body, 2_000), exchange.body());
        }
    }

    @Test
    void a_request_without_a_response_may_have_been_processed() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.noResponse());

        TransportFailure failure = fixture.whole().awaitFailure();

        assertEquals(Kind.RESET, failure.kind());
        assertFalse(failure.unprocessed());
    }

    @Test
    void a_refused_stream_was_not_processed() {
        TransportFixture fixture = fixture();
        fixture.service().reply(Reply.refused());

        TransportFailure failure = fixture.whole().awaitFailure();

        // HTTP/1.1 has no word for it, and the connection just closes
        assertEquals(multiplexed(), failure.unprocessed());
    }

    @Test
    void a_refused_connection_was_not_processed() throws IOException {
        TransportFixture fixture = fixture();
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        URI origin = URI.create("http://127.0.0.1:" + closed);

        ExchangeRecorder exchange = fixture.send(new ExchangeRecorder(), origin, "/v1/models", new byte[0]);

        TransportFailure failure = exchange.awaitFailure();
        assertEquals(Kind.CONNECT, failure.kind());
        assertTrue(failure.unprocessed());
    }
}
