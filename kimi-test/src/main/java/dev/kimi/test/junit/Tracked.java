package dev.kimi.test.junit;

import dev.kimi.Diagnostics.OpenCall;
import dev.kimi.KimiClient;
import dev.kimi.time.Timer;
import dev.kimi.transport.PoolState;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Something that has to be after a test as it was before. */
interface Tracked {

    /** Takes what is there now as not the coming test's doing. */
    void mark();

    /** What is there, and was not at the mark. */
    List<String> leaks();

    /** Calls and streams, each with its number, so that what is old is known for certain. */
    final class Calls implements Tracked {

        private final KimiClient client;
        private volatile Set<Long> before = Set.of();

        Calls(KimiClient client) {
            this.client = client;
        }

        @Override
        public void mark() {
            before = client.openCalls().stream().map(OpenCall::number).collect(Collectors.toSet());
        }

        @Override
        public List<String> leaks() {
            return client.openCalls().stream()
                    .filter(open -> !before.contains(open.number()))
                    .map(this::describe)
                    .toList();
        }

        private String describe(OpenCall open) {
            String place = open.madeAt() == null ? "" : " (made at " + open.madeAt() + ")";
            return "the client '" + client.name() + "' still has a " + open.what() + place;
        }
    }

    /** A pool reports numbers only, so that an unchanged number is taken for the same ones. */
    final class Pool implements Tracked {

        private final String whose;
        private final Supplier<PoolState> state;
        private volatile PoolState before = PoolState.UNKNOWN;

        Pool(String whose, Supplier<PoolState> state) {
            this.whose = whose;
            this.state = state;
        }

        /** Idle connections. */
        int idle() {
            return Math.max(0, state.get().idle());
        }

        @Override
        public void mark() {
            before = state.get();
        }

        @Override
        public List<String> leaks() {
            PoolState now = state.get();
            int active = more(now.active(), before.active());
            int exchanges = more(now.exchanges(), before.exchanges());
            int pending = more(now.pending(), before.pending());
            if (active + exchanges + pending == 0) {
                return List.of();
            }
            return List.of("the pool of " + whose + " still has " + active + " connection(s) in use, " + exchanges
                    + " exchange(s) and " + pending + " waiting");
        }

        /** A pool that does not know says so with a number below zero. */
        private static int more(int now, int before) {
            return Math.max(0, now - Math.max(0, before));
        }
    }

    /** A timer reports a number only, as a pool does. */
    final class Tasks implements Tracked {

        private final Timer timer;
        private volatile int before;

        Tasks(Timer timer) {
            this.timer = timer;
        }

        @Override
        public void mark() {
            before = timer.pending();
        }

        @Override
        public List<String> leaks() {
            int more = timer.pending() - before;
            return more > 0 ? List.of("the timer still has " + more + " task(s) scheduled") : List.of();
        }
    }
}
