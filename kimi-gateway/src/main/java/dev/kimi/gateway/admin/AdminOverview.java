package dev.kimi.gateway.admin;

import dev.kimi.Diagnostics;
import dev.kimi.KimiClient;
import dev.kimi.gateway.admin.FigureSlot.Figure;
import dev.kimi.gateway.call.GatewayCall;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads the figures. Thread-safe, never blocks. */
final class AdminOverview {

    static final int MAX_CALLS = 100;

    private static final int LAST_MINUTE = 12;
    private static final double P50 = 0.5;
    private static final double P95 = 0.95;
    private static final long NANOS_PER_MILLI = Duration.ofMillis(1).toNanos();

    private final AdminFigures figures;
    private final Supplier<List<KimiClient>> clients;
    private final EndpointLights lights;

    AdminOverview(AdminFigures figures, Supplier<List<KimiClient>> clients) {
        this.figures = figures;
        this.clients = clients;
        this.lights = new EndpointLights(figures);
    }

    /** @param intervals how many of the last intervals are in it, at most {@link FigureRing#size} */
    AdminView.Overview read(int intervals) {
        FigureRing ring = figures.ring();
        Waits waits = waits(ring, ring.number(), LAST_MINUTE);
        List<KimiClient> all = clients.get();
        List<Diagnostics> states = all.stream().map(KimiClient::diagnostics).toList();
        return new AdminView.Overview(
                figures.time().now().toEpochMilli(),
                figures.calls(),
                figures.streams(),
                waits.percentile(P50),
                waits.percentile(P95),
                series(ring, Math.min(intervals, ring.size())),
                lights.read(all, states),
                IntStream.range(0, all.size())
                        .mapToObj(i -> client(all.get(i).name(), states.get(i)))
                        .toList(),
                figures.oldest(MAX_CALLS).stream().map(this::call).toList());
    }

    static Waits waits(FigureRing ring, long last, int intervals) {
        Waits sum = new Waits();
        for (long number = last - intervals + 1; number <= last; number++) {
            FigureSlot slot = ring.at(number);
            if (slot != null) {
                slot.addWaitsTo(sum);
            }
        }
        return sum;
    }

    private AdminView.Series series(FigureRing ring, int intervals) {
        long last = ring.number();
        long first = Math.max(0, last - intervals + 1);
        int length = (int) (last - first + 1);
        @Nullable Long[] p50 = new @Nullable Long[length];
        @Nullable Long[] p95 = new @Nullable Long[length];
        for (int i = 0; i < length; i++) {
            Waits waits = waits(ring, first + i, 1);
            p50[i] = waits.percentile(P50);
            p95[i] = waits.percentile(P95);
        }
        return new AdminView.Series(
                first,
                FigureRing.INTERVAL.toMillis(),
                ring.runningNanos() / NANOS_PER_MILLI,
                counts(ring, first, length, Figure.REQUESTS),
                sum(counts(ring, first, length, Figure.FAILED), counts(ring, first, length, Figure.TRUNCATED)),
                counts(ring, first, length, Figure.REJECTED),
                new AdminView.Limited(
                        counts(ring, first, length, Figure.LIMITED_BY_KEY),
                        counts(ring, first, length, Figure.LIMITED_BY_BUDGET),
                        counts(ring, first, length, Figure.LIMITED_BY_SERVICE)),
                new AdminView.Tokens(
                        counts(ring, first, length, Figure.OUTPUT_TOKENS),
                        counts(ring, first, length, Figure.REPORTED_TOKENS)),
                streams(ring, first, length),
                new AdminView.FirstEvent(p50, p95));
    }

    private static long[] counts(FigureRing ring, long first, int length, Figure figure) {
        long[] counts = new long[length];
        for (int i = 0; i < length; i++) {
            FigureSlot slot = ring.at(first + i);
            counts[i] = slot == null ? 0 : slot.count(figure);
        }
        return counts;
    }

    private static long[] sum(long[] one, long[] other) {
        long[] sum = one.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other[i];
        }
        return sum;
    }

    /** Where no stream has begun or ended, as many are open as before. */
    private static long[] streams(FigureRing ring, long first, int length) {
        long open = 0;
        for (long number = first - 1; number > first - ring.size() && number >= 0; number--) {
            FigureSlot slot = ring.at(number);
            if (slot != null && slot.streamsKnown()) {
                open = slot.count(Figure.STREAMS_LAST);
                break;
            }
        }
        long[] counts = new long[length];
        for (int i = 0; i < length; i++) {
            FigureSlot slot = ring.at(first + i);
            if (slot == null || !slot.streamsKnown()) {
                counts[i] = open;
            } else {
                counts[i] = Math.max(open, slot.count(Figure.STREAMS_MOST));
                open = slot.count(Figure.STREAMS_LAST);
            }
        }
        return counts;
    }

    private static AdminView.Client client(String name, Diagnostics state) {
        int active = state.pool().active();
        int idle = state.pool().idle();
        return new AdminView.Client(
                name,
                state.calls().queued(),
                state.calls().sending(),
                state.calls().receiving(),
                state.calls().inBackOff(),
                state.retryTokens(),
                active < 0 || idle < 0 ? -1 : active + idle,
                state.pool().max(),
                state.pool().pending());
    }

    private AdminView.Call call(GatewayCall call) {
        long age = (figures.time().nanoTime() - call.startNanos()) / NANOS_PER_MILLI;
        return new AdminView.Call(
                call.id(),
                call.operation(),
                call.protocol(),
                call.keyId(),
                call.model(),
                call.endpoint(),
                phase(call),
                call.attempts(),
                call.usage().completionTokens(),
                new AdminView.Times(age, firstByte(call)));
    }

    private static String phase(GatewayCall call) {
        if (call.firstByteNanos() != 0) {
            return call.streamed() ? "streaming" : "sending";
        }
        return call.admittedNanos() != 0 ? "waiting" : "admission";
    }

    private static @Nullable Long firstByte(GatewayCall call) {
        return call.firstByteNanos() == 0 ? null : (call.firstByteNanos() - call.startNanos()) / NANOS_PER_MILLI;
    }
}
