package dev.kimi.starter.feign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.RejectedException;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.KimiApi.Batch;
import dev.kimi.starter.feign.KimiApi.BatchLine;
import dev.kimi.starter.feign.KimiApi.BatchRequest;
import dev.kimi.starter.feign.KimiApi.BatchResult;
import dev.kimi.starter.feign.KimiApi.Batches;
import dev.kimi.starter.feign.KimiApi.ChatCompletionRequest;
import dev.kimi.starter.feign.KimiApi.StoredFile;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import dev.kimi.transport.RequestBody;
import feign.codec.EncodeException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
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
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestPart;
import tools.jackson.databind.json.JsonMapper;

/** Files and batches of Kimi's service through Feign. */
@Timeout(60)
class KimiFilesTest {

    private static final long LARGE = 64L << 20;

    @TempDir
    Path folder;

    private KimiSimulator kimi;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.builder().keys("sk-test").start();
        contexts = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withPropertyValues("kimi.api-key=sk-test", "kimi.base-url=" + kimi.baseUrl());
    }

    @AfterEach
    void stop() {
        kimi.awaitDisconnected(Duration.ofSeconds(20));
        kimi.close();
    }

    private void run(Consumer<KimiApi> test) {
        contexts.run(context -> test.accept(context.getBean(KimiApi.class)));
    }

    private Path file(String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_file_is_uploaded_listed_read_and_deleted() {
        Path file = file("why \"blue\" 天.txt", "Because of Rayleigh. 天空\r\n--kimi");
        run(api -> {
            StoredFile stored = api.upload("file-extract", file);

            assertThat(stored.name()).isEqualTo("why %22blue%22 天.txt");
            assertThat(stored.purpose()).isEqualTo("file-extract");
            assertThat(stored.size()).isEqualTo(file.toFile().length());
            assertThat(stored.status()).isEqualTo("ready");
            assertThat(api.files().data()).containsExactly(stored);
            assertThat(api.file(stored.id())).isEqualTo(stored);
            assertThat(api.fileContent(stored.id())).isEqualTo("Because of Rayleigh. 天空\r\n--kimi");
            assertThat(api.deleteFile(stored.id()).deleted()).isTrue();
            assertThat(api.files().data()).isEmpty();
            assertThatThrownBy(() -> api.file(stored.id())).isInstanceOf(InvalidRequestException.class);
            assertThat(kimi.requests().get(0).headers("authorization")).containsExactly("Bearer sk-test");
            assertThat(kimi.requests().get(0).headers("content-length")).hasSize(1);
        });
    }

    @Test
    void resources_are_uploaded_by_their_names() {
        run(api -> {
            Resource named = new ByteArrayResource("{}".getBytes(StandardCharsets.UTF_8)) {
                @Override
                public String getFilename() {
                    return "lines.jsonl";
                }
            };
            assertThat(api.upload("batch", named).name()).isEqualTo("lines.jsonl");
            InputStream once = InputStream.nullInputStream();
            assertThatThrownBy(() -> api.upload("image", new InputStreamResource(once)))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("file is empty");
            assertThat(kimi.requests().get(1).headers("transfer-encoding")).containsExactly("chunked");
        });
    }

    @Test
    void a_file_that_is_not_there_fails_before_anything_is_sent() {
        run(api -> {
            assertThatThrownBy(() -> api.upload("batch", folder.resolve("missing.jsonl")))
                    .isInstanceOf(EncodeException.class)
                    .hasMessageContaining("The part 'file' cannot be read")
                    .hasMessageContaining("NoSuchFileException");
            assertThat(kimi.requests()).isEmpty();
        });
    }

    @Test
    void a_file_is_sent_again_by_a_retry_and_what_can_be_opened_once_is_not() {
        Path file = file("a.txt", "again");
        contexts = contexts.withPropertyValues("kimi.retry.preset=classic", "kimi.retry.min-delay=1ms");
        run(api -> {
            kimi.replyAt("/v1/files", Reply.status(500, "{}"));
            assertThatThrownBy(() -> api.upload("image", file)).isNotInstanceOf(RejectedException.class);
            assertThat(kimi.requests())
                    .hasSizeGreaterThan(1)
                    .allSatisfy(request -> assertThat(request.bodyText()).contains("again"));
            int before = kimi.requests().size();
            Resource once = new InputStreamResource(new ByteArrayInputStream("once".getBytes(StandardCharsets.UTF_8)));
            assertThatThrownBy(() -> api.upload("image", once))
                    .isInstanceOfSatisfying(
                            RejectedException.class,
                            failure -> assertThat(failure.reason())
                                    .isEqualTo(RejectedException.Reason.BODY_NOT_REPLAYABLE));
            assertThat(kimi.requests()).hasSize(before + 1);
        });
    }

    @Test
    void a_batch_is_made_from_a_file_and_its_results_are_read_line_by_line() {
        kimi.reply(Reply.text("One."), Reply.text("Two."));
        JsonMapper application = JsonMapper.builder().build();
        Path lines = file(
                "requests.jsonl",
                Stream.of("a", "b", "c")
                        .map(id -> BatchLine.of(
                                id, ChatCompletionRequest.of(id.equals("c") ? "no-model" : "kimi-k3", "Why?")))
                        .map(line -> application.writeValueAsString(line) + "\n")
                        .reduce("", String::concat));
        run(api -> {
            Batch created =
                    api.createBatch(BatchRequest.of(api.upload("batch", lines).id(), "24h"));
            assertThat(created.status()).isEqualTo("in_progress");
            assertThat(created.ended()).isFalse();

            Batch ended = api.batch(created.id());

            assertThat(ended.ended()).isTrue();
            assertThat(ended.requestCounts().completed()).isEqualTo(2);
            assertThat(ended.requestCounts().failed()).isEqualTo(1);
            try (Stream<BatchResult> results = api.batchResults(ended.outputFileId())) {
                assertThat(results.map(result -> result.customId() + " " + result.text()))
                        .containsExactlyInAnyOrder("a One.", "b Two.");
            }
            try (Stream<BatchResult> errors = api.batchResults(ended.errorFileId())) {
                assertThat(errors).singleElement().satisfies(failed -> {
                    assertThat(failed.customId()).isEqualTo("c");
                    assertThat(failed.response().statusCode()).isEqualTo(404);
                    assertThat(failed.text()).isEmpty();
                });
            }
        });
    }

    @Test
    void batches_come_in_pages_and_are_cancelled() {
        kimi.otherwise(Reply.text("never").stallBeforeHeaders());
        Path lines = file(
                "one.jsonl",
                JsonMapper.builder()
                        .build()
                        .writeValueAsString(BatchLine.of("a", ChatCompletionRequest.of("kimi-k3", "Why?"))));
        run(api -> {
            String input = api.upload("batch", lines).id();
            Batch first = api.createBatch(BatchRequest.of(input, "12h"));
            Batch second = api.createBatch(BatchRequest.of(input, "7d"));

            Batches page = api.batches(1, null);
            assertThat(page.data()).extracting(Batch::id).containsExactly(second.id());
            assertThat(page.hasMore()).isTrue();
            Batches rest = api.batches(1, page.lastId());
            assertThat(rest.data()).extracting(Batch::id).containsExactly(first.id());
            assertThat(rest.hasMore()).isFalse();

            assertThat(api.cancelBatch(first.id()).status()).isEqualTo("cancelling");
            assertThat(api.batch(first.id()).status()).isEqualTo("cancelled");
            assertThat(api.batch(first.id()).outputFileId()).isNull();
        });
    }

    /** Were it whole in memory first, all of it would have been read when its first bytes arrive. */
    @Test
    void a_large_file_is_read_as_the_service_takes_it() throws Exception {
        Path file = folder.resolve("large.bin");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(LARGE);
        }
        AtomicLong read = new AtomicLong();
        Resource counted = new FileSystemResource(file) {
            @Override
            public InputStream getInputStream() throws IOException {
                return new Counted(super.getInputStream(), read);
            }
        };
        CompletableFuture<Void> mayGoOn = new CompletableFuture<>();
        AtomicLong received = new AtomicLong();
        ExecutorService threads = Executors.newCachedThreadPool();
        HttpServer slow = slowServer(mayGoOn, received, threads);
        contexts = contexts.withPropertyValues(
                "kimi.base-url=http://127.0.0.1:" + slow.getAddress().getPort());
        try {
            run(api -> {
                CompletableFuture<StoredFile> upload =
                        CompletableFuture.supplyAsync(() -> api.upload("video", counted), threads);
                assertThat(Eventually.holds(Duration.ofSeconds(20), () -> received.get() > 0))
                        .isTrue();
                assertThat(read.get()).isLessThan(LARGE);
                assertThat(upload).isNotDone();

                mayGoOn.complete(null);

                assertThat(upload.join().id()).isEqualTo("file-1");
                assertThat(read.get()).isEqualTo(LARGE);
                assertThat(received.get()).isGreaterThan(LARGE);
            });
        } finally {
            mayGoOn.complete(null);
            slow.stop(0);
            threads.shutdownNow();
        }
    }

    private static HttpServer slowServer(CompletableFuture<Void> mayGoOn, AtomicLong received, ExecutorService threads)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/files", exchange -> {
            byte[] piece = new byte[1 << 16];
            for (int n = exchange.getRequestBody().read(piece);
                    n >= 0;
                    n = exchange.getRequestBody().read(piece)) {
                received.addAndGet(n);
                mayGoOn.join();
            }
            byte[] response = "{\"id\":\"file-1\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, response.length);
            exchange.getResponseBody().write(response);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static final class Counted extends FilterInputStream {
        private final AtomicLong read;

        Counted(InputStream in, AtomicLong read) {
            super(in);
            this.read = read;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = super.read(target, offset, length);
            read.addAndGet(Math.max(0, n));
            return n;
        }
    }

    @Test
    void a_feign_client_of_the_application_sends_forms_and_sources() {
        contexts.withUserConfiguration(OwnClients.class).run(context -> {
            OwnUploads own = context.getBean(OwnUploads.class);

            Map<String, Object> form =
                    own.form("batch", List.of("a", "b"), Map.of("team", "blue"), "{}".getBytes(StandardCharsets.UTF_8));
            assertThat(form).containsEntry("filename", "file");
            assertThat(kimi.requests().get(0).bodyText())
                    .contains("name=\"tag\"\r\n\r\na\r\n", "name=\"tag\"\r\n\r\nb\r\n")
                    .contains("name=\"about\"\r\nContent-Type: application/json\r\n\r\n{\"team\":\"blue\"}\r\n");

            String type = "multipart/form-data; boundary=mine";
            String body = "--mine\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nimage\r\n"
                    + "--mine\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--mine--\r\n";
            RequestBody source = RequestBody.ofInputStreams(
                    () -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), body.length());
            assertThat(own.source(type, source)).containsEntry("purpose", "image");
        });
    }

    @FeignClient(name = "own-uploads", url = "http://kimi", configuration = KimiFeignConfiguration.class)
    interface OwnUploads {

        @PostMapping(path = "/v1/files", consumes = "multipart/form-data")
        Map<String, Object> form(
                @RequestPart("purpose") String purpose,
                @RequestPart("tag") List<String> tags,
                @RequestPart("about") Map<String, String> about,
                @RequestPart("file") byte[] file);

        @PostMapping(path = "/v1/files")
        Map<String, Object> source(
                @RequestHeader("Content-Type") String type,
                @org.springframework.web.bind.annotation.RequestBody RequestBody body);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OwnUploads.class)
    static class OwnClients {}
}
