package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
import dev.kimi.batch.WindowObservation;
import dev.kimi.chat.ChatRequest;
import dev.kimi.retry.RetryDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole runs in virtual time under random delays, rejections, closing and a window that throws, step by step. */
@Timeout(120)
class BatchWorldTest {

    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int ITEMS = 120;

    private final Logger logger = Logger.getLogger("dev.kimi.plugins");

    @BeforeEach
    void mute() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void unmute() {
        logger.setLevel(null);
    }

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    /** Permits anything, throws now and then, and checks what it gets. */
    private static final class RandomWindow implements BatchWindow {
        private final SplittableRandom random;
        private final ClientFixture service;
        private final Map<Integer, CallSample> lastOf = new HashMap<>();
        private final List<String> complaints = new ArrayList<>();
        private WindowObservation before = WindowObservation.builder().build();
        private int permitted = 1;
        private int throttled;
        private int succeeded;
        private long lastTick = -SECOND_NANOS;

        RandomWindow(SplittableRandom random, ClientFixture service) {
            this.random = random;
            this.service = service;
        }

        private void check(boolean holds, Object otherwise) {
            if (!holds) {
                complaints.add(otherwise.toString());
            }
        }

        private void mayThrow() {
            if (random.nextInt(20) == 0) {
                throw new IllegalStateException("a window that fails now and then");
            }
        }

        @Override
        public int permits(WindowObservation seen) {
            check(seen.nanoTime() == service.time.nanoTime(), "the clock is another: " + seen);
            check(
                    seen.inFlight() <= before.inFlight() || before.inFlight() < permitted,
                    permitted + " were permitted, but from " + before + " came " + seen);
            before = seen;
            mayThrow();
            permitted = 1 + random.nextInt(12);
            return permitted;
        }

        @Override
        public void sampled(CallSample sample) {
            CallSample last = lastOf.put(sample.index(), sample);
            check(last == null || !last.succeeded(), "more after the end: " + sample);
            check(sample.attempt() == (last == null ? 1 : last.attempt() + 1), "an attempt is missing: " + sample);
            check(last == null || last.queuedNanos() == sample.queuedNanos(), "queued twice: " + sample);
            long queued = sample.queuedNanos();
            long sent = sample.sentNanos().getAsLong();
            long ended = sample.endedNanos().getAsLong();
            long begun = sample.firstEventNanos().orElse(ended);
            check(queued <= sent && sent <= begun && begun <= ended, "out of order: " + sample);
            check(last == null || last.endedNanos().getAsLong() <= sent, "attempts overlap: " + sample);
            check(ended == service.time.nanoTime() || !sample.throttled(), "told late: " + sample);
            check(sample.succeeded() == sample.outputTokens() > 0, "tokens: " + sample);
            check(!sample.succeeded() || sample.firstEventNanos().isPresent(), "no beginning: " + sample);
            check(sample.inFlight() >= 1 || !sample.throttled(), "nothing in flight: " + sample);
            throttled += sample.throttled() ? 1 : 0;
            succeeded += sample.succeeded() ? 1 : 0;
            mayThrow();
        }

        @Override
        public void tick(WindowObservation seen, List<CallSample> inFlight) {
            check(seen.nanoTime() - lastTick >= SECOND_NANOS, "a tick too early: " + seen);
            lastTick = seen.nanoTime();
            check(inFlight.size() == seen.inFlight(), inFlight + " are not those in flight of " + seen);
            int index = -1;
            for (CallSample call : inFlight) {
                check(call.index() > index && call.endedNanos().isEmpty(), "not in order: " + inFlight);
                index = call.index();
            }
            mayThrow();
        }
    }

    private static ClientFixture.Reply reply(SplittableRandom random) {
        int chance = random.nextInt(100);
        if (chance < 4) {
            return new ClientFixture.Reply(429, "{}");
        }
        if (chance < 7) {
            return new ClientFixture.Reply(random.nextBoolean() ? 503 : 529, "{}");
        }
        if (chance < 9) {
            return new ClientFixture.Reply(400, "{}");
        }
        return new ClientFixture.Reply(
                200, ClientFixture.Reply.text("yes").body(), Duration.ofMillis(random.nextInt(3_000)));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void every_item_has_one_outcome_and_the_window_knows_all_of_it(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ClientFixture service = new ClientFixture(body -> reply(random));
        service.untilHead = () -> Duration.ofMillis(random.nextInt(2_000));
        RandomWindow window = new RandomWindow(random, service);
        Map<Integer, BatchResult> outcomes = new HashMap<>();
        try (KimiClient client = service.builder()
                .retryPolicy(attempt -> attempt.failure().status() == 400
                        ? RetryDecision.stop()
                        : RetryDecision.after(Duration.ofMillis(random.nextInt(5_000))))
                .build()) {
            BatchRun run = client.batch(
                    IntStream.range(0, ITEMS)
                            .mapToObj(i -> ChatRequest.of("question " + i))
                            .toList(),
                    BatchOptions.window(window));
            int closesAfter = random.nextInt(4) == 0 ? random.nextInt(300) : Integer.MAX_VALUE;
            Iterator<BatchResult> results = run.iterator();
            for (int step = 0; outcomes.size() < ITEMS && step < closesAfter; step++) {
                service.time.advanceToNext();
                boolean slow = random.nextInt(3) > 0;
                while (ended(run) > outcomes.size() && !(slow && service.time.pending() > 0)) {
                    take(results, outcomes);
                }
            }
            run.close();
            while (results.hasNext()) {
                take(results, outcomes);
            }

            BatchRun.Progress end = run.progress();
            long ended = service.time.nanoTime();
            // until the service has said to nobody what the cancelled calls no longer hear
            service.time.advance(Duration.ofSeconds(10));
            assertThat(window.complaints).isEmpty();
            assertThat(outcomes).hasSize(end.started()).hasSize(ended(run));
            assertThat(window.lastOf.keySet()).isEqualTo(outcomes.keySet());
            assertThat(window.succeeded).isEqualTo(end.succeeded());
            assertThat(window.throttled).isEqualTo((int) end.throttled());
            assertThat(end.inFlight()).isZero();
            assertThat(window.lastTick).isLessThanOrEqualTo(ended);
            assertThat(service.time.pending()).isZero();
        }
    }

    private static int ended(BatchRun run) {
        BatchRun.Progress now = run.progress();
        return now.succeeded() + now.failed();
    }

    private static void take(Iterator<BatchResult> results, Map<Integer, BatchResult> outcomes) {
        BatchResult result = results.next();
        assertThat(outcomes.put(result.index(), result)).isNull();
    }
}
