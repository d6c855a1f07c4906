package dev.kimi.gateway.key.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.gateway.key.SpendingStore;
import dev.kimi.gateway.key.SpendingStore.Spending;
import dev.kimi.time.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSpendingStoreTest extends SpendingStoreContract {

    @TempDir
    private Path folder;

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-27T22:00:00Z"));

    @Override
    SpendingStore store(String instance) {
        return new FileSpendingStore(folder.resolve("spending.json"), instance, time);
    }

    @Override
    void minutePasses() {
        time.advance(Duration.ofMinutes(1));
    }

    @Test
    void rows_are_dropped_two_months_after_their_period() throws IOException {
        store("one").publish(List.of(new Spending("a", "2026-11-27", 5, 0), new Spending("a", "2026-11", 5, 0)));
        time.advance(Duration.ofDays(60));
        store("two").publish(List.of());
        assertThat(Files.readString(folder.resolve("spending.json"))).contains("\"2026-11\"");

        time.advance(Duration.ofDays(10));
        store("two").publish(List.of());

        assertThat(Files.readString(folder.resolve("spending.json"))).doesNotContain("\"2026-11\"", "one");
        assertThat(store("three").others(NOW)).isEmpty();
    }

    @Test
    void a_file_that_says_something_else_is_not_taken_for_nothing_spent() throws IOException {
        Files.writeString(folder.resolve("spending.json"), "{}");

        assertThatThrownBy(() -> store("one").others(NOW))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("spending.json", "Move it away");
    }
}
