package dev.kimi.gateway.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WholeEventsTest {

    private final WholeEvents events = new WholeEvents();

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private String add(String text) {
        ByteBuffer whole = events.add(bytes(text));
        return whole == null ? "" : StandardCharsets.UTF_8.decode(whole).toString();
    }

    @Test
    void whole_events_pass_without_a_copy() {
        ByteBuffer packet = bytes("data: 1\n\ndata: 2\n\n");

        assertThat(events.add(packet)).isSameAs(packet);
    }

    @Test
    void the_part_of_an_event_waits_for_its_end() {
        assertThat(add("data: 1\n\ndata: ")).isEqualTo("data: 1\n\n");
        assertThat(add("2\n")).isEmpty();
        assertThat(add("\ndata: 3")).isEqualTo("data: 2\n\n");
        assertThat(StandardCharsets.UTF_8.decode(events.rest()).toString()).isEqualTo("data: 3");
    }

    @Test
    void lines_may_end_as_in_http() {
        assertThat(add("data: 1\r\n\r")).isEmpty();
        assertThat(add("\ndata: 2")).isEqualTo("data: 1\r\n\r\n");
    }

    @Test
    void an_event_that_is_too_long_to_be_kept_goes_on_and_nothing_may_come_between() {
        add("data: " + "x".repeat(600_000));
        assertThat(events.inEvent()).isFalse();
        assertThat(add("y".repeat(600_000))).hasSize(1_200_006);
        assertThat(events.inEvent()).isTrue();
        assertThat(add("\n\n")).isEqualTo("\n\n");
        assertThat(events.inEvent()).isFalse();
    }

    @Test
    void however_packets_are_cut_nothing_is_lost_and_each_piece_ends_with_an_event() {
        Random random = new Random(42);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String end = i % 3 == 0 ? "\r\n" : "\n";
            all.append("event: e")
                    .append(i)
                    .append(end)
                    .append("data: ")
                    .append("x".repeat(i))
                    .append(end)
                    .append(end);
        }
        for (int round = 0; round < 50; round++) {
            WholeEvents fresh = new WholeEvents();
            StringBuilder out = new StringBuilder();
            for (int at = 0; at < all.length(); ) {
                int to = Math.min(all.length(), at + 1 + random.nextInt(40));
                ByteBuffer piece = fresh.add(bytes(all.substring(at, to)));
                if (piece != null) {
                    String text = StandardCharsets.UTF_8.decode(piece).toString();
                    assertThat(text).matches("(?s).*\n\r?\n");
                    out.append(text);
                }
                at = to;
            }
            assertThat(out.append(StandardCharsets.UTF_8.decode(fresh.rest())).toString())
                    .isEqualTo(all.toString());
        }
    }
}
