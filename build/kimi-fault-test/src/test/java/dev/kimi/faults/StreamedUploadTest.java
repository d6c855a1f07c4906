package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kimi.KimiClient;
import dev.kimi.error.RejectedException;
import dev.kimi.error.TransportException;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.retry.RetryDecision;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.test.support.Eventually;
import dev.kimi.transport.RequestBody;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests whose body is read as it is sent, through a real nginx to a service that takes its time. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class StreamedUploadTest {

    private static final int MEGABYTE = 1 << 20;
    private static final long SIZE = 64L * MEGABYTE;
    /** What the buffers of the kernel, of nginx and of the client may hold between source and service. */
    private static final long ON_ITS_WAY = 24L * MEGABYTE;

    private static final int MEANWHILE = 300;
    private static final String SMALL = "/v1/small";

    @Parameter
    TransportUnderTest transport = TransportUnderTest.HTTP1;

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong received = new AtomicLong();
    private final AtomicInteger uploads = new AtomicInteger();
    private final AtomicInteger reserved = new AtomicInteger();
    private final AtomicInteger settled = new AtomicInteger();
    private final CompletableFuture<Void> mayRead = new CompletableFuture<>();
    private final CompletableFuture<Void> broken = new CompletableFuture<>();
    private volatile int rejectFirst;
    private HttpServer service;
    private Nginx nginx;
    private KimiClient client;

    @BeforeEach
    void start() throws IOException {
        Nginx.assumeInstalled();
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        service.setExecutor(threads);
        service.createContext("/", this::serve);
        service.start();
        Nginx.Builder wanted = Nginx.builder();
        nginx = (transport.isMultiplexed() ? wanted.http2() : wanted)
                .upstream(service.getAddress().getPort())
                .start();
        client = transport
                .client()
                .baseUrl(nginx.baseUrl())
                .apiKey("sk-test")
                .retryPolicy(failed ->
                        failed.attempt() < 3 ? RetryDecision.after(Duration.ofMillis(1)) : RetryDecision.stop())
                .quota(request -> {
                    reserved.incrementAndGet();
                    return QuotaDecision.granted(tokens -> settled.incrementAndGet());
                })
                .build();
    }

    @AfterEach
    void stop() {
        mayRead.complete(null);
        if (client != null) {
            client.close();
            nginx.close();
            service.stop(0);
        }
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        if (exchange.getRequestURI().getPath().equals(SMALL)) {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            return;
        }
        int status = uploads.incrementAndGet() <= rejectFirst ? 503 : 200;
        byte[] body;
        try {
            body = (take(exchange.getRequestBody()) + " bytes").getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            broken.complete(null);
            throw e;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private long take(InputStream body) throws IOException {
        byte[] piece = new byte[MEGABYTE];
        long read = 0;
        for (int length = body.read(piece); length >= 0; length = body.read(piece)) {
            read += length;
            received.addAndGet(length);
            mayRead.join();
        }
        return read;
    }

    private static void eventually(String what, BooleanSupplier condition) {
        assertThat(Eventually.holds(Duration.ofSeconds(60), condition)).as(what).isTrue();
    }

    private void checkNothingIsLeft() {
        eventually("no exchange is left", () -> client.pool().exchanges() == 0);
        assertThat(client.openCalls()).isEmpty();
        assertThat(settled).as("reservations settled").hasValue(reserved.get());
    }

    private static ServiceRequest upload(RequestBody body) {
        return ServiceRequest.of("POST", "/v1/files", body).header("content-type", "application/octet-stream");
    }

    private RequestBody file() throws IOException {
        Path file = folder.resolve("large");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(SIZE);
        }
        return RequestBody.ofFile(file);
    }

    @Test
    void a_file_passes_a_proxy_and_is_sent_again_after_a_503() throws IOException {
        rejectFirst = 1;
        mayRead.complete(null);

        ServiceResponse response = client.exchange(upload(file()));

        assertThat(response.text()).isEqualTo(SIZE + " bytes");
        assertThat(uploads).hasValue(2);
        checkNothingIsLeft();
    }

    @Test
    void an_input_stream_of_unknown_length_is_not_sent_again_after_a_503_and_the_failure_says_so() {
        rejectFirst = 1;
        mayRead.complete(null);
        Zeros source = new Zeros();

        assertThatThrownBy(() -> client.exchange(upload(RequestBody.ofInputStream(source, RequestBody.UNKNOWN_LENGTH))))
                .isInstanceOfSatisfying(RejectedException.class, rejected -> {
                    assertThat(rejected.reason()).isEqualTo(RejectedException.Reason.BODY_NOT_REPLAYABLE);
                    assertThat(rejected.status()).isEqualTo(503);
                    assertThat(rejected.attempts()).isEqualTo(1);
                });

        assertThat(uploads).hasValue(1);
        assertThat(received).hasValue(SIZE);
        assertThat(source.closed).isDone();
        checkNothingIsLeft();
    }

    @Test
    void a_slow_service_slows_the_source_down() {
        Zeros source = new Zeros();
        CompletableFuture<ServiceResponse> call = client.exchangeAsync(upload(RequestBody.ofInputStream(source, SIZE)));
        eventually("the upload has begun", () -> received.get() > 0);
        // meanwhile the client has every chance to read what nobody takes
        for (int i = 0; i < MEANWHILE; i++) {
            assertThat(client.exchange(ServiceRequest.get(SMALL)).status()).isEqualTo(200);
        }
        assertThat(source.given.get() - received.get()).as("on its way").isLessThan(ON_ITS_WAY);

        mayRead.complete(null);

        assertThat(call.join().text()).isEqualTo(SIZE + " bytes");
        checkNothingIsLeft();
    }

    @Test
    void a_cancel_in_the_middle_reaches_the_service_and_closes_the_source() {
        Zeros source = new Zeros();
        CompletableFuture<ServiceResponse> call = client.exchangeAsync(upload(RequestBody.ofInputStream(source, SIZE)));
        eventually("the upload has begun", () -> received.get() > 0);

        call.cancel(true);

        source.closed.join();
        eventually("no exchange is left", () -> client.pool().exchanges() == 0);
        mayRead.complete(null);
        broken.join();
        assertThat(received.get()).isLessThan(SIZE);
        checkNothingIsLeft();
    }

    @Test
    void a_source_that_fails_ends_the_call_and_is_no_whole_body() {
        mayRead.complete(null);
        Zeros source = new Zeros();
        source.failing = true;

        assertThatThrownBy(() -> client.exchange(upload(RequestBody.ofInputStream(source, SIZE))))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        failure -> assertThat(failure.permanent()).isTrue())
                .hasMessageContaining("source");
        broken.join();
        checkNothingIsLeft();
    }

    /** As many zeros as wanted, counted. */
    private static final class Zeros extends InputStream {
        private final AtomicLong given = new AtomicLong();
        private final CompletableFuture<Void> closed = new CompletableFuture<>();
        private volatile boolean failing;

        @Override
        public int read() {
            throw new IllegalStateException("a byte at a time");
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (given.get() == SIZE) {
                return -1;
            }
            if (failing && given.get() > MEGABYTE) {
                throw new IOException("disk");
            }
            int now = (int) Math.min(length, SIZE - given.get());
            given.addAndGet(now);
            return now;
        }

        @Override
        public void close() {
            closed.complete(null);
        }
    }
}
