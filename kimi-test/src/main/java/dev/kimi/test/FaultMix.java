package dev.kimi.test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Faults injected among the requests: some share of all, or one at a certain place. Immutable; every {@code with…}
 * returns a copy. Which request gets which fault depends on the seed and on its position alone, so that a run with the
 * same number of requests sees the same faults.
 */
public final class FaultMix {

    private final long seed;
    private final List<Share> shares;
    private final Map<Long, Reply> single;

    private FaultMix(long seed, List<Share> shares, Map<Long, Reply> single) {
        this.seed = seed;
        this.shares = shares;
        this.single = single;
    }

    private record Share(double upTo, Reply reply) {}

    /** No faults yet. */
    public static FaultMix seeded(long seed) {
        return new FaultMix(seed, List.of(), Map.of());
    }

    /**
     * Gives a share of all requests this reply.
     *
     * @param share from 0 to 1; 0.05 is one in twenty
     * @throws IllegalArgumentException if the shares add up to more than 1
     */
    public FaultMix with(double share, Reply reply) {
        double from = shares.isEmpty() ? 0 : shares.get(shares.size() - 1).upTo();
        if (share < 0 || from + share > 1) {
            throw new IllegalArgumentException("the shares of faults must add up to at most 1, not " + (from + share));
        }
        List<Share> more = new ArrayList<>(shares);
        more.add(new Share(from + share, reply));
        return new FaultMix(seed, List.copyOf(more), single);
    }

    /** Gives the request at this position this reply; the first request after the mix was set is number 1. */
    public FaultMix withOneAt(long request, Reply reply) {
        Map<Long, Reply> more = new HashMap<>(single);
        more.put(request, reply);
        return new FaultMix(seed, shares, Map.copyOf(more));
    }

    @Nullable Reply at(long request) {
        Reply one = single.get(request);
        if (one != null || shares.isEmpty()) {
            return one;
        }
        double drawn = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + request).nextDouble();
        for (Share share : shares) {
            if (drawn < share.upTo()) {
                return share.reply();
            }
        }
        return null;
    }
}
