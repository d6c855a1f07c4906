package dev.kimi.samples.benchmark.failover;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** One fault under load: calls before it, while it lasts, and until they have returned. */
final class FailoverRun {

    private static final TimeSource TIME = TimeSource.system();
    /** Without a call that begins elsewhere, after which all have returned. */
    private static final Duration CALM = Duration.ofSeconds(1);

    private final FailoverOptions options;
    private final Services services;
    private final Load load;

    /** @param perSecond calls a second */
    FailoverRun(FailoverOptions options, Services services, int perSecond) {
        this.options = options;
        this.services = services;
        this.load = new Load(options.form(), perSecond);
    }

    /** Calls to both services that nobody reports, so that no process is new to what follows. */
    void warmUp() throws IOException, InterruptedException {
        Duration half = options.times().warmUp().dividedBy(2);
        try (KimiClient kimi = client()) {
            load.runFor(kimi, half);
            services.begin(Fault.UNAVAILABLE);
            load.runFor(kimi, half);
            services.end(Fault.UNAVAILABLE);
            load.awaitEnds(longest());
        }
        services.billing();
    }

    Figures measure(Fault fault) throws IOException, InterruptedException {
        long begin;
        long end;
        try (KimiClient kimi = client()) {
            load.runFor(kimi, options.times().before());
            begin = TIME.nanoTime();
            meanwhile(kimi, () -> services.begin(fault));
            load.runFor(kimi, options.times().fault().minusNanos(TIME.nanoTime() - begin));
            meanwhile(kimi, () -> services.end(fault));
            end = TIME.nanoTime();
            load.runUntil(kimi, () -> hasReturned(end));
            load.awaitEnds(longest());
        }
        // what had not ended by then was cancelled by the close
        load.awaitEnds(CALM);
        return new Figures(fault, load.calls(), begin, end, services.billing());
    }

    /** The longest that a call may take that was made while the service was silent. */
    private Duration longest() {
        return options.times().headers().plus(options.times().whole()).plus(CALM);
    }

    private boolean hasReturned(long end) {
        long now = TIME.nanoTime();
        if (now - end >= options.times().back().toNanos()) {
            return true;
        }
        List<MeasuredCall> calls = load.calls();
        long calmSince = now - CALM.toNanos();
        for (int i = calls.size() - 1; i >= 0 && calls.get(i).startNanos() >= calmSince; i--) {
            if (!calls.get(i).beganAtKimi()) {
                return false;
            }
        }
        return calmSince >= end;
    }

    private KimiClient client() {
        Timeouts timeouts = Timeouts.builder()
                .headers(options.times().headers())
                .firstEvent(options.times().whole())
                .build();
        return KimiClient.builder()
                .name(FailoverBenchmark.KIMI)
                .model(FailoverBenchmark.KIMI_MODEL)
                .baseUrl(services.kimiUrl())
                .apiKey("sk-benchmark")
                .set(Part.TRANSPORT, "http", options.http())
                .set(Part.TRANSPORT, "max-connections", String.valueOf(options.connections()))
                .timeouts(timeouts)
                .failover(KimiClient.builder()
                        .name(FailoverBenchmark.CLAUDE)
                        .protocol("anthropic")
                        .model(FailoverBenchmark.CLAUDE_MODEL)
                        .baseUrl(services.claudeUrl())
                        .apiKey("sk-benchmark")
                        .set(Part.TRANSPORT, "http", options.http())
                        .set(Part.TRANSPORT, "max-connections", String.valueOf(options.connections())))
                .listener(load)
                // callbacks here only count, so they may run where the bytes arrive
                .callbackExecutor(Runnable::run)
                .build();
    }

    /** Something that is done to the services while calls arrive. */
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void meanwhile(KimiClient kimi, Step step) throws IOException, InterruptedException {
        CompletableFuture<Void> done = CompletableFuture.runAsync(() -> {
            try {
                step.run();
            } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
            }
        });
        load.runUntil(kimi, done::isDone);
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new IOException("the services do not do what they should", e.getCause());
        }
    }
}
