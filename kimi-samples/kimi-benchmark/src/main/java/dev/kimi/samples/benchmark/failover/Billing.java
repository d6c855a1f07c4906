package dev.kimi.samples.benchmark.failover;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the two services count: for each the numbers of the calls whose response they began, and of those whose response
 * they completed. A number stands there as often as that happened.
 */
record Billing(
        List<Integer> begunByKimi,
        List<Integer> completedByKimi,
        List<Integer> begunByClaude,
        List<Integer> completedByClaude) {

    /** @param line as {@link ServicesMain} writes it */
    static Billing parse(String line) {
        String[] lists = line.split(";", -1);
        return new Billing(numbers(lists[0]), numbers(lists[1]), numbers(lists[2]), numbers(lists[3]));
    }

    private static List<Integer> numbers(String list) {
        return list.isEmpty()
                ? List.of()
                : Arrays.stream(list.split(",")).map(Integer::valueOf).toList();
    }

    /** Calls that got more than one whole response. */
    long completedTwice() {
        return twice(completedByKimi, completedByClaude);
    }

    /** Calls for which more than one response was begun. */
    long begunTwice() {
        return twice(begunByKimi, begunByClaude);
    }

    private static long twice(List<Integer> here, List<Integer> there) {
        Map<Integer, Integer> counts = new HashMap<>();
        here.forEach(call -> counts.merge(call, 1, Integer::sum));
        there.forEach(call -> counts.merge(call, 1, Integer::sum));
        return counts.values().stream().filter(count -> count > 1).count();
    }
}
