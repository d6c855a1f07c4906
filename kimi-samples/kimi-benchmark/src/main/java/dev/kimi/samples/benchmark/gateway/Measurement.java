package dev.kimi.samples.benchmark.gateway;

import dev.kimi.samples.benchmark.gateway.GatewayFigures.Events;
import dev.kimi.samples.benchmark.gateway.GatewayFigures.Latency;
import dev.kimi.samples.benchmark.gateway.GatewayFigures.Streams;
import dev.kimi.samples.benchmark.gateway.Load.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Measures one gateway. */
final class Measurement {

    private static final int EVENT_STREAMS = 100;
    private static final int EVENT_GAP_MILLIS = 20;
    private static final int SLOW_GAP_MILLIS = 1000;

    private final GatewayOptions options;
    private final Contender gateway;
    private final Load load;

    Measurement(GatewayOptions options, Contender gateway, Load load) {
        this.options = options;
        this.gateway = gateway;
        this.load = load;
    }

    GatewayFigures measure(List<Integer> streams, Faults faults) {
        if (gateway.process() != null) {
            events(options.warmUp());
        }
        closedLoop(options.warmUp());
        Latencies latencies = atRate(options.time());
        double cpuBefore = gateway.cpuSeconds();
        long calls = closedLoop(options.time());
        double cpu = gateway.cpuSeconds() - cpuBefore;
        double eventCpu = gateway.cpuSeconds();
        long events = events(options.time());
        eventCpu = gateway.cpuSeconds() - eventCpu;
        Map<Integer, Streams> resident = new LinkedHashMap<>();
        for (int count : streams) {
            resident.put(count, open(count));
        }
        double seconds = options.time().toMillis() / 1e3;
        return new GatewayFigures(
                gateway.name(),
                gateway.dialect(),
                new Latency(latencies.millis(0.5), latencies.millis(0.99), latencies.failed.get()),
                cpu == 0 ? 0 : calls / cpu,
                calls / seconds,
                events == 0 ? 0 : eventCpu * 1e6 / events,
                new Events(events / seconds, EVENT_STREAMS * 1e3 / EVENT_GAP_MILLIS),
                resident,
                faults.of(gateway, load));
    }

    /** Calls at equal intervals, whatever becomes of those before. */
    private Latencies atRate(Duration time) {
        Latencies latencies = new Latencies();
        long total = time.toSeconds() * options.rate();
        CountDownLatch open = new CountDownLatch((int) total);
        long begin = Clock.now();
        for (long call = 0; call < total; call++) {
            long due = begin + call * TimeUnit.SECONDS.toNanos(1) / options.rate();
            Clock.waitUntil(due);
            long sent = Clock.now();
            load.send(gateway, false, "").end().thenAccept(response -> {
                latencies.add(response, Clock.now() - sent);
                open.countDown();
            });
        }
        await(open);
        return latencies;
    }

    /** As many calls as there is room for, one after the other. */
    private long closedLoop(Duration time) {
        AtomicLong done = new AtomicLong();
        CountDownLatch lanes = new CountDownLatch(options.inFlight());
        long until = Clock.now() + time.toNanos();
        for (int lane = 0; lane < options.inFlight(); lane++) {
            next(done, lanes, until);
        }
        await(lanes);
        return done.get();
    }

    private void next(AtomicLong done, CountDownLatch lanes, long until) {
        if (Clock.now() > until) {
            lanes.countDown();
            return;
        }
        load.send(gateway, false, "").end().thenAcceptAsync(response -> {
            if (response.status() == 200) {
                done.incrementAndGet();
            }
            next(done, lanes, until);
        });
    }

    /** How many events come through in that time, of streams that have one every few milliseconds. */
    private long events(Duration time) {
        List<Response> all = stream(EVENT_STREAMS, Integer.MAX_VALUE, EVENT_GAP_MILLIS);
        Clock.waitUntil(Clock.now() + TimeUnit.SECONDS.toNanos(2));
        long before = eventsOf(all);
        Clock.waitUntil(Clock.now() + time.toNanos());
        long events = eventsOf(all) - before;
        all.forEach(Response::abort);
        return events;
    }

    /** Streams with an event a second: how many of them live, and what memory they take. */
    private Streams open(int count) {
        List<Response> all = new ArrayList<>(stream(count, Integer.MAX_VALUE, SLOW_GAP_MILLIS));
        Clock.waitUntil(Clock.now() + TimeUnit.SECONDS.toNanos(10));
        long[] before = all.stream().mapToLong(Response::events).toArray();
        Clock.waitUntil(Clock.now() + TimeUnit.SECONDS.toNanos(5));
        int alive = 0;
        for (int i = 0; i < before.length; i++) {
            alive += all.get(i).events() > before[i] ? 1 : 0;
        }
        long mib = gateway.residentMib();
        all.forEach(Response::abort);
        Clock.waitUntil(Clock.now() + TimeUnit.SECONDS.toNanos(3));
        return new Streams(alive, mib);
    }

    private List<Response> stream(int count, int events, int gapMillis) {
        List<Response> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(load.send(gateway, true, "EVENTS-" + events + " GAP-" + gapMillis));
            if (i % 100 == 99) {
                Clock.waitUntil(Clock.now() + TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
        return all;
    }

    private static long eventsOf(List<Response> all) {
        return all.stream().mapToLong(Response::events).sum();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException(latch.getCount() + " calls have not ended within two minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static final class Latencies {
        private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
        private final AtomicLong failed = new AtomicLong();

        private void add(Response response, long took) {
            if (response.status() == 200) {
                nanos.add(took);
            } else {
                failed.incrementAndGet();
            }
        }

        private double millis(double quantile) {
            long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
            return sorted.length == 0 ? Double.NaN : sorted[(int) (quantile * (sorted.length - 1))] / 1e6;
        }
    }
}
