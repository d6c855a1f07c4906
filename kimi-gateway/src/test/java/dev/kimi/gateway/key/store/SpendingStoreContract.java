package dev.kimi.gateway.key.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.key.SpendingStore;
import dev.kimi.gateway.key.SpendingStore.Spending;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for every store of what was spent. */
abstract class SpendingStoreContract {

    static final Set<String> NOW = Set.of("2026-11-27", "2026-11");

    /** As the instance sees it. */
    abstract SpendingStore store(String instance);

    /** Lets a time pass in which an instance that has not published is taken for dead. */
    abstract void minutePasses();

    @Test
    void nothing_is_spent_at_first() {
        assertThat(store("one").others(NOW)).isEmpty();
    }

    @Test
    void others_see_the_sum_and_nobody_sees_what_is_its_own() {
        store("one").publish(List.of(new Spending("a", "2026-11-27", 5, 1), new Spending("a", "2026-11", 50, 1)));
        store("two").publish(List.of(new Spending("a", "2026-11-27", 7, 2), new Spending("b", "2026-11", 9, 0)));

        assertThat(store("three").others(NOW))
                .containsExactlyInAnyOrder(
                        new Spending("a", "2026-11-27", 12, 3),
                        new Spending("a", "2026-11", 50, 1),
                        new Spending("b", "2026-11", 9, 0));
        assertThat(store("one").others(NOW))
                .containsExactlyInAnyOrder(new Spending("a", "2026-11-27", 7, 2), new Spending("b", "2026-11", 9, 0));
        assertThat(store("three").others(Set.of("2026-11-28"))).isEmpty();
    }

    @Test
    void publishing_again_replaces_and_does_not_add() {
        SpendingStore one = store("one");
        one.publish(List.of(new Spending("a", "2026-11-27", 5, 1), new Spending("b", "2026-11-27", 1, 0)));
        one.publish(List.of(new Spending("a", "2026-11-27", 6, 0)));
        one.publish(List.of(new Spending("a", "2026-11-27", 6, 0)));

        assertThat(store("two").others(NOW))
                .containsExactlyInAnyOrder(
                        new Spending("a", "2026-11-27", 6, 0), new Spending("b", "2026-11-27", 1, 0));
    }

    @Test
    void what_a_dead_instance_held_open_counts_no_more_and_what_it_spent_stays() {
        store("dead").publish(List.of(new Spending("a", "2026-11-27", 5, 100)));
        SpendingStore other = store("other");
        assertThat(other.others(NOW)).containsExactly(new Spending("a", "2026-11-27", 5, 100));

        minutePasses();

        assertThat(other.others(NOW)).containsExactly(new Spending("a", "2026-11-27", 5, 0));
    }
}
