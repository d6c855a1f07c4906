package dev.kimi.gateway.key;

import static dev.kimi.gateway.key.KeyFixture.budgets;
import static dev.kimi.gateway.key.KeyFixture.chat;
import static dev.kimi.gateway.key.KeyFixture.key;
import static dev.kimi.gateway.key.KeyFixture.rejection;
import static dev.kimi.gateway.key.KeyFixture.settle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.dialect.GatewayError.Kind;
import dev.kimi.time.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UpkeepTest {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final VirtualTime time = new VirtualTime(KeyFixture.START);
    private final MemoryStores stores = new MemoryStores();

    /** A run of a gateway. */
    private final class Instance {
        private final StoredKeys keys;
        private final Upkeep upkeep;

        private Instance(String name) {
            keys = new StoredKeys(stores, KeyFixture.settings(time), new SecureRandom(), Runnable::run);
            SpendingSync sync = new SpendingSync(
                    stores.spending(name), keys::ring, KeyFixture.settings(time).periods(), time);
            upkeep = new Upkeep(keys, sync, time, Runnable::run, INTERVAL);
            upkeep.start();
        }

        private Admission admit() {
            return meter().admit(chat(1000, 300));
        }

        private KeyMeter meter() {
            KeyMeter meter = keys.ring().meter("build");
            assertThat(meter).isNotNull();
            return meter;
        }
    }

    @BeforeEach
    void a_key_with_a_budget() {
        stores.put(key("build", "text", budgets("1", "5")));
    }

    @Test
    void what_was_spent_survives_a_restart() {
        Instance first = new Instance("first");
        settle(first.admit(), "0.6");
        first.upkeep.close();

        Instance second = new Instance("second");

        assertThat(second.keys.usage("build").spentToday()).isEqualByComparingTo("0.6");
        settle(second.admit(), "0.4");
        assertThat(rejection(second.meter(), chat(1, 1)).kind()).isEqualTo(Kind.BUDGET);
    }

    @Test
    void a_process_that_is_killed_loses_what_it_spent_since_the_last_interval() {
        Instance killed = new Instance("killed");
        settle(killed.admit(), "0.5");
        time.advance(INTERVAL);
        settle(killed.admit(), "0.25");

        Instance next = new Instance("next");

        assertThat(next.keys.usage("build").spentToday()).isEqualByComparingTo("0.5");
    }

    @Test
    void instances_share_what_is_spent_and_what_is_reserved() {
        Instance one = new Instance("one");
        Instance two = new Instance("two");
        settle(one.admit(), "0.7");
        Admission open = one.admit();
        time.advance(INTERVAL);
        time.advance(INTERVAL);

        assertThat(two.keys.usage("build").spentToday()).isEqualByComparingTo("0.7");
        assertThat(two.keys.usage("build").reserved()).isEqualByComparingTo("0.004");
        settle(two.admit(), "0.3");
        assertThat(rejection(two.meter(), chat(1, 1)).kind()).isEqualTo(Kind.BUDGET);
        one.admit();
        time.advance(INTERVAL);
        time.advance(INTERVAL);
        assertThat(rejection(one.meter(), chat(1, 1)).kind()).isEqualTo(Kind.BUDGET);
        settle(open, "0.001");
        time.advance(INTERVAL);
        time.advance(INTERVAL);
        assertThat(two.keys.usage("build").spentToday()).isEqualByComparingTo("1.001");
    }

    @Test
    void a_day_that_has_ended_is_still_written() {
        Instance one = new Instance("one");
        time.advance(Duration.ofHours(2).minusMillis(1));
        settle(one.admit(), "0.7");
        time.advance(Duration.ofMillis(1));
        settle(one.admit(), "0.2");
        time.advance(INTERVAL);

        assertThat(stores.rowsOf("one"))
                .contains(
                        new SpendingStore.Spending("build", "2026-11-27", 700_000_000, 0),
                        new SpendingStore.Spending("build", "2026-11-28", 200_000_000, 0),
                        new SpendingStore.Spending("build", "2026-11", 900_000_000, 0));
    }

    @Test
    void a_store_that_fails_is_logged_once_and_what_is_known_stays() {
        Instance one = new Instance("one");
        try (LogLines lines = new LogLines("dev.kimi.gateway.keys")) {
            stores.failWith(new UncheckedIOException("keys.json is broken", new IOException()));
            time.advance(Duration.ofSeconds(5));
            settle(one.admit(), "0.5");
            assertThat(lines.all())
                    .hasSize(2)
                    .allMatch(line -> line.startsWith("SEVERE") && line.contains("is broken"));

            stores.failWith(null);
            time.advance(INTERVAL);

            assertThat(lines.all()).hasSize(4).last().asString().startsWith("INFO");
        }

        assertThat(stores.rowsOf("one")).anyMatch(row -> row.spent() == 500_000_000);
    }

    @Test
    void a_call_in_flight_is_written_again_so_that_others_go_on_counting_it() {
        Instance one = new Instance("one");
        one.admit();
        time.advance(INTERVAL);
        List<SpendingStore.Spending> first = stores.rowsOf("one");
        stores.spending("one").publish(List.of(new SpendingStore.Spending("build", "2026-11-27", 0, 0)));

        time.advance(Duration.ofSeconds(14));
        assertThat(stores.rowsOf("one")).isNotEqualTo(first);
        time.advance(INTERVAL);
        assertThat(stores.rowsOf("one")).isEqualTo(first);
    }
}
