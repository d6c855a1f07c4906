package dev.kimi.sim;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Draws from a seed, without floating point, so that a draw is the same on every machine. */
final class Chance implements RandomGenerator {

    private final SplittableRandom random;

    Chance(long seed) {
        this(new SplittableRandom(seed));
    }

    private Chance(SplittableRandom random) {
        this.random = random;
    }

    @Override
    public long nextLong() {
        return random.nextLong();
    }

    /** A source of its own: what is drawn from it does not depend on who else draws when. */
    Chance fork() {
        return new Chance(random.split());
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    int between(int from, int to) {
        return from + random.nextInt(to - from + 1);
    }

    boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }

    boolean percent(int share) {
        return random.nextInt(100) < share;
    }

    /** Nanoseconds from 1 up to the bound, small ones as likely as large ones: each doubling weighs the same. */
    long nanos(long from, long bound) {
        int doublings = 64 - Long.numberOfLeadingZeros(bound / from);
        long base = from << random.nextInt(doublings);
        return Math.min(bound, base + random.nextLong(base));
    }

    long millis(long from, long bound) {
        return nanos(from * 1_000_000, bound * 1_000_000);
    }
}
