package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnedPartsTest {

    private final List<String> closed = new ArrayList<>();

    @Test
    void closes_the_youngest_first_and_each_once() {
        OwnedParts parts = new OwnedParts();
        parts.add((AutoCloseable) () -> closed.add("older"));
        parts.add((AutoCloseable) () -> closed.add("younger"));

        parts.close();
        parts.close();

        assertThat(closed).containsExactly("younger", "older");
    }

    @Test
    void one_that_fails_does_not_keep_the_others_open() {
        OwnedParts parts = new OwnedParts();
        parts.add((AutoCloseable) () -> closed.add("older"));
        parts.add((AutoCloseable) () -> {
            throw new IllegalStateException("broken on purpose");
        });

        parts.close();

        assertThat(closed).containsExactly("older");
    }

    @Test
    void leaves_alone_what_cannot_be_closed() {
        OwnedParts parts = new OwnedParts();

        assertThat(parts.add("a part")).isEqualTo("a part");
        parts.close();
    }
}
