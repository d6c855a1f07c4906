package dev.kimi.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The engine's own events, on virtual time, over a transport that the test controls. */
class EngineMetersTest {

    private final VirtualTime time = new VirtualTime();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Deque<ExchangeHandler> sent = new ArrayDeque<>();
    private final KimiClient kimi = KimiClient.builder()
            .apiKey("key-that-nobody-sees")
            .transport(new ToldTransport())
            .time(time, time)
            .callbackExecutor(Runnable::run)
            .listener(MicrometerCallListener.meters(registry))
            .build();

    @AfterEach
    void close() {
        kimi.close();
    }

    @Test
    void a_call_is_recorded_once_with_its_whole_time() {
        CompletableFuture<ServiceResponse> response = kimi.exchangeAsync(ServiceRequest.get("/v1/users/me/balance"));
        time.advance(Duration.ofMillis(120));
        respond(200, "{}");

        assertThat(response).isCompleted();
        assertThat(durations("200")).isEqualTo(1);
        assertThat(registry.get(KimiMeter.REQUEST_DURATION.getName()).summary().totalAmount())
                .isEqualTo(120.0);
        assertThat(inFlight()).isZero();
    }

    @Test
    void a_call_that_is_retried_is_one_call_of_two_attempts() {
        CompletableFuture<ServiceResponse> response = kimi.exchangeAsync(ServiceRequest.get("/v1/models"));
        sent.poll().onFailure(TransportFailure.of(TransportFailure.Kind.CONNECT, true, null));
        time.advance(Duration.ofSeconds(1));
        respond(200, "{}");

        assertThat(response).isCompleted();
        assertThat(durations("200")).isEqualTo(1);
        assertThat(registry.get(KimiMeter.RETRIES.getName())
                        .tag("reason", "transport")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get(KimiMeter.ATTEMPT.getName())
                        .tags("status", "io_error", "error.type", "transport")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void a_cancelled_call_is_recorded_as_such() {
        CompletableFuture<ServiceResponse> response = kimi.exchangeAsync(ServiceRequest.get("/v1/models"));
        assertThat(inFlight()).isEqualTo(1);

        response.cancel(true);

        assertThat(durations("cancelled")).isEqualTo(1);
        assertThat(inFlight()).isZero();
    }

    @Test
    void a_call_without_a_response_is_a_timeout_that_took_as_long_as_its_limit() {
        kimi.exchangeAsync(ServiceRequest.get("/v1/models").deadline(Duration.ofSeconds(2)));

        time.advance(Duration.ofSeconds(2));

        assertThat(durations("timeout")).isEqualTo(1);
        assertThat(registry.get(KimiMeter.REQUEST.getName())
                        .tags("outcome", "failure", "error.type", "timeout_first_event")
                        .timer()
                        .totalTime(TimeUnit.SECONDS))
                .isEqualTo(2.0);
    }

    @Test
    void calls_that_a_closing_client_ends_do_not_stay_in_flight() {
        kimi.exchangeAsync(ServiceRequest.get("/v1/models"));

        kimi.close();

        assertThat(durations("cancelled")).isEqualTo(1);
        assertThat(inFlight()).isZero();
    }

    private void respond(int status, String body) {
        ExchangeHandler handler = sent.poll();
        handler.onHeaders(status, Headers.empty());
        handler.onBody(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
        handler.onComplete(Headers.empty());
    }

    private long durations(String status) {
        return registry.get(KimiMeter.REQUEST_DURATION.getName())
                .tags("method", "exchange", "status_code", status)
                .summary()
                .count();
    }

    private double inFlight() {
        return registry.get(KimiMeter.IN_FLIGHT.getName()).gauge().value();
    }

    private final class ToldTransport implements Transport {
        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            sent.add(handler);
            return new Exchange() {
                @Override
                public void request(long chunks) {}

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    }
}
