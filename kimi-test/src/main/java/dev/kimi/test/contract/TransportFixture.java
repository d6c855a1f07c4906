package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import dev.kimi.transport.Headers;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;

/** One simulator and one transport for a test of the contract, and the check that nothing of them is left. */
final class TransportFixture {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Timer timer = Timer.wheel("transport-contract");
    private final List<ExchangeRecorder> recorders = new CopyOnWriteArrayList<>();
    private final KimiSimulator service;
    private final URI origin;
    private final Transport transport;

    TransportFixture(
            KimiSimulator.Builder service,
            Function<KimiSimulator, URI> origin,
            Function<ProviderSettings, Transport> maker,
            Setup setup) {
        this.service = service.validation(false).start();
        this.origin = origin.apply(this.service);
        ProviderSettings settings = ProviderSettings.builder("kimi.transport", timer)
                .set("max-connections", Integer.toString(setup.maxConnections()))
                .set("max-pending", Integer.toString(setup.maxPending()))
                .timeouts(Timeouts.builder()
                        .connect(Duration.ofSeconds(30))
                        .poolWait(setup.poolWait())
                        .build())
                .build();
        this.transport = maker.apply(settings);
    }

    /** The limits of the transport. */
    record Setup(int maxConnections, int maxPending, Duration poolWait) {
        static final Setup DEFAULT = new Setup(20, 200, Duration.ofSeconds(10));
    }

    KimiSimulator service() {
        return service;
    }

    Transport transport() {
        return transport;
    }

    boolean hasPool() {
        return !PoolState.UNKNOWN.equals(transport.pool());
    }

    /** Sends a chat request that is to be streamed. */
    ExchangeRecorder stream() {
        return send(new ExchangeRecorder(), json(true));
    }

    /** Sends a chat request that is not to be streamed. */
    ExchangeRecorder whole() {
        return send(new ExchangeRecorder(), json(false));
    }

    ExchangeRecorder send(ExchangeRecorder recorder, byte[] body) {
        return send(recorder, origin, "/v1/chat/completions", body);
    }

    ExchangeRecorder send(ExchangeRecorder recorder, URI to, String target, byte[] body) {
        return send(recorder, TransportRequest.builder("POST", to, target).body(RequestBody.of(body)));
    }

    /** Sends a streamed body to a server of the test's own. */
    ExchangeRecorder upload(UploadServer to, RequestBody body) {
        return send(
                new ExchangeRecorder(),
                TransportRequest.builder("POST", to.origin(), "/v1/files").body(body));
    }

    /** A chat request that is not to be streamed. */
    TransportRequest.Builder request() {
        return TransportRequest.builder("POST", origin, "/v1/chat/completions").body(RequestBody.of(json(false)));
    }

    ExchangeRecorder send(ExchangeRecorder recorder, TransportRequest.Builder request) {
        Headers headers = Headers.builder()
                .add("Authorization", "Bearer sk-contract")
                .add("Content-Type", "application/json")
                .add("X-Contract", "first")
                .add("X-Contract", "second")
                .build();
        recorders.add(recorder);
        return recorder.on(transport.send(request.headers(headers).build(), recorder));
    }

    URI origin() {
        return origin;
    }

    /** A complete exchange, after which whatever was on its way to a handler has arrived. */
    void passTheTime() {
        whole().request(Long.MAX_VALUE).awaitEnd();
    }

    List<ReceivedRequest> awaitRequests(int count) {
        return Eventually.completes(PATIENCE, service.awaitRequests(count), "the simulator's view of it");
    }

    List<ReceivedRequest> awaitAborted(int count) {
        return Eventually.completes(PATIENCE, service.awaitAborted(count), "the simulator's view of it");
    }

    /** Waits until the pool says so; a transport without one is taken to agree. */
    void awaitPool(String what, Predicate<PoolState> state) {
        assertTrue(
                !hasPool() || Eventually.holds(PATIENCE, () -> state.test(transport.pool())),
                () -> "the pool should come to have " + what + ", but it is " + transport.pool());
    }

    /** Checks that nothing is left, then closes everything and checks again. */
    void finish() {
        try {
            for (ExchangeRecorder recorder : recorders) {
                assertEquals(List.of(), recorder.breaches());
            }
            awaitPool(
                    "no exchange and no connection in use",
                    pool -> pool.active() == 0 && pool.pending() == 0 && pool.exchanges() == 0);
            service.awaitIdle(PATIENCE);
            transport.close();
            service.awaitDisconnected(PATIENCE);
            assertTrue(
                    Eventually.holds(PATIENCE, () -> timer.pending() == 0),
                    () -> timer.pending() + " timeouts are still scheduled");
        } finally {
            transport.close();
            service.close();
            timer.close();
        }
    }

    static byte[] json(boolean stream) {
        String body = "{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":"
                + stream + "}";
        return body.getBytes(StandardCharsets.UTF_8);
    }

    /** Text that is cheap to make and whose parts differ. */
    static byte[] text(int bytes) {
        StringBuilder text = new StringBuilder(bytes + 16);
        List<String> words = new ArrayList<>(List.of("connection ", "stream ", "chunk ", "demand "));
        for (int i = 0; text.length() < bytes; i++) {
            text.append(i).append(' ').append(words.get(i % words.size()));
        }
        return text.substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
    }
}
