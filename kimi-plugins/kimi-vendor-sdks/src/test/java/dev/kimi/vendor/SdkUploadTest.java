package dev.kimi.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.kimi.KimiClient;
import dev.kimi.test.support.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Multipart uploads of the SDKs are sent as they are read. */
@Timeout(60)
@ParameterizedClass
@EnumSource(names = {"OPENAI_HTTP1", "ANTHROPIC_HTTP1"})
class SdkUploadTest {

    private static final long SIZE = 64L << 20;

    @Parameter
    Sdk sdk = Sdk.OPENAI_HTTP1;

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong received = new AtomicLong();
    private final List<String> contentTypes = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> mayRead = new CompletableFuture<>();
    private HttpServer server;
    private KimiClient client;
    private SdkCalls calls;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/files", exchange -> {
            contentTypes.add(exchange.getRequestHeaders().getFirst("content-type"));
            take(exchange.getRequestBody());
            byte[] response = "{\"id\":\"file-1\",\"type\":\"file\"}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, response.length);
            exchange.getResponseBody().write(response);
            exchange.close();
        });
        server.start();
        client = sdk.client()
                .baseUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .build();
        calls = sdk.over(client);
    }

    @AfterEach
    void stop() {
        mayRead.complete(null);
        calls.close();
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void take(InputStream body) throws IOException {
        byte[] piece = new byte[1 << 20];
        for (int length = body.read(piece); length >= 0; length = body.read(piece)) {
            received.addAndGet(length);
            mayRead.join();
        }
    }

    @Test
    void a_small_file_arrives_with_its_parts() throws IOException {
        mayRead.complete(null);
        Path file = Files.writeString(folder.resolve("small.txt"), "blue");

        assertThat(calls.upload(file)).isEqualTo("file-1");

        assertThat(contentTypes).singleElement().asString().startsWith("multipart/form-data; boundary=");
        assertThat(received.get()).isGreaterThan(4);
    }

    @Test
    void a_slow_service_slows_a_large_file_down() throws IOException {
        Path file = folder.resolve("large");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(SIZE);
        }
        CompletableFuture<String> upload = CompletableFuture.supplyAsync(() -> calls.upload(file), threads);
        assertThat(Eventually.holds(Duration.ofSeconds(20), () -> received.get() > 0))
                .isTrue();
        assertThat(upload).isNotDone();

        mayRead.complete(null);

        assertThat(upload.join()).isEqualTo("file-1");
        assertThat(received.get()).isGreaterThan(SIZE);
    }

    @Test
    void an_interrupt_in_the_middle_ends_the_upload() throws Exception {
        Path file = folder.resolve("large");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(SIZE);
        }
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Thread caller = new Thread(() -> calls.upload(file));
        caller.setUncaughtExceptionHandler((thread, failure) -> ended.complete(failure));
        caller.start();
        assertThat(Eventually.holds(Duration.ofSeconds(20), () -> received.get() > 0))
                .isTrue();

        caller.interrupt();

        assertThat(ended.join()).hasMessageContaining("interrupt");
        assertThat(Eventually.holds(
                        Duration.ofSeconds(20),
                        () -> client.pool().exchanges() == 0
                                && Thread.getAllStackTraces().keySet().stream()
                                        .noneMatch(thread -> thread.getName().equals("kimi-sdk-body"))))
                .isTrue();
    }
}
