package dev.kimi.gateway.admin;

import dev.kimi.gateway.admin.FigureSlot.Figure;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.call.GatewayListener;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts what happens, in a few atomic steps a call and in memory that grows with neither calls nor keys. Who looks
 * pays for the rest. Thread-safe, without locks.
 */
final class AdminFigures implements GatewayListener {

    static final Duration REMEMBERED = Duration.ofHours(1);

    /** More than anybody configures; whatever names there are beyond it, memory stays bounded. */
    private static final int MAX_ENDPOINTS = 64;
    /** Of an endpoint, the last five minutes are looked at. */
    private static final int ENDPOINT_SLOTS = 60;

    private static final int FIRST_ERROR = 400;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;

    private final TimeSource time;
    private final FigureRing ring;
    /** Calls that have not ended, and whether they are streams that have begun. */
    private final Map<GatewayCall, Boolean> live = new ConcurrentHashMap<>();

    private final AtomicInteger streams = new AtomicInteger();
    private final Map<String, FigureRing> endpoints = new ConcurrentHashMap<>();

    AdminFigures(TimeSource time) {
        this.time = time;
        this.ring = new FigureRing(time, (int) REMEMBERED.dividedBy(FigureRing.INTERVAL));
    }

    @Override
    public void started(GatewayCall call) {
        live.put(call, false);
        ring.current().add(Figure.REQUESTS, 1);
    }

    @Override
    public void firstByte(GatewayCall call) {
        if (!call.streamed() || call.status() >= FIRST_ERROR || live.replace(call, true) == null) {
            return;
        }
        long waited = call.firstByteNanos() - call.startNanos();
        FigureSlot slot = ring.current();
        slot.waited(waited);
        slot.streams(streams.incrementAndGet());
        FigureRing endpoint = endpoint(call.endpoint());
        if (endpoint != null) {
            endpoint.current().waited(waited);
        }
    }

    @Override
    public void ended(GatewayCall call) {
        boolean stream = Boolean.TRUE.equals(live.remove(call));
        FigureSlot slot = ring.current();
        if (stream) {
            slot.streams(streams.decrementAndGet());
        }
        Figure outcome = outcome(call);
        slot.add(outcome, 1);
        Figure limit = limit(call);
        if (limit != null) {
            slot.add(limit, 1);
        }
        long tokens = call.usage().completionTokens();
        if (tokens > 0) {
            slot.add(Figure.REPORTED_TOKENS, tokens);
            ring.spread(
                    Figure.OUTPUT_TOKENS, tokens, stream ? call.firstByteNanos() : call.startNanos(), call.endNanos());
        }
        FigureRing endpoint = endpoint(call.endpoint());
        if (endpoint != null) {
            endpoint.current().add(limit == Figure.LIMITED_BY_SERVICE ? limit : outcome, 1);
        }
    }

    TimeSource time() {
        return time;
    }

    FigureRing ring() {
        return ring;
    }

    int calls() {
        return live.size();
    }

    int streams() {
        return streams.get();
    }

    /** Figures of the endpoints that have responded, by name. */
    Map<String, FigureRing> endpoints() {
        return endpoints;
    }

    /** The calls that have been going on for longest, the oldest first. */
    List<GatewayCall> oldest(int most) {
        Comparator<GatewayCall> youngestFirst = Comparator.comparingLong(call -> -call.startNanos());
        PriorityQueue<GatewayCall> oldest = new PriorityQueue<>(most + 1, youngestFirst);
        for (GatewayCall call : live.keySet()) {
            oldest.add(call);
            if (oldest.size() > most) {
                oldest.remove();
            }
        }
        return oldest.stream().sorted(youngestFirst.reversed()).toList();
    }

    private @Nullable FigureRing endpoint(@Nullable String name) {
        if (name == null) {
            return null;
        }
        FigureRing known = endpoints.get(name);
        if (known != null || endpoints.size() >= MAX_ENDPOINTS) {
            return known;
        }
        return endpoints.computeIfAbsent(name, any -> new FigureRing(time, ENDPOINT_SLOTS));
    }

    private static Figure outcome(GatewayCall call) {
        GatewayCall.Outcome outcome = call.outcome();
        if (outcome == null) {
            return Figure.FAILED;
        }
        return switch (outcome) {
            case OK -> Figure.OK;
            case REJECTED -> Figure.REJECTED;
            case FAILED -> isClientsFault(call.status()) ? Figure.REJECTED : Figure.FAILED;
            case TRUNCATED -> Figure.TRUNCATED;
            case CANCELLED -> Figure.CANCELLED;
        };
    }

    /** What a service finds wrong with a request says nothing about the service. */
    private static boolean isClientsFault(int status) {
        return status >= FIRST_ERROR
                && status < FIRST_SERVER_ERROR
                && status != REQUEST_TIMEOUT
                && status != TOO_MANY_REQUESTS;
    }

    private static @Nullable Figure limit(GatewayCall call) {
        boolean rejected = call.outcome() == GatewayCall.Outcome.REJECTED;
        if (rejected && call.error() == GatewayError.Kind.BUDGET) {
            return Figure.LIMITED_BY_BUDGET;
        }
        if (call.status() != TOO_MANY_REQUESTS && call.error() != GatewayError.Kind.RATE_LIMIT) {
            return null;
        }
        return rejected ? Figure.LIMITED_BY_KEY : Figure.LIMITED_BY_SERVICE;
    }
}
