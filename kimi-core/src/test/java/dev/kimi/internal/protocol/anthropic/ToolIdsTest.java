package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ToolIdsTest {

    private final ToolIds ids = new ToolIds();

    @Test
    void a_lawful_id_stays_as_it_is() {
        assertThat(ids.ofCall("toolu_01Ab-9")).isEqualTo("toolu_01Ab-9");
        assertThat(ids.ofResult("toolu_01Ab-9")).isEqualTo("toolu_01Ab-9");
        assertThat(ids.ofCall("7")).isEqualTo("7");
        assertThat(ids.ofCall("x".repeat(64))).isEqualTo("x".repeat(64));
    }

    @Test
    void ids_that_differ_only_in_what_cannot_be_written_stay_different() {
        assertThat(ids.ofCall("functions.add:0")).isNotEqualTo(ids.ofCall("functions_add:0"));
        assertThat(ids.ofResult("functions.add:0")).isNotEqualTo(ids.ofResult("functions_add:0"));
    }

    @Test
    void an_id_that_comes_again_in_a_later_turn_is_another_one_with_its_own_result() {
        ids.turn();
        String first = ids.ofCall("add:0");
        assertThat(ids.ofResult("add:0")).isEqualTo(first);
        ids.turn();
        String second = ids.ofCall("add:0");

        assertThat(first).startsWith("add_0-");
        assertThat(second).isEqualTo(first + "-2");
        assertThat(ids.ofResult("add:0")).isEqualTo(second);
        assertThat(ids.ofResult("add:0")).as("a second result").isEqualTo(second);
    }

    @Test
    void results_of_calls_of_one_turn_with_the_same_id_come_in_the_order_of_the_calls() {
        ids.turn();
        List<String> calls = List.of(ids.ofCall(""), ids.ofCall(""), ids.ofCall(""));

        assertThat(List.of(ids.ofResult(""), ids.ofResult(""), ids.ofResult("")))
                .isEqualTo(calls);
        assertThat(new HashSet<>(calls)).hasSize(3);
    }

    @Test
    void a_call_without_its_result_takes_none_of_a_later_turn() {
        ids.turn();
        ids.ofCall("a");
        ids.turn();
        String second = ids.ofCall("a");

        assertThat(ids.ofResult("a")).isEqualTo(second);
    }

    @Test
    void the_result_of_a_call_that_is_not_there_has_a_lawful_id() {
        assertThat(ids.ofResult("gone")).isEqualTo("gone");
        assertThat(ids.ofResult("gone:0")).matches("[a-zA-Z0-9_-]{1,64}");
    }

    @Test
    void whatever_comes_every_call_has_a_lawful_id_of_its_own() {
        List<String> parts = List.of("a", "a-2", "-2", "2", ":", "é", "", "\uD83D", "x".repeat(64), "x".repeat(70));
        SplittableRandom random = new SplittableRandom(20_261_127);
        for (int round = 0; round < 200; round++) {
            ToolIds conversation = new ToolIds();
            List<String> written = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String id = parts.get(random.nextInt(parts.size())) + parts.get(random.nextInt(parts.size()));
                written.add(conversation.ofCall(id));
            }
            Set<String> unique = new HashSet<>(written);
            assertThat(unique).hasSameSizeAs(written).allMatch(id -> id.matches("[a-zA-Z0-9_-]{1,64}"));
        }
    }
}
