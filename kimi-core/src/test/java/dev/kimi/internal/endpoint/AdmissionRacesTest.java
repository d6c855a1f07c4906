package dev.kimi.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Reservation;
import dev.kimi.quota.Settlement;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens to calls that wait while their quota is deciding. A thread that waits for a lock cannot be freed. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AdmissionRacesTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final VirtualTime time = new VirtualTime();
    private final ScriptedQuota quota = new ScriptedQuota();
    private final Admission admission = new Admission("account", quota, time, time);
    private final List<String> events = new ArrayList<>();
    private final ExecutorService otherThread = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        otherThread.shutdownNow();
    }

    /** A call that notes what it is notified of. */
    private final class Call implements Admission.Waiter {
        private final String name;
        private final long deadline;

        Call(String name, long deadline) {
            this.name = name;
            this.deadline = deadline;
        }

        @Override
        public QuotaRequest quotaRequest() {
            return QuotaRequest.builder("account").model(name).build();
        }

        @Override
        public long deadlineNanos() {
            return deadline;
        }

        @Override
        public boolean isAbandoned() {
            return false;
        }

        @Override
        public void admitted(Reservation reservation) {
            assertThat(Thread.holdsLock(admission)).isFalse();
            events.add(name + " admitted");
        }

        @Override
        public void queueFull() {
            events.add(name + " queue full");
        }

        @Override
        public void neverFits(String reason) {
            events.add(name + " " + reason);
        }
    }

    private final class ScriptedQuota implements Quota {
        private volatile boolean open;
        private Runnable within = () -> {};
        private Runnable whenSettled = () -> {};
        private Runnable whenSubscribed = () -> {};
        private volatile Runnable onCapacity = () -> {};
        private int asked;
        private int subscribed;
        private int unsubscribed;

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            assertThat(Thread.holdsLock(admission)).isFalse();
            asked++;
            // it has made up its mind, and what comes now it has not seen
            boolean yes = open;
            within.run();
            return yes ? QuotaDecision.granted(settlement -> settled(request, settlement)) : QuotaDecision.later(HOUR);
        }

        private void settled(QuotaRequest request, Settlement settlement) {
            assertThat(Thread.holdsLock(admission)).isFalse();
            events.add(request.model() + " settled " + settlement.outcome());
            whenSettled.run();
        }

        @Override
        public void reset() {
            assertThat(Thread.holdsLock(admission)).isFalse();
        }

        @Override
        public Subscription subscribe(String account, Runnable notified) {
            assertThat(Thread.holdsLock(admission)).isFalse();
            assertThat(account).isEqualTo("account");
            subscribed++;
            onCapacity = notified;
            whenSubscribed.run();
            return () -> {
                assertThat(Thread.holdsLock(admission)).isFalse();
                unsubscribed++;
            };
        }
    }

    /** Lets the quota decide on another thread, and stand still there until {@link #goOn}. */
    private final class StandStill {
        private final CountDownLatch deciding = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final CompletableFuture<Void> done;

        StandStill(Runnable asks) {
            quota.within = () -> {
                quota.within = () -> {};
                deciding.countDown();
                await(goOn);
            };
            done = CompletableFuture.runAsync(asks, otherThread);
            await(deciding);
        }

        void goOn() throws Exception {
            goOn.countDown();
            done.get();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Call waiting(String name) {
        Call call = new Call(name, 1);
        admission.enter(call);
        assertThat(admission.waiting()).isPositive();
        return call;
    }

    @Test
    void what_is_granted_to_a_call_that_has_left_meanwhile_is_settled_as_not_counted() throws Exception {
        Call left = waiting("left");
        quota.open = true;
        StandStill deciding = new StandStill(admission::lookAgain);

        admission.leave(left);
        assertThat(admission.waiting()).isZero();
        assertThat(events).isEmpty();
        deciding.goOn();

        assertThat(events).containsExactly("left settled NOT_COUNTED");
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_call_that_is_settled_while_the_quota_decides_lets_the_next_one_in() throws Exception {
        waiting("next");
        StandStill deciding = new StandStill(admission::lookAgain);

        quota.whenSettled = () -> quota.open = true;
        admission.settle(settlement -> quota.whenSettled.run(), Settlement.completed(0, 0));
        deciding.goOn();

        assertThat(events).containsExactly("next admitted");
        assertThat(time.pending()).isZero();
    }

    @Test
    void capacity_that_the_quota_notifies_of_while_it_decides_is_not_lost() throws Exception {
        waiting("next");
        StandStill deciding = new StandStill(admission::lookAgain);

        quota.open = true;
        quota.onCapacity.run();
        deciding.goOn();

        assertThat(events).containsExactly("next admitted");
    }

    @Test
    void capacity_that_comes_before_a_call_is_in_the_queue_is_not_lost() throws Exception {
        StandStill deciding = new StandStill(() -> admission.enter(new Call("first", 1)));

        quota.open = true;
        admission.lookAgain();
        deciding.goOn();

        assertThat(events).containsExactly("first admitted");
    }

    @Test
    void nobody_overtakes_the_first_while_the_quota_decides_about_it() throws Exception {
        waiting("first");
        quota.open = true;
        StandStill deciding = new StandStill(admission::lookAgain);

        for (String name : List.of("second", "third", "fourth")) {
            admission.enter(new Call(name, 1));
        }
        admission.enter(new Call("urgent", 0));
        assertThat(events).isEmpty();
        deciding.goOn();

        assertThat(events)
                .containsExactly(
                        "first admitted", "urgent admitted", "second admitted", "third admitted", "fourth admitted");
    }

    @Test
    void of_equal_deadlines_who_came_first_is_admitted_first() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting("call " + i);
            expected.add("call " + i + " admitted");
        }

        quota.open = true;
        quota.onCapacity.run();

        assertThat(events).containsExactlyElementsOf(expected);
    }

    @Test
    void other_limits_hold_at_once_for_those_that_wait_although_the_old_quota_is_still_deciding() throws Exception {
        waiting("first");
        StandStill deciding = new StandStill(admission::lookAgain);

        admission.limitBy(Quota.unlimited()).close();
        admission.lookAgain();
        deciding.goOn();

        assertThat(events).containsExactly("first admitted");
        assertThat(quota.unsubscribed).isEqualTo(1);
    }

    @Test
    void a_quota_may_do_anything_with_the_client_from_within_its_decision() {
        Call left = waiting("left");
        waiting("stays");
        quota.within = () -> {
            quota.within = () -> {};
            admission.enter(new Call("entered", 1));
            admission.leave(left);
            admission.resetQuota();
            quota.onCapacity.run();
        };

        admission.lookAgain();
        assertThat(events).isEmpty();
        assertThat(admission.waiting()).isEqualTo(2);
        quota.open = true;
        quota.onCapacity.run();

        assertThat(events).containsExactly("stays admitted", "entered admitted");
    }

    @Test
    void a_quota_that_notifies_of_capacity_within_every_decision_is_called_again_after_a_millisecond() {
        quota.within = () -> quota.onCapacity.run();
        waiting("first");
        int before = quota.asked;

        time.advance(Duration.ofMillis(5));

        assertThat(quota.asked - before).isEqualTo(5);
    }

    @Test
    void an_account_subscribes_when_the_first_call_waits_and_once() {
        quota.open = true;
        admission.enter(new Call("passes", 1));
        assertThat(quota.subscribed).isZero();

        quota.open = false;
        Call first = waiting("first");
        waiting("second");
        admission.leave(first);
        assertThat(quota.subscribed).isEqualTo(1);

        admission.limitBy(Quota.unlimited()).close();
        admission.limitBy(Quota.unlimited()).close();
        assertThat(quota.unsubscribed).isEqualTo(1);
    }

    @Test
    void a_subscription_that_is_made_while_other_limits_take_over_is_closed() {
        quota.whenSubscribed = () -> admission.limitBy(Quota.unlimited()).close();

        admission.enter(new Call("first", 1));

        assertThat(quota.subscribed).isEqualTo(1);
        assertThat(quota.unsubscribed).isEqualTo(1);
    }

    @Test
    void a_quota_that_fails_to_subscribe_is_used_all_the_same() {
        quota.whenSubscribed = () -> {
            throw new IllegalStateException("broken quota");
        };
        waiting("first");

        quota.open = true;
        time.advance(HOUR);

        assertThat(events).containsExactly("first admitted");
    }

    @Test
    void an_error_from_within_a_decision_does_not_close_the_queue_for_ever() {
        waiting("first");
        quota.within = () -> {
            throw new StackOverflowError("of the quota");
        };
        assertThatThrownBy(admission::lookAgain).isInstanceOf(StackOverflowError.class);

        quota.within = () -> {};
        quota.open = true;
        admission.lookAgain();

        assertThat(events).containsExactly("first admitted");
    }

    @Test
    void a_delay_beyond_any_clock_is_a_long_one() {
        Admission late =
                new Admission("account", r -> QuotaDecision.later(Duration.ofSeconds(Long.MAX_VALUE)), time, time);

        late.enter(new Call("first", 1));

        assertThat(late.waiting()).isEqualTo(1);
        assertThat(time.pending()).isEqualTo(1);
    }

    /** Threads enter, leave and settle as they like: each call ends once, and each reservation is settled once. */
    @Test
    void many_threads_lose_neither_a_call_nor_a_reservation() throws Exception {
        Ledger ledger = new Ledger();
        Admission busy = new Admission("account", ledger, time, time);
        int threads = 4;
        int calls = 3_000;
        CountDownLatch ended = new CountDownLatch(threads * calls);
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        List<Future<?>> done = new ArrayList<>();
        try {
            for (int t = 0; t < threads; t++) {
                done.add(workers.submit(() -> {
                    for (int i = 0; i < calls; i++) {
                        Passing call = new Passing(busy, ended);
                        busy.enter(call);
                        if (i % 3 == 0) {
                            call.leave();
                        }
                    }
                }));
            }
            for (Future<?> worker : done) {
                worker.get();
            }
            await(ended);
        } finally {
            workers.shutdownNow();
        }
        assertThat(busy.waiting()).isZero();
        assertThat(ledger.held).hasValue(0);
        assertThat(ledger.twice).hasValue(0);
    }

    /** Three places, and word from the quota itself when one becomes free. */
    private static final class Ledger implements Quota {
        private final AtomicInteger held = new AtomicInteger();
        private final AtomicInteger twice = new AtomicInteger();

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            if (held.incrementAndGet() > 3) {
                held.decrementAndGet();
                Thread.yield();
                return QuotaDecision.later(HOUR);
            }
            AtomicInteger settled = new AtomicInteger();
            return QuotaDecision.granted(settlement -> {
                held.decrementAndGet();
                twice.addAndGet(settled.getAndIncrement());
            });
        }
    }

    /** A call that is over once it was admitted, unless it left before. */
    private static final class Passing implements Admission.Waiter {
        private final Admission in;
        private final CountDownLatch ended;
        private final AtomicInteger ends = new AtomicInteger();

        Passing(Admission in, CountDownLatch ended) {
            this.in = in;
            this.ended = ended;
        }

        void leave() {
            if (ends.getAndIncrement() == 0) {
                ended.countDown();
            }
            in.leave(this);
        }

        @Override
        public QuotaRequest quotaRequest() {
            return QuotaRequest.builder("account").build();
        }

        @Override
        public long deadlineNanos() {
            return 1;
        }

        @Override
        public boolean isAbandoned() {
            return false;
        }

        @Override
        public void admitted(Reservation reservation) {
            boolean goesOn = ends.getAndIncrement() == 0;
            in.settle(reservation, goesOn ? Settlement.completed(0, 0) : Settlement.notCounted());
            if (goesOn) {
                ended.countDown();
            }
        }

        @Override
        public void queueFull() {
            throw new AssertionError("the queue is full");
        }

        @Override
        public void neverFits(String reason) {
            throw new AssertionError(reason);
        }
    }
}
