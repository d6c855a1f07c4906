package dev.kimi.test;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What the next inference requests get. Thread-safe. */
final class Script {

    private final Latency initialLatency;
    private final Deque<Reply> queue = new ArrayDeque<>();
    private Reply otherwise = Reply.generated();
    private Latency latency;

    Script(Settings settings) {
        initialLatency = settings.latency;
        latency = settings.latency;
    }

    synchronized void add(List<Reply> replies) {
        queue.addAll(replies);
    }

    synchronized void otherwise(Reply reply) {
        otherwise = reply;
    }

    synchronized void latency(Latency changed) {
        latency = changed;
    }

    synchronized Latency latency() {
        return latency;
    }

    synchronized int waiting() {
        return queue.size();
    }

    synchronized Reply next() {
        Reply next = queue.poll();
        return next != null ? next : otherwise;
    }

    synchronized void reset() {
        queue.clear();
        otherwise = Reply.generated();
        latency = initialLatency;
    }
}
