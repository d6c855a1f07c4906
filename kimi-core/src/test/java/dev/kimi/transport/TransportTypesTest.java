package dev.kimi.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.EOFException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TransportTypesTest {

    private static final URI ORIGIN = URI.create("https://api.moonshot.ai");
    private static final Headers HEADERS =
            Headers.builder().add("x-secret", "sk-secret").build();

    @Test
    void a_request_without_a_deadline_has_all_the_time_there_is() {
        TransportRequest request =
                TransportRequest.builder("GET", ORIGIN, "/v1/models").build();

        assertThat(request.hasDeadline()).isFalse();
        assertThat(request.remainingNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(request.body().bytes()).isEmpty();
        assertThat(request.headers().size()).isZero();
    }

    @Test
    void what_remains_until_a_deadline_is_read_on_its_own_clock() {
        VirtualTime clock = new VirtualTime();
        TransportRequest request = TransportRequest.builder("GET", ORIGIN, "/v1/models")
                .deadline(clock, clock.nanoTime() + 1_000)
                .build();

        assertThat(request.remainingNanos()).isEqualTo(1_000);
        clock.advance(Duration.ofNanos(1_500));
        assertThat(request.remainingNanos()).isEqualTo(-500);
    }

    @Test
    void a_copy_of_a_request_says_all_that_the_request_says() {
        VirtualTime clock = new VirtualTime();
        RequestBody body = RequestBody.of(new byte[3]);
        TransportRequest request = TransportRequest.builder("PUT", ORIGIN, "/v1/files")
                .headers(HEADERS)
                .body(body)
                .deadline(clock, clock.nanoTime() + 7)
                .build();

        TransportRequest copy = request.toBuilder().build();

        assertThat(copy).usingRecursiveComparison().isEqualTo(request);
        assertThat(copy.remainingNanos()).isEqualTo(7);
    }

    @Test
    void a_request_prints_the_size_of_its_body_and_no_secret() {
        TransportRequest.Builder request =
                TransportRequest.builder("PUT", ORIGIN, "/v1/files").headers(HEADERS);
        RequestBody source = subscriber -> {};

        assertThat(request.body(RequestBody.of(new byte[3])).build())
                .hasToString("TransportRequest[PUT https://api.moonshot.ai, 3 bytes]");
        assertThat(request.body(source).build()).hasToString("TransportRequest[PUT https://api.moonshot.ai, streamed]");
    }

    @Test
    void a_failure_keeps_what_had_come_of_the_response() {
        EOFException cause = new EOFException();
        Headers trailers = Headers.builder().add("grpc-status", "8").build();
        TransportFailure failure = TransportFailure.builder(Kind.RESET)
                .cause(cause)
                .detail("broke")
                .response(200, HEADERS)
                .trailers(trailers)
                .build();

        TransportFailure copy = failure.toBuilder().unprocessed(true).build();

        assertThat(copy)
                .usingRecursiveComparison()
                .ignoringFields("unprocessed")
                .isEqualTo(failure);
        assertThat(copy.unprocessed()).isTrue();
        assertThat(copy.headers().first("x-secret")).isEqualTo("sk-secret");
        assertThat(copy.trailers().first("grpc-status")).isEqualTo("8");
        assertThat(failure).hasToString("RESET, after status 200");
    }

    @Test
    void a_failure_before_a_response_has_none() {
        TransportFailure failure = TransportFailure.of(Kind.CONNECT, true, null);

        assertThat(failure.status()).isZero();
        assertThat(failure.headers().size()).isZero();
        assertThat(failure.trailers().size()).isZero();
        assertThat(failure.cause()).isNull();
        assertThat(failure).hasToString("CONNECT, unprocessed");
    }

    @Test
    void pool_states_with_the_same_figures_are_equal_and_what_is_not_said_is_not_known() {
        PoolState.Builder state = PoolState.builder()
                .active(1)
                .idle(2)
                .pending(3)
                .max(4)
                .exchanges(5)
                .needed(6)
                .keepAlive(7);

        assertThat(state.build()).isEqualTo(state.build()).hasSameHashCodeAs(state.build());
        assertThat(state.build()).isNotEqualTo(state.exchanges(6).build());
        assertThat(state.build()).isNotEqualTo(state.needed(7).build());
        assertThat(state.build()).isNotEqualTo(state.keepAlive(8).build());
        assertThat(state.build())
                .hasToString("PoolState[active=1, idle=2, pending=3, max=4, exchanges=6, needed=7, keepAlive=8]");
        assertThat(PoolState.builder().build()).isEqualTo(PoolState.UNKNOWN);
        assertThat(PoolState.UNKNOWN.max()).isEqualTo(-1);
    }
}
