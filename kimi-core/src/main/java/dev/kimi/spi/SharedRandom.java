package dev.kimi.spi;

import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/** Uncontended randomness for many threads behind one object. */
final class SharedRandom implements RandomGenerator {
    @Override
    public long nextLong() {
        return ThreadLocalRandom.current().nextLong();
    }
}
