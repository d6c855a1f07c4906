package dev.kimi.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MailboxTest {

    private final List<RuntimeException> failures = new ArrayList<>();

    private final Mailbox mailbox = new Mailbox(failures::add);

    @Test
    void a_task_handed_in_from_within_runs_after_its_giver() {
        List<String> order = new ArrayList<>();
        mailbox.run(() -> {
            mailbox.run(() -> order.add("inner"));
            order.add("outer");
        });
        assertThat(order).containsExactly("outer", "inner");
    }

    @Test
    void a_task_that_throws_is_reported_and_the_next_one_runs() {
        List<String> order = new ArrayList<>();
        mailbox.run(() -> {
            mailbox.run(() -> order.add("next"));
            throw new IllegalStateException("broken task");
        });
        mailbox.run(() -> order.add("later"));
        assertThat(order).containsExactly("next", "later");
        assertThat(failures).singleElement().satisfies(e -> assertThat(e).hasMessage("broken task"));
    }

    @Test
    void nobody_waits_while_another_thread_is_in_a_turn() throws InterruptedException {
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        List<Thread> ranOn = new ArrayList<>();
        Thread busy = new Thread(() -> mailbox.run(() -> {
            inTurn.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        busy.start();
        inTurn.await();

        mailbox.run(() -> ranOn.add(Thread.currentThread()));
        assertThat(ranOn).as("left to the busy thread").isEmpty();
        release.countDown();
        busy.join();

        assertThat(ranOn).containsExactly(busy);
    }

    @Test
    void what_is_handed_in_between_a_look_at_the_queue_and_what_follows_from_it_runs_too() {
        AtomicInteger handedIn = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        AtomicReference<Mailbox> watched = new AtomicReference<>();
        watched.set(new Mailbox(failures::add, new ConcurrentLinkedQueue<>() {
            @Override
            public @Nullable Runnable poll() {
                Runnable next = super.poll();
                // as another thread would that comes now; a look that finds nothing may be the last
                if (handedIn.get() < 3 || next == null) {
                    handedIn.incrementAndGet();
                    watched.get().run(ran::incrementAndGet);
                }
                return next;
            }
        }));

        watched.get().run(() -> watched.get().run(() -> {}));

        assertThat(handedIn.get()).isPositive();
        assertThat(ran).hasValue(handedIn.get());
    }

    @Test
    void turns_of_many_threads_never_overlap_and_none_is_lost() throws InterruptedException {
        int threads = 4;
        int each = 100_000;
        int[] plain = new int[1];
        CountDownLatch done = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            new Thread(() -> {
                        for (int i = 0; i < each; i++) {
                            mailbox.run(() -> plain[0]++);
                        }
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        int[] seen = new int[1];
        mailbox.run(() -> seen[0] = plain[0]);
        assertThat(seen[0]).isEqualTo(threads * each);
    }
}
