package dev.kimi.test.contract;

import dev.kimi.test.support.Eventually;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/** A plain server, over HTTP/1.1 and HTTP/2, that keeps no body and reads and responds as a test says. */
final class UploadServer implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Vertx vertx;
    private final URI origin;
    private final BlockingQueue<Upload> uploads = new LinkedBlockingQueue<>();

    /** @param plan what is done when the head of a request has come, on the server's thread */
    UploadServer(Consumer<Upload> plan) {
        this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setUseDaemonThread(true));
        HttpServer http = vertx.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setPort(0).setHttp2ClearTextEnabled(true))
                .requestHandler(request -> {
                    Upload upload = new Upload(request);
                    plan.accept(upload);
                    uploads.add(upload);
                });
        int port =
                http.listen().toCompletionStage().toCompletableFuture().join().actualPort();
        this.origin = URI.create("http://127.0.0.1:" + port);
    }

    URI origin() {
        return origin;
    }

    /** The next request whose head has come. */
    Upload awaitUpload() {
        try {
            Upload next = uploads.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (next != null) {
                return next;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AssertionError("no request came within " + PATIENCE);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** One request, seen from the server. Its methods but for the last three belong to the server's thread. */
    static final class Upload {
        private final Context thread = Objects.requireNonNull(Vertx.currentContext(), "not on the server's thread");
        private final HttpServerRequest request;
        private final AtomicLong received = new AtomicLong();
        private final CRC32 checksum = new CRC32();
        private final CompletableFuture<Boolean> whole = new CompletableFuture<>();

        private Upload(HttpServerRequest request) {
            this.request = request;
            request.pause();
            request.exceptionHandler(broken -> whole.complete(false));
            request.response().exceptionHandler(broken -> whole.complete(false));
            request.response().closeHandler(closed -> whole.complete(false));
            request.endHandler(end -> whole.complete(true));
        }

        HttpServerResponse response() {
            return request.response();
        }

        String header(String name) {
            return String.valueOf(request.getHeader(name));
        }

        /** Reads all, and then responds with the checksum. */
        void readAll() {
            request.endHandler(end -> {
                whole.complete(true);
                response().end(Long.toString(checksum.getValue()));
            });
            readUpTo(Long.MAX_VALUE);
        }

        /** Reads so many bytes at least, and then no more. */
        void readUpTo(long bytes) {
            request.handler(chunk -> {
                checksum.update(chunk.getBytes());
                if (received.addAndGet(chunk.length()) >= bytes) {
                    request.pause();
                }
            });
            request.resume();
        }

        /** Sends back what comes as it comes. */
        void echo() {
            response().setChunked(true).writeHead();
            request.handler(chunk -> {
                received.addAndGet(chunk.length());
                response().write(chunk);
            });
            request.endHandler(end -> {
                whole.complete(true);
                response().end();
            });
            request.resume();
        }

        /** Reads so many bytes, and then closes the connection. */
        void closeAfter(long bytes) {
            request.handler(chunk -> {
                if (received.addAndGet(chunk.length()) >= bytes) {
                    request.connection().close();
                }
            });
            request.resume();
        }

        /** Reads what is left, whatever was said before; as long as nothing is read, the end is not seen either. */
        void readOn() {
            thread.runOnContext(turn -> readUpTo(Long.MAX_VALUE));
        }

        long received() {
            return received.get();
        }

        /** Whether the body came to its end; waits until that is known. */
        boolean awaitWhole() {
            return Eventually.completes(PATIENCE, whole, "the end of the upload");
        }
    }
}
