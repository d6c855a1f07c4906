package dev.kimi.gateway.admin;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Sends the figures to those who watch: read and written once a second for all of them, and not at all while nobody
 * does. One that is slow skips what it has missed. Thread-safe.
 */
final class AdminWatchers {

    static final int MAX_WATCHERS = 16;

    private static final Duration PACE = Duration.ofSeconds(1);
    /** Tokens are distributed over the time that a call took, so intervals that are over change too. */
    private static final int INTERVALS = 60;

    private final AdminOverview overview;
    private final AdminGate gate;
    private final AtomicInteger watching = new AtomicInteger();
    private final Sinks.Empty<Void> closing = Sinks.empty();
    private final Flux<byte[]> figures;

    AdminWatchers(AdminOverview overview, AdminGate gate) {
        this.overview = overview;
        this.gate = gate;
        this.figures = Flux.interval(PACE)
                .onBackpressureDrop()
                .map(tick -> event(INTERVALS))
                .publish()
                .refCount();
    }

    Mono<ServerResponse> watch(ServerRequest request) {
        if (watching.incrementAndGet() > MAX_WATCHERS) {
            watching.decrementAndGet();
            throw new AdminProblem(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    MAX_WATCHERS + " pages are watching, which is the limit: close one.",
                    PACE.toSeconds());
        }
        Flux<byte[]> events = Flux.concat(
                        Mono.fromSupplier(() -> event(Integer.MAX_VALUE)), figures.onBackpressureLatest())
                .takeWhile(any -> gate.isStillIn(request))
                .takeUntilOther(closing.asMono())
                .doFinally(end -> watching.decrementAndGet());
        return ServerResponse.ok()
                .contentType(MediaType.TEXT_EVENT_STREAM)
                .header("x-accel-buffering", "no")
                .body((response, context) -> {
                    DataBufferFactory buffers = response.bufferFactory();
                    return response.writeAndFlushWith(events.map(event -> Mono.just(buffers.wrap(event))));
                });
    }

    int watching() {
        return watching.get();
    }

    /** Ends all, so that a server that drains need not wait for them. */
    void close() {
        closing.tryEmitEmpty();
    }

    private byte[] event(int intervals) {
        byte[] json = AdminJson.bytes(overview.read(intervals));
        byte[] before = "data: ".getBytes(StandardCharsets.US_ASCII);
        byte[] event = new byte[before.length + json.length + 2];
        System.arraycopy(before, 0, event, 0, before.length);
        System.arraycopy(json, 0, event, before.length, json.length);
        event[event.length - 2] = '\n';
        event[event.length - 1] = '\n';
        return event;
    }
}
