package dev.kimi.test;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the next inference requests get: what is queued, else a fault of the mix, else the usual. Thread-safe. */
final class Script {

    private static final FaultMix NO_FAULTS = FaultMix.seeded(0);

    private final Latency initialLatency;
    private final AccountLimits initialLimits;
    private final Deque<Reply> queue = new ArrayDeque<>();
    private FaultMix faults = NO_FAULTS;
    private long sinceFaults;
    private Reply otherwise = Reply.generated();
    private Latency latency;
    private AccountLimits limits;
    private final Map<String, Reply> atPaths = new HashMap<>();

    Script(Settings settings) {
        initialLatency = settings.latency;
        initialLimits = settings.limits;
        latency = settings.latency;
        limits = settings.limits;
    }

    synchronized void add(List<Reply> replies) {
        queue.addAll(replies);
    }

    synchronized void faults(FaultMix mix) {
        faults = mix;
        sinceFaults = 0;
    }

    synchronized void otherwise(Reply reply) {
        otherwise = reply;
    }

    synchronized void at(String path, Reply reply) {
        atPaths.put(path, reply);
    }

    synchronized @Nullable Reply at(String path) {
        return atPaths.get(path);
    }

    synchronized void latency(Latency changed) {
        latency = changed;
    }

    synchronized Latency latency() {
        return latency;
    }

    synchronized void limits(AccountLimits changed) {
        limits = changed;
    }

    synchronized AccountLimits limits() {
        return limits;
    }

    synchronized int waiting() {
        return queue.size();
    }

    synchronized Reply next() {
        Reply queued = queue.poll();
        if (queued != null) {
            return queued;
        }
        Reply fault = faults.at(++sinceFaults);
        return fault != null ? fault : otherwise;
    }

    synchronized void reset() {
        queue.clear();
        atPaths.clear();
        faults(NO_FAULTS);
        otherwise = Reply.generated();
        latency = initialLatency;
        limits = initialLimits;
    }
}
