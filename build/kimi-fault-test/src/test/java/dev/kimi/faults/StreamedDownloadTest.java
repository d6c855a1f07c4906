package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceStream;
import dev.kimi.test.support.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A response whose body is handed over as it comes, from real servers: straight, and over HTTP/2 through nginx. */
@Timeout(120)
@ParameterizedClass
@EnumSource
class StreamedDownloadTest {

    private static final int MEGABYTE = 1 << 20;
    /** What the buffers of the kernel, of nginx and of the client may hold between server and reader. */
    private static final long ON_ITS_WAY = 24L * MEGABYTE;

    private static final int MEANWHILE = 300;

    private static final ServiceRequest FILE = ServiceRequest.get("/v1/files/f1/content");

    @Parameter
    TransportUnderTest transport = TransportUnderTest.HTTP1;

    @TempDir
    Path folder;

    private final AtomicInteger reserved = new AtomicInteger();
    private final AtomicInteger settled = new AtomicInteger();
    private final CompletableFuture<CallEvent.Finished> finished = new CompletableFuture<>();
    private AutoCloseable proxy = () -> {};

    @AfterEach
    void closeProxy() throws Exception {
        proxy.close();
    }

    private KimiClient clientOf(ByteServer server) throws IOException {
        String url = "http://127.0.0.1:" + server.port();
        if (transport.isMultiplexed()) {
            Nginx.assumeInstalled();
            Nginx nginx = Nginx.builder().http2().upstream(server.port()).start();
            proxy = nginx;
            url = nginx.baseUrl();
        }
        return transport
                .client()
                .baseUrl(url)
                .apiKey("sk-test")
                .quota(request -> {
                    reserved.incrementAndGet();
                    return QuotaDecision.granted(tokens -> settled.incrementAndGet());
                })
                .listener(started -> event -> {
                    if (event instanceof CallEvent.Finished end) {
                        finished.complete(end);
                    }
                })
                .build();
    }

    private static void eventually(String what, BooleanSupplier condition) {
        assertThat(Eventually.holds(Duration.ofSeconds(60), condition)).as(what).isTrue();
    }

    private void checkNothingIsLeft(KimiClient client) {
        eventually("no exchange is left", () -> client.pool().exchanges() == 0);
        eventually("no call is left", () -> client.openCalls().isEmpty());
        assertThat(settled).as("reservations settled").hasValue(reserved.get());
    }

    @Test
    void two_hundred_megabytes_pass_a_proxy_through_a_small_heap() throws IOException, InterruptedException {
        Nginx.assumeInstalled();
        long size = 200L * MEGABYTE;
        try (RandomAccessFile large =
                new RandomAccessFile(folder.resolve("large").toFile(), "rw")) {
            large.setLength(size);
            large.seek(size - 5);
            large.write("ended".getBytes(StandardCharsets.US_ASCII));
        }
        Nginx.Builder wanted = Nginx.builder().directives("location /v1/files/ { alias " + folder + "/; }");
        try (Nginx nginx = (transport.isMultiplexed() ? wanted.http2() : wanted).start()) {
            Path printed = folder.resolve("printed");
            Process program = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx40m",
                            "-XX:MaxDirectMemorySize=40m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Download.class.getName(),
                            transport.name(),
                            nginx.baseUrl(),
                            "/v1/files/large")
                    .redirectErrorStream(true)
                    .redirectOutput(printed.toFile())
                    .start();

            int code = program.waitFor();

            assertThat(Files.readString(printed)).contains(size + " bytes " + sumOf(size));
            assertThat(code).isZero();
        }
    }

    private static String sumOf(long size) {
        CRC32 sum = new CRC32();
        byte[] nothing = new byte[MEGABYTE];
        for (long left = size - 5; left > 0; left -= nothing.length) {
            sum.update(nothing, 0, (int) Math.min(nothing.length, left));
        }
        sum.update("ended".getBytes(StandardCharsets.US_ASCII));
        return Long.toHexString(sum.getValue());
    }

    @Test
    void a_slow_reader_slows_the_service_down() throws IOException {
        long size = 64L * MEGABYTE;
        try (ByteServer server = ByteServer.whole(size);
                KimiClient client = clientOf(server);
                ServiceStream stream = client.exchangeStream(FILE)) {
            InputStream body = stream.inputStream();
            // meanwhile the client has every chance to read what nobody asks for
            for (int i = 0; i < MEANWHILE; i++) {
                assertThat(client.exchange(ServiceRequest.get(ByteServer.SMALL)).status())
                        .isEqualTo(200);
            }
            long read = 0;
            while (read < size) {
                long wanted = read;
                eventually("the service is ahead", () -> server.written() == size || server.written() > wanted);
                assertThat(server.written() - read)
                        .as("on its way after %d bytes", read)
                        .isLessThan(ON_ITS_WAY);
                read += body.readNBytes(MEGABYTE).length;
            }
            assertThat(body.read()).isEqualTo(-1);
            checkNothingIsLeft(client);
        }
    }

    @Test
    void a_cut_in_the_middle_is_a_failure_and_never_an_end() throws IOException {
        try (ByteServer server = ByteServer.cut(3L * MEGABYTE, 2L * MEGABYTE);
                KimiClient client = clientOf(server);
                ServiceStream stream = client.exchangeStream(FILE)) {
            InputStream body = stream.inputStream();
            assertThatThrownBy(() -> body.transferTo(OutputStream.nullOutputStream()))
                    .isInstanceOf(TruncatedStreamException.class)
                    .hasMessageContaining("broke off after");
            assertThat(server.requests()).isEqualTo(1);
            assertThat(finished.join().attempts()).isEqualTo(1);
            checkNothingIsLeft(client);
        }
    }

    /** Where the exchange is when it is cancelled. */
    enum At {
        BEFORE_THE_HEAD(-1),
        AFTER_THE_HEAD(0),
        IN_THE_BODY(1000),
        UNREAD(64L * MEGABYTE);

        private final long sent;

        At(long sent) {
            this.sent = sent;
        }
    }

    /** Who cancels it. */
    enum By {
        FUTURE,
        STREAM,
        INPUT_STREAM,
        SUBSCRIPTION,
        INTERRUPT,
        CLIENT
    }

    @ParameterizedTest
    @CsvSource({
        "BEFORE_THE_HEAD, FUTURE",
        "BEFORE_THE_HEAD, INTERRUPT",
        "BEFORE_THE_HEAD, CLIENT",
        "AFTER_THE_HEAD, STREAM",
        "AFTER_THE_HEAD, INPUT_STREAM",
        "AFTER_THE_HEAD, SUBSCRIPTION",
        "AFTER_THE_HEAD, INTERRUPT",
        "AFTER_THE_HEAD, CLIENT",
        "IN_THE_BODY, STREAM",
        "IN_THE_BODY, INPUT_STREAM",
        "IN_THE_BODY, SUBSCRIPTION",
        "IN_THE_BODY, INTERRUPT",
        "IN_THE_BODY, CLIENT",
        "UNREAD, STREAM",
        "UNREAD, INPUT_STREAM",
        "UNREAD, SUBSCRIPTION",
        "UNREAD, CLIENT",
    })
    void a_cancel_reaches_the_service_from_everywhere(At at, By by) throws IOException {
        try (ByteServer server = ByteServer.holding(at.sent);
                KimiClient client = clientOf(server)) {
            if (at == At.BEFORE_THE_HEAD && by == By.INTERRUPT) {
                interrupted(() -> client.exchangeStream(FILE), () -> server.requests() == 1);
            } else {
                CompletableFuture<ServiceStream> head = client.exchangeStreamAsync(FILE);
                eventually("the request has come", () -> server.requests() == 1);
                cancel(head, client, at, by);
            }

            server.gone.join();
            assertThat(finished.join().outcome()).isEqualTo(CallEvent.Outcome.CANCELLED);
            assertThat(server.requests()).isEqualTo(1);
            checkNothingIsLeft(client);
        }
    }

    private static void cancel(CompletableFuture<ServiceStream> head, KimiClient client, At at, By by)
            throws IOException {
        if (at == At.BEFORE_THE_HEAD) {
            if (by == By.FUTURE) {
                head.cancel(true);
            } else {
                client.close();
            }
            return;
        }
        ServiceStream stream = head.join();
        if (by == By.SUBSCRIPTION) {
            subscribed(stream, at).cancel();
            return;
        }
        InputStream body = stream.inputStream();
        if (at == At.IN_THE_BODY) {
            body.readNBytes((int) at.sent);
        }
        switch (by) {
            case STREAM -> stream.close();
            case INPUT_STREAM -> body.close();
            case INTERRUPT -> interrupted(body::read, () -> true);
            default -> client.close();
        }
    }

    /** What blocks until it is interrupted, and says then that it was. */
    private interface Blocked {
        void run() throws IOException;
    }

    private static void interrupted(Blocked blocked, BooleanSupplier when) {
        Thread waiting = Thread.currentThread();
        Thread interrupter = new Thread(() -> {
            Eventually.holds(
                    Duration.ofSeconds(60), () -> waiting.getState() == Thread.State.WAITING && when.getAsBoolean());
            waiting.interrupt();
        });
        interrupter.start();
        assertThatThrownBy(blocked::run).isInstanceOf(KimiException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    private static Flow.Subscription subscribed(ServiceStream stream, At at) {
        CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        CompletableFuture<ByteBuffer> first = new CompletableFuture<>();
        stream.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription.complete(given);
            }

            @Override
            public void onNext(ByteBuffer piece) {
                first.complete(piece);
            }

            @Override
            public void onError(Throwable failure) {
                first.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                first.completeExceptionally(new IllegalStateException("an end"));
            }
        });
        if (at == At.IN_THE_BODY) {
            subscription.join().request(1);
            first.join();
        }
        return subscription.join();
    }
}
