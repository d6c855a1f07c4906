package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.Timer;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Streamed requests through the server that most services stand behind. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class NginxUploadTest {

    private static final int MIB = 1024 * 1024;
    private static final long SIZE = 64L * MIB;
    /** What the sockets on the way, the proxy and the transport may hold. */
    private static final long HELD_AT_MOST = 32L * MIB;

    @Parameter
    TransportUnderTest transport = TransportUnderTest.HTTP1;

    private final Timer timer = Timer.wheel("uploads");

    @AfterEach
    void stop() {
        timer.close();
    }

    @BeforeEach
    void installed() {
        Nginx.assumeInstalled();
    }

    @Test
    void sixty_four_megabytes_pass_a_proxy_as_their_source_has_them() throws Exception {
        try (Upstream upstream = new Upstream();
                Nginx nginx = nginx().upstream(upstream.port()).start();
                Transport carrier = carrier()) {
            for (boolean known : new boolean[] {true, false}) {
                upstream.received.set(0);
                Zeros body = new Zeros(known);
                Outcome outcome = new Outcome();
                outcome.read(carrier.send(upload(nginx, body), outcome));
                body.wanted.complete(null);
                long held = 0;
                while (!outcome.end.isDone()) {
                    long handedOut = body.handedOut.get();
                    held = Math.max(held, handedOut - upstream.received.get());
                    Thread.onSpinWait();
                }

                assertThat(outcome.end.join()).isNull();
                assertThat(outcome.status).isEqualTo(200);
                assertThat(upstream.received).hasValue(SIZE);
                assertThat(held).isLessThan(HELD_AT_MOST);
                assertThat(body.cancels).hasValue(0);
            }
        }
    }

    @Test
    void a_proxy_that_rejects_an_upload_is_heard_and_ends_it() throws Exception {
        try (Upstream upstream = new Upstream();
                Nginx nginx = nginx().upstream(upstream.port())
                        .directives("client_max_body_size 1m;")
                        .start();
                Transport carrier = carrier()) {
            for (boolean known : new boolean[] {true, false}) {
                Zeros body = new Zeros(known);
                Outcome outcome = new Outcome();
                outcome.read(carrier.send(upload(nginx, body), outcome));
                // not before the response is asked for: as long as it is unread it is not whole, and the upload goes on
                body.wanted.complete(null);

                assertThat(outcome.end.get(60, TimeUnit.SECONDS)).isNull();
                assertThat(outcome.status).isEqualTo(413);
                assertThat(Eventually.holds(Duration.ofSeconds(10), () -> body.cancels.get() == 1))
                        .isTrue();
                assertThat(body.handedOut).hasValueLessThan(SIZE);
            }
            assertThat(Eventually.holds(
                            Duration.ofSeconds(10), () -> carrier.pool().exchanges() == 0))
                    .isTrue();
        }
    }

    private Nginx.Builder nginx() {
        return transport.isMultiplexed() ? Nginx.builder().http2() : Nginx.builder();
    }

    private Transport carrier() {
        return transport.transport(ProviderSettings.builder("kimi.transport", timer));
    }

    private static TransportRequest upload(Nginx to, RequestBody body) {
        return TransportRequest.builder("POST", URI.create(to.baseUrl()), "/v1/files")
                .body(body)
                .build();
    }

    /** Reads requests and forgets them. */
    private static final class Upstream implements AutoCloseable {
        private final AtomicLong received = new AtomicLong();
        private final HttpServer http;

        Upstream() throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.createContext("/", this::read);
            http.start();
        }

        int port() {
            return http.getAddress().getPort();
        }

        private void read(HttpExchange exchange) throws IOException {
            byte[] buffer = new byte[64 * 1024];
            try (InputStream body = exchange.getRequestBody()) {
                for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                    received.addAndGet(read);
                }
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }

    /** Nothing but zeros, as they are requested. */
    private static final class Zeros implements RequestBody {
        private final boolean known;
        private final AtomicLong handedOut = new AtomicLong();
        private final AtomicInteger cancels = new AtomicInteger();
        private final CompletableFuture<@Nullable Void> wanted = new CompletableFuture<>();

        Zeros(boolean known) {
            this.known = known;
        }

        @Override
        public long length() {
            return known ? SIZE : UNKNOWN_LENGTH;
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            wanted.thenRun(() -> begin(subscriber));
        }

        private void begin(Flow.Subscriber<? super ByteBuffer> subscriber) {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long buffers) {
                    int size = 64 * 1024;
                    long now = handedOut.addAndGet(size);
                    subscriber.onNext(ByteBuffer.allocate(size));
                    if (now == SIZE) {
                        subscriber.onComplete();
                    }
                }

                @Override
                public void cancel() {
                    cancels.incrementAndGet();
                }
            });
        }
    }

    private static final class Outcome implements ExchangeHandler {
        private final CompletableFuture<@Nullable TransportFailure> end = new CompletableFuture<>();
        private volatile int status;

        void read(Exchange exchange) {
            exchange.request(Long.MAX_VALUE);
        }

        @Override
        public void onHeaders(int code, Headers headers) {
            status = code;
        }

        @Override
        public void onBody(ByteBuffer chunk) {}

        @Override
        public void onComplete(Headers trailers) {
            end.complete(null);
        }

        @Override
        public void onFailure(TransportFailure failure) {
            end.complete(failure);
        }
    }
}
