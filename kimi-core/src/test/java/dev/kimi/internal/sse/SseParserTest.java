package dev.kimi.internal.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.internal.sse.SseLimitException.Limit;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SseParserTest {

    /** Each case is written with LF; the tests run it with CR, LF and CRLF, split at every position. */
    static Stream<Arguments> cases() {
        return Stream.of(
                of("one event", "data: a\n\n", "a"),
                of("no space after the colon", "data:a\n\n", "a"),
                of("only one space is removed", "data:  a\n\n", " a"),
                of("a tab is data", "data:\ta\n\n", "\ta"),
                of("a space alone is removed", "data: \n\n", ""),
                of("two events", "data: a\n\ndata: b\n\n", "a", "b"),
                of("further blank lines", "\n\ndata: a\n\n\n\n", "a"),
                of("lines are joined", "data: a\ndata: b\ndata: c\n\n", "a\nb\nc"),
                of("empty first line is kept", "data:\ndata: b\n\n", "\nb"),
                of("empty last line is kept", "data: a\ndata:\n\n", "a\n"),
                of("field without colon is an empty line", "data\n\n", ""),
                of("two of them are one line end", "data\ndata\n\n", "\n"),
                of("no event without data", "event: x\n\ndata: a\n\n", "a"),
                of("the name is dropped with it", "event: x\nid: 1\n\ndata: a\n\n", "a"),
                of("comment", ":\n: hello\n:data: x\ndata: a\n: between\ndata: b\n\n", "a\nb"),
                of("unknown fields", "other: x\nDATA: x\ndatas: x\n data: x\ndat: x\ndata: a\nx\n\n", "a"),
                of("a space before the colon is part of the name", "data : x\n\ndata: a\n\n", "a"),
                of("colons in the value", "data: a: b:\n\n", "a: b:"),
                of("named event", "event: ping\ndata: a\n\n", "ping|a"),
                of("name after the data", "data: a\nevent: late\n\n", "late|a"),
                of("the last name counts", "event: x\nevent: y\ndata: a\n\n", "y|a"),
                of("an empty name is the default", "event: x\nevent:\ndata: a\n\n", "a"),
                of("the default by its name", "event: message\ndata: a\n\n", "a"),
                of("the name does not stay", "event: x\ndata: a\n\ndata: b\n\n", "x|a", "b"),
                of("name with spaces around", "event:  x \ndata: a\n\n", " x |a"),
                of("multi-byte characters", "event: événement\ndata: 月の裏側 🌒 é\n\n", "événement|月の裏側 🌒 é"),
                of("NUL is data", "data: a\0b\n\n", "a\0b"),
                of("BOM at the begin", "\uFEFFdata: a\n\n", "a"),
                of("only one BOM", "\uFEFF\uFEFFdata: x\n\ndata: a\n\n", "a"),
                of("BOM later", "data: \uFEFFa\n\n\uFEFFdata: x\n\ndata: b\n\n", "\uFEFFa", "b"),
                of("unfinished event", "data: a\n\ndata: b\n", "a", "…b"),
                of("unfinished line", "data: a\n\ndata: b", "a", "…b"),
                of("unfinished second line", "event: x\ndata: a\ndata: b", "…x|a\nb"),
                of("unfinished field name", "data: a\n\ndat", "a", "…"),
                of("unfinished event without data", "event: x\n", "…x|"),
                of("a comment is not an unfinished event", "data: a\n\n: bye", "a"),
                of("separators of one space end no event", "data: a\n \ndata: b\n", "…a\nb"),
                of("empty stream", ""),
                of("only a BOM", "\uFEFF"));
    }

    private static Arguments of(String what, String stream, String... expected) {
        return Arguments.of(what, stream, List.of(expected));
    }

    private static Stream<byte[]> lineEnds(String stream) {
        return Stream.of("\n", "\r", "\r\n")
                .map(end -> stream.replace("\n", end).getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void whole(String what, String stream, List<String> expected) {
        lineEnds(stream).forEach(bytes -> assertThat(parse(bytes, bytes.length)).isEqualTo(expected));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void byte_by_byte(String what, String stream, List<String> expected) {
        lineEnds(stream).forEach(bytes -> assertThat(parse(bytes, 1)).isEqualTo(expected));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void split_at_every_position(String what, String stream, List<String> expected) {
        lineEnds(stream).forEach(bytes -> {
            for (int at = 0; at <= bytes.length; at++) {
                assertThat(parseSplit(bytes, at)).as("split at %d", at).isEqualTo(expected);
            }
        });
    }

    @Test
    void any_mix_of_line_ends_and_splits_gives_the_same_events() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            StringBuilder stream = new StringBuilder(random.nextBoolean() ? "\uFEFF" : "");
            List<String> expected = new ArrayList<>();
            int events = random.nextInt(6);
            for (int i = 0; i < events; i++) {
                expected.add(randomEvent(random, stream));
            }
            byte[] bytes = stream.toString().getBytes(StandardCharsets.UTF_8);

            Recorder recorder = new Recorder();
            SseParser parser = new SseParser(SseLimits.DEFAULT, recorder);
            for (int from = 0; from < bytes.length; ) {
                int length = Math.min(bytes.length - from, random.nextInt(40));
                feedAndSpoil(parser, Arrays.copyOfRange(bytes, from, from + length), random.nextBoolean());
                from += length;
            }
            parser.end();

            assertThat(recorder.events).as("seed %d", seed).isEqualTo(expected);
        }
    }

    private static String randomEvent(Random random, StringBuilder stream) {
        String[] ends = {"\n", "\r\n", "\r"};
        String name = random.nextInt(3) == 0 ? "n" + random.nextInt(9) : "";
        if (!name.isEmpty()) {
            stream.append("event: ").append(name).append(ends[random.nextInt(2)]);
        }
        List<String> lines = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String value = "é月🌒x".substring(random.nextInt(2)).repeat(random.nextInt(5));
            lines.add(value);
            // A comment after CR would begin with nothing a CR could join; a bare LF after CR would, so never that.
            String end = ends[random.nextInt(3)];
            stream.append("data: ").append(value).append(end).append(random.nextBoolean() ? ":c" + end : "");
        }
        boolean afterCr = stream.charAt(stream.length() - 1) == '\r';
        stream.append(afterCr ? ends[1 + random.nextInt(2)] : ends[random.nextInt(3)]);
        if (stream.charAt(stream.length() - 1) == '\r') {
            stream.append(": \n");
        }
        return (name.isEmpty() ? "" : name + "|") + String.join("\n", lines);
    }

    @Test
    void line_feed_after_carriage_return_is_skipped_across_feeds() {
        Recorder recorder = new Recorder();
        SseParser parser = new SseParser(SseLimits.DEFAULT, recorder);

        feed(parser, "data: a\r");
        feed(parser, "\n\r");

        assertThat(recorder.events)
                .as("dispatched at CR, without waiting for LF")
                .containsExactly("a");
        feed(parser, "\ndata: b\r\n\r\n");
        assertThat(recorder.events).containsExactly("a", "b");
    }

    @Test
    void id_is_taken_when_its_event_ends_and_not_with_nul() {
        SseParser parser = new SseParser(SseLimits.DEFAULT, new Recorder());

        feed(parser, "id: 1\n");
        assertThat(parser.lastEventId()).isEmpty();
        feed(parser, "data: a\n\n");
        assertThat(parser.lastEventId()).isEqualTo("1");
        feed(parser, "id: 2\0\ndata: a\n\n");
        assertThat(parser.lastEventId()).isEqualTo("1");
        feed(parser, "id: 3\n\n");
        assertThat(parser.lastEventId()).as("even without data").isEqualTo("3");
        feed(parser, "id\n\n");
        assertThat(parser.lastEventId()).isEmpty();
    }

    @Test
    void retry_takes_digits_only() {
        SseParser parser = new SseParser(SseLimits.DEFAULT, new Recorder());
        assertThat(parser.retryMillis()).isEqualTo(-1);

        feed(parser, "retry: 3000\n");
        assertThat(parser.retryMillis()).isEqualTo(3000);
        feed(parser, "retry: 10x\nretry: -1\nretry:\nretry\nretry: 1.5\nretry:  7\n");
        assertThat(parser.retryMillis()).isEqualTo(3000);
        feed(parser, "retry: 99999999999999999999999999\n");
        assertThat(parser.retryMillis()).isGreaterThan(1L << 50);
    }

    @Test
    void an_event_inside_one_array_is_not_copied() {
        byte[] bytes = "event: ping\ndata: abc\n\n".getBytes(StandardCharsets.UTF_8);
        List<byte[]> arrays = new ArrayList<>();
        SseParser parser = new SseParser(SseLimits.DEFAULT, (name, data, offset, length) -> arrays.add(data));

        parser.feed(ByteBuffer.wrap(bytes));

        assertThat(arrays).hasSize(1);
        assertThat(arrays.get(0)).isSameAs(bytes);
    }

    @Test
    void common_names_are_the_same_string() {
        List<@Nullable String> names = new ArrayList<>();
        SseParser parser = new SseParser(SseLimits.DEFAULT, (name, data, offset, length) -> names.add(name));

        feed(parser, "event: content_block_delta\ndata: 1\n\nevent: content_block_delta\ndata: 2\n\ndata: 3\n\n");

        assertThat(names).hasSize(3);
        assertThat(names.get(0)).isSameAs(names.get(1));
        assertThat(names.get(2)).isNull();
    }

    @Test
    void a_positioned_direct_buffer_is_taken_whole() {
        byte[] bytes = ("xx" + "data: " + "é".repeat(20_000) + "\n\nyy").getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        buffer.position(2).limit(bytes.length - 2);
        Recorder recorder = new Recorder();

        new SseParser(SseLimits.DEFAULT, recorder).feed(buffer);

        assertThat(recorder.events).containsExactly("é".repeat(20_000));
        assertThat(buffer.hasRemaining()).isFalse();
    }

    @Test
    void limits_hold_at_the_byte() {
        SseLimits limits = new SseLimits(20, 30, 1_000, 50);

        assertThat(parseWith(limits, "data: " + "x".repeat(14) + "\n\n")).hasSize(1);
        assertLimit(limits, "data: " + "x".repeat(15) + "\n\n", Limit.LINE);
        assertLimit(limits, "data: " + "x".repeat(15), Limit.LINE);

        assertThat(parseWith(limits, "data:xxxxxxxxx\ndata:xxxxxxxxx\ndata:xxxxxxxxxx\n\n"))
                .hasSize(1);
        assertLimit(limits, "data:xxxxxxxxxx\ndata:xxxxxxxxxx\ndata:xxxxxxxxx\n\n", Limit.EVENT);

        assertThat(parseWith(limits, "data:123\n\n".repeat(100))).hasSize(100);
        assertLimit(limits, "data:123\n\n".repeat(100) + "\n", Limit.STREAM);

        assertThat(parseWith(limits, (": ping\n".repeat(6) + "data:a\n\n").repeat(2)))
                .hasSize(2);
        assertLimit(limits, ": ping\n".repeat(8), Limit.IDLE);
        assertLimit(limits, "\n".repeat(51), Limit.IDLE);
        assertLimit(limits, "data: a\n" + "x: y\n".repeat(11), Limit.IDLE);
    }

    @Test
    void after_its_end_a_parser_rejects_more() {
        SseParser parser = new SseParser(SseLimits.DEFAULT, new Recorder());
        parser.end();

        assertThatThrownBy(() -> feed(parser, "data: a\n\n")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(parser::end).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void limits_must_be_positive() {
        assertThatThrownBy(() -> new SseLimits(0, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(SseLimits.DEFAULT).isEqualTo(new SseLimits(1 << 20, 8 << 20, 64 << 20, 4 << 20));
    }

    private static void assertLimit(SseLimits limits, String stream, Limit limit) {
        assertThatThrownBy(() -> parseWith(limits, stream))
                .isInstanceOfSatisfying(
                        SseLimitException.class, e -> assertThat(e.limit()).isEqualTo(limit));
    }

    private static List<String> parseWith(SseLimits limits, String stream) {
        Recorder recorder = new Recorder();
        SseParser parser = new SseParser(limits, recorder);
        for (byte b : stream.getBytes(StandardCharsets.UTF_8)) {
            parser.feed(new byte[] {b}, 0, 1);
        }
        parser.end();
        return recorder.events;
    }

    private static List<String> parse(byte[] bytes, int step) {
        Recorder recorder = new Recorder();
        SseParser parser = new SseParser(SseLimits.DEFAULT, recorder);
        for (int from = 0; from < bytes.length; from += step) {
            feedAndSpoil(parser, Arrays.copyOfRange(bytes, from, Math.min(from + step, bytes.length)), false);
        }
        parser.end();
        return recorder.events;
    }

    private static List<String> parseSplit(byte[] bytes, int at) {
        Recorder recorder = new Recorder();
        SseParser parser = new SseParser(SseLimits.DEFAULT, recorder);
        feedAndSpoil(parser, Arrays.copyOfRange(bytes, 0, at), false);
        feedAndSpoil(parser, Arrays.copyOfRange(bytes, at, bytes.length), false);
        parser.end();
        return recorder.events;
    }

    /** Overwrites the array afterwards, as a transport that reuses its buffer does. */
    private static void feedAndSpoil(SseParser parser, byte[] bytes, boolean direct) {
        if (direct) {
            parser.feed(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        } else {
            parser.feed(bytes, 0, bytes.length);
            Arrays.fill(bytes, (byte) '#');
        }
    }

    private static void feed(SseParser parser, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        parser.feed(bytes, 0, bytes.length);
    }

    /** Writes events as {@code name|data}, unfinished ones with an ellipsis in front. */
    private static final class Recorder implements SseSink {

        private final List<String> events = new ArrayList<>();

        @Override
        public void event(@Nullable String name, byte[] data, int offset, int length) {
            events.add((name == null ? "" : name + "|") + new String(data, offset, length, StandardCharsets.UTF_8));
        }

        @Override
        public void unfinished(@Nullable String name, byte[] data, int offset, int length) {
            event(name, data, offset, length);
            events.add("…" + events.remove(events.size() - 1));
        }
    }
}
