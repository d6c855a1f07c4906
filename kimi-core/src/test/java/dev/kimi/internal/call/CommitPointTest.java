package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class CommitPointTest {

    @Test
    void who_has_committed_may_deliver_on_and_the_other_never() {
        CommitPoint point = new CommitPoint();

        assertThat(point.commit(CommitPoint.SECOND)).isTrue();
        assertThat(point.commit(CommitPoint.SECOND)).isTrue();
        assertThat(point.commit(CommitPoint.FIRST)).isFalse();
        assertThat(point.kill(CommitPoint.SECOND)).isFalse();
        assertThat(point.kill(CommitPoint.FIRST)).isTrue();
    }

    @Test
    void a_dead_side_leaves_the_right_to_deliver_to_the_other() {
        CommitPoint point = new CommitPoint();

        assertThat(point.kill(CommitPoint.FIRST)).isTrue();
        assertThat(point.kill(CommitPoint.FIRST)).isTrue();
        assertThat(point.commit(CommitPoint.FIRST)).isFalse();
        assertThat(point.commit(CommitPoint.SECOND)).isTrue();
        assertThat(point.committed(CommitPoint.FIRST)).isFalse();
    }

    @Test
    void of_two_threads_that_commit_at_once_one_may_deliver() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        CyclicBarrier together = new CyclicBarrier(2);
        try {
            for (int i = 0; i < 2_000; i++) {
                CommitPoint point = new CommitPoint();
                CompletableFuture<Boolean> one =
                        CompletableFuture.supplyAsync(() -> commit(point, CommitPoint.FIRST, together), threads);
                CompletableFuture<Boolean> other =
                        CompletableFuture.supplyAsync(() -> commit(point, CommitPoint.SECOND, together), threads);

                assertThat(one.get()).isNotEqualTo(other.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static boolean commit(CommitPoint point, int side, CyclicBarrier together) {
        try {
            together.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return point.commit(side);
    }
}
