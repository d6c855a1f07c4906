package dev.kimi.gateway.key;

import static dev.kimi.gateway.key.KeyFixture.chat;
import static dev.kimi.gateway.key.KeyFixture.places;
import static dev.kimi.gateway.key.KeyFixture.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.time.TimeSource;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class KeyMeterRaceTest {

    /** Stops one thread in the middle of what it does to the meter, until the other has come as far as it can. */
    private static final class Halt implements TimeSource {
        private final AtomicReference<@Nullable CountDownLatch> halted = new AtomicReference<>();
        private final CountDownLatch goOn = new CountDownLatch(1);

        private CountDownLatch next() {
            CountDownLatch reached = new CountDownLatch(1);
            halted.set(reached);
            return reached;
        }

        @Override
        public Instant now() {
            return KeyFixture.START;
        }

        /** Read between what is checked and what is taken. */
        @Override
        public long nanoTime() {
            CountDownLatch reached = halted.getAndSet(null);
            if (reached != null) {
                reached.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return 0;
        }
    }

    private final Halt time = new Halt();

    @Test
    void of_two_calls_that_come_for_the_last_place_one_gets_it() throws Exception {
        KeyMeter meter = new KeyMeter(KeyFixture.key("build", places(1, 0)), KeyFixture.settings(time));

        List<Boolean> got = interleaved(() -> admits(meter), () -> admits(meter));

        assertThat(got).containsExactlyInAnyOrder(true, false);
        assertThat(meter.usage().inFlight()).isEqualTo(1);
    }

    @Test
    void settling_on_two_threads_counts_once() throws Exception {
        KeyMeter meter = new KeyMeter(KeyFixture.key("build", places(5, 0)), KeyFixture.settings(time));
        meter.admit(chat(1, 1));
        Admission admission = meter.admit(chat(1, 1));

        interleaved(() -> settles(admission), () -> settles(admission));

        assertThat(meter.usage().inFlight()).isEqualTo(1);
        assertThat(meter.usage().spentToday()).isEqualByComparingTo("0.000011");
    }

    @Test
    void a_reload_amid_an_admission_loses_neither_place_nor_limit() throws Exception {
        KeyMeter meter = new KeyMeter(KeyFixture.key("build", places(1, 0)), KeyFixture.settings(time));

        List<Boolean> got = interleaved(() -> admits(meter), () -> {
            meter.change(KeyFixture.key("build", places(2, 0)));
            return admits(meter);
        });

        assertThat(got).containsExactly(true, true);
        assertThat(meter.usage().inFlight()).isEqualTo(2);
        assertThat(admits(meter)).isFalse();
    }

    private static boolean admits(KeyMeter meter) {
        try {
            meter.admit(chat(1, 1));
            return true;
        } catch (GatewayException e) {
            return false;
        }
    }

    private static boolean settles(Admission admission) {
        admission.settle(usage(1, 1), null, true);
        return true;
    }

    /** The first stops within, and the second runs until it has ended or waits for the first. */
    private List<Boolean> interleaved(Callable<Boolean> first, Callable<Boolean> second) throws Exception {
        CountDownLatch halted = time.next();
        FutureTask<Boolean> one = new FutureTask<>(first);
        new Thread(one, "first").start();
        halted.await();
        FutureTask<Boolean> two = new FutureTask<>(second);
        Thread other = new Thread(two, "second");
        other.start();
        awaitEndOrBlock(other, two);
        time.goOn.countDown();
        return List.of(one.get(), two.get());
    }

    private static void awaitEndOrBlock(Thread thread, Future<?> task) {
        while (!task.isDone() && thread.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
        }
    }
}
