package dev.kimi.samples.benchmark.failover;

import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.service.ModelPrices;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What came of the calls of one run. */
final class Figures {

    private static final long SLOT_NANOS = 100_000_000L;

    private final Fault fault;
    private final List<MeasuredCall> calls;
    private final long beginNanos;
    private final long endNanos;
    private final Billing billing;

    /**
     * @param calls all of the run, in their order
     * @param beginNanos when the fault began
     * @param endNanos when the service was back
     */
    Figures(Fault fault, List<MeasuredCall> calls, long beginNanos, long endNanos, Billing billing) {
        this.fault = fault;
        this.calls = calls;
        this.beginNanos = beginNanos;
        this.endNanos = endNanos;
        this.billing = billing;
    }

    Fault fault() {
        return fault;
    }

    int calls() {
        return calls.size();
    }

    // ---- failures

    /** Calls that failed although another endpoint could have responded. */
    long failed() {
        return count(call -> call.failure() != null && !call.hasContent() && !call.mayBePaid());
    }

    /** Calls that failed after some content had been delivered. */
    long failedAfterContent() {
        return count(call -> call.failure() != null && call.hasContent());
    }

    /** Calls that failed without content, and whose request the service may have worked on. */
    long failedPerhapsPaid() {
        return count(Figures::isPerhapsPaid);
    }

    private static boolean isPerhapsPaid(MeasuredCall call) {
        return call.failure() != null && !call.hasContent() && call.mayBePaid();
    }

    /** How many failed how. */
    Map<String, Integer> failures() {
        Map<String, Integer> kinds = new TreeMap<>();
        for (MeasuredCall call : calls) {
            KimiException failure = call.failure();
            if (failure != null) {
                kinds.merge((call.streamed() ? "stream, " : "whole, ") + how(failure), 1, Integer::sum);
            }
        }
        return kinds;
    }

    private static String how(KimiException failure) {
        String cause = failure.getCause() instanceof KimiException earlier ? " Before: " + how(earlier) : "";
        return failure.getClass().getSimpleName() + " " + failure.status() + ": " + failure.getMessage() + cause;
    }

    // ---- what happened twice

    /** Calls that ended twice, or got content of both services. */
    long deliveredTwice() {
        return count(MeasuredCall::isTwice);
    }

    Billing billing() {
        return billing;
    }

    // ---- when

    /**
     * Seconds from the fault until new calls begin elsewhere, but for one in a tenth of a second, which may be a probe;
     * null when they do not.
     */
    @Nullable Double secondsToMove() {
        int slots = (int) ((endNanos - beginNanos) / SLOT_NANOS);
        int[] atKimi = new int[slots + 1];
        long[] last = new long[slots + 1];
        for (MeasuredCall call : inFault()) {
            int slot = (int) ((call.startNanos() - beginNanos) / SLOT_NANOS);
            if (call.beganAtKimi()) {
                atKimi[slot]++;
                last[slot] = call.startNanos();
            }
        }
        for (int slot = slots; slot >= 0; slot--) {
            if (atKimi[slot] > 1) {
                return slot >= slots - 1 ? null : (last[slot] - beginNanos) / 1e9;
            }
        }
        return 0.0;
    }

    /**
     * Seconds from the fault until the last call had ended that was under way then, or was sent to Kimi before new
     * calls began elsewhere; without those that may not travel, which fail when they do.
     */
    double secondsToFree() {
        Double moved = secondsToMove();
        long until = moved == null ? endNanos : beginNanos + (long) (moved * 1e9);
        long last = calls.stream()
                .filter(call -> call.startNanos() <= until && call.triedKimi() && !isPerhapsPaid(call))
                .mapToLong(MeasuredCall::endNanos)
                .max()
                .orElse(beginNanos);
        return Math.max(0, last - beginNanos) / 1e9;
    }

    /** Seconds from the recovery to the last call that began elsewhere; null when the last ones of all did. */
    @Nullable Double secondsToReturn() {
        List<MeasuredCall> after =
                calls.stream().filter(call -> call.startNanos() >= endNanos).toList();
        int last = after.size() - 1;
        while (last >= 0 && after.get(last).beganAtKimi()) {
            last--;
        }
        if (last < 0) {
            return 0.0;
        }
        return last == after.size() - 1 ? null : (after.get(last).startNanos() - endNanos) / 1e9;
    }

    /** Milliseconds within which that part of the calls made during the fault had ended. */
    double millis(double part) {
        long[] times = inFault().stream()
                .mapToLong(call -> call.endNanos() - call.startNanos())
                .sorted()
                .toArray();
        return times.length == 0 ? 0 : times[(int) Math.min(times.length - 1, times.length * part)] / 1e6;
    }

    // ---- how much

    /**
     * What a thousand calls of those made during the fault cost, in the currency of the prices: each response that a
     * service began counts as a whole one.
     */
    double costOfThousand(ModelPrices kimi, ModelPrices claude) {
        Set<Integer> numbers = inFault().stream().map(MeasuredCall::number).collect(Collectors.toSet());
        double sum = costOf(billing.begunByKimi(), numbers, FailoverBenchmark.KIMI, kimi)
                + costOf(billing.begunByClaude(), numbers, FailoverBenchmark.CLAUDE, claude);
        return 1_000 * sum / Math.max(1, numbers.size());
    }

    private double costOf(List<Integer> begun, Set<Integer> numbers, String endpoint, ModelPrices prices) {
        long responses = begun.stream().filter(numbers::contains).count();
        BigDecimal each = calls.stream()
                .map(MeasuredCall::response)
                .filter(response -> response != null && endpoint.equals(response.endpoint()))
                .findFirst()
                .map(ChatResponse::usage)
                .map(prices::cost)
                .orElse(BigDecimal.ZERO);
        return responses * each.doubleValue();
    }

    private List<MeasuredCall> inFault() {
        return calls.stream()
                .filter(call -> call.startNanos() >= beginNanos && call.startNanos() < endNanos)
                .toList();
    }

    private long count(Predicate<MeasuredCall> which) {
        return calls.stream().filter(which).count();
    }
}
