package dev.kimi.internal.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.internal.sse.SseLimitException.Limit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of the defaults, to the byte, and what is held in memory when they are met. */
class SseLimitsTest {

    private static final int MIB = 1 << 20;
    private static final int CHUNK = 16 * 1024;

    private final List<Integer> events = new ArrayList<>();
    private final SseParser parser =
            new SseParser(SseLimits.DEFAULT, (name, data, offset, length) -> events.add(length));
    /** The most that was held after any chunk. */
    private long most;

    @Test
    void a_line_may_have_a_mebibyte_and_no_byte_more() {
        feed("data:" + "x".repeat(MIB - 5) + "\n\n");
        assertThat(events).containsExactly(MIB - 5);

        assertThat(failure("data:" + "x".repeat(MIB - 4) + "\n\n", 1).limit()).isEqualTo(Limit.LINE);
        assertThat(events).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: ", ": ", "id: ", "event: ", "unknown: ", ""})
    void a_line_that_never_ends_is_rejected_before_more_than_its_limit_is_held(String field) {
        SseLimitException failure = failure(field, CHUNK, "x".repeat(CHUNK), 2 * MIB / CHUNK);

        assertThat(failure.limit()).isEqualTo(Limit.LINE);
        assertThat(failure.bytes()).isEqualTo(MIB);
        assertThat(parser.bytesFed()).isLessThanOrEqualTo(MIB + CHUNK);
        assertHeldAtMost(MIB);
    }

    @Test
    void an_event_may_have_eight_mebibytes_and_no_byte_more() {
        // eight lines of a mebibyte less one, which their line ends make up for, and the byte that has none
        String line = "data:" + "x".repeat(MIB - 6);
        int rest = 8 * MIB - 8 * (MIB - 6) - 8;
        feed((line + "\n").repeat(8) + "data:" + "x".repeat(rest) + "\n\n");
        assertThat(events).containsExactly(8 * MIB);

        String oneMore = (line + "\n").repeat(8) + "data:" + "x".repeat(rest + 1) + "\n\n";
        SseLimitException failure = failure(oneMore, CHUNK);
        assertThat(failure.limit()).isEqualTo(Limit.EVENT);
        assertThat(failure.bytes()).isEqualTo(8 * MIB);
        assertThat(events).hasSize(1);
    }

    @Test
    void an_event_that_never_ends_is_rejected_before_more_than_its_limit_is_held() {
        SseLimitException failure = failure("", CHUNK, "data: " + "x".repeat(CHUNK - 7) + "\n", 16 * MIB / CHUNK);

        assertThat(failure.limit()).isEqualTo(Limit.EVENT);
        assertHeldAtMost(8L * MIB + MIB);
        assertThat(events).isEmpty();
    }

    @Test
    void an_event_of_empty_lines_is_bounded_like_any_other() {
        assertThat(failure("", CHUNK, "data\n".repeat(CHUNK), 9 * MIB / CHUNK).limit())
                .isEqualTo(Limit.EVENT);
        assertHeldAtMost(8L * MIB + MIB);
    }

    /** Characters of three bytes: what counts is what comes over the wire. */
    @Test
    void limits_count_bytes_and_not_characters() {
        assertThat(failure("data:" + "月".repeat(MIB / 3) + "\n\n", CHUNK).limit())
                .isEqualTo(Limit.LINE);

        SseParser other = new SseParser(new SseLimits(100, 9, 22, 100), (name, data, offset, length) -> {});
        byte[] bytes = "data:月月月\n\ndata:月\n\n".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> other.feed(bytes, 0, bytes.length))
                .isInstanceOfSatisfying(
                        SseLimitException.class, e -> assertThat(e.limit()).isEqualTo(Limit.STREAM));
    }

    @ParameterizedTest
    @ValueSource(strings = {": keep alive\n", "\n", "\r", "\r\n", ":\n\n", "event: ping\n\n", "id: 7\n\n", "x\n"})
    void a_flood_that_says_nothing_is_rejected(String line) {
        int most = 64 * MIB / (line.length() * 1024) + 1;
        SseLimitException failure = failure("", CHUNK, line.repeat(1024), most);

        assertThat(failure.limit()).isEqualTo(Limit.IDLE);
        assertThat(parser.bytesFed()).isLessThan(64L * MIB);
        assertHeldAtMost(CHUNK);
        assertThat(events).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data:", "data: {}", "event: ping\ndata:"})
    void a_flood_of_empty_events_is_bounded_by_the_stream(String event) {
        String block = event + "\n\n";
        long[] count = new long[1];
        SseParser counting = new SseParser(SseLimits.DEFAULT, (name, data, offset, length) -> count[0]++);
        byte[] chunk = block.repeat(4096).getBytes(StandardCharsets.UTF_8);

        SseLimitException failure = catchThrowableOfType(SseLimitException.class, () -> {
            for (long fed = 0; fed <= 65L * MIB; fed += chunk.length) {
                counting.feed(chunk, 0, chunk.length);
                most = Math.max(most, counting.held());
            }
        });

        assertThat(failure.limit()).isEqualTo(Limit.STREAM);
        assertThat(failure.bytes()).isEqualTo(64L * MIB);
        assertThat(counting.bytesFed()).isEqualTo(64L * MIB);
        assertThat(count[0]).as("all before the limit").isEqualTo(64L * MIB / block.length());
        assertHeldAtMost(CHUNK);
    }

    @Test
    void the_stream_s_limit_falls_on_the_same_byte_however_the_stream_is_split() {
        byte[] stream = "data: a\n\ndata: b\n\ndata: c\n\n".getBytes(StandardCharsets.UTF_8);
        for (int limit = 1; limit < stream.length; limit++) {
            for (int step = 1; step <= stream.length; step++) {
                assertThat(eventsBefore(limit, stream, step))
                        .as("limit %d, chunks of %d", limit, step)
                        .isEqualTo(limit / 9);
            }
        }
    }

    private static int eventsBefore(int limit, byte[] stream, int step) {
        int[] count = new int[1];
        SseParser limited = new SseParser(
                new SseLimits(1 << 20, 8 << 20, limit, 4 << 20), (name, data, offset, length) -> count[0]++);
        assertThatThrownBy(() -> {
                    for (int from = 0; from < stream.length; from += step) {
                        byte[] chunk = Arrays.copyOfRange(stream, from, Math.min(from + step, stream.length));
                        limited.feed(chunk, 0, chunk.length);
                    }
                })
                .isInstanceOfSatisfying(
                        SseLimitException.class, e -> assertThat(e.limit()).isEqualTo(Limit.STREAM));
        return count[0];
    }

    @Test
    void after_a_limit_a_parser_rejects_more() {
        failure("data:" + "x".repeat(MIB), CHUNK);

        assertThatThrownBy(() -> parser.feed(new byte[1], 0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(parser::end).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_large_event_does_not_stay_in_memory() {
        feed(("data:" + "x".repeat(MIB - 6) + "\n").repeat(4));
        assertThat(parser.held()).isGreaterThan(3L * MIB);

        feed("\ndata: next\n\n");

        assertThat(events).hasSize(2);
        assertThat(parser.held()).isLessThanOrEqualTo(2L * CHUNK);
    }

    private SseLimitException failure(String stream, int step) {
        return catchThrowableOfType(SseLimitException.class, () -> feed(stream, step));
    }

    private SseLimitException failure(String begin, int step, String again, int times) {
        return catchThrowableOfType(SseLimitException.class, () -> {
            feed(begin, step);
            for (int i = 0; i < times; i++) {
                feed(again, step);
            }
        });
    }

    private void feed(String stream) {
        feed(stream, CHUNK);
    }

    private void feed(String stream, int step) {
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += step) {
            byte[] chunk = Arrays.copyOfRange(bytes, from, Math.min(from + step, bytes.length));
            parser.feed(chunk, 0, chunk.length);
            most = Math.max(most, parser.held());
        }
    }

    /** Arrays grow by half, so that up to half as much again is held. */
    private void assertHeldAtMost(long bytes) {
        assertThat(most).isLessThanOrEqualTo(bytes + bytes / 2 + 1024);
        assertThat(parser.held()).isLessThanOrEqualTo(bytes + bytes / 2 + 1024);
    }
}
