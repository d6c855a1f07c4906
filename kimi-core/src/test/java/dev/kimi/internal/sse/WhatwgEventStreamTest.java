package dev.kimi.internal.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the files {@code eventsource/format-*} of web-platform-tests check, each under the name of its file with words
 * of our own, with LF, CR and CRLF as ends of lines and cut at every position. Of {@code format-mime-*} nothing is
 * here: those are about connections, and which types of content are read as streams is for the protocol to say.
 */
class WhatwgEventStreamTest {

    /**
     * One file.
     *
     * @param name of the file, without {@code format-}
     * @param stream with LF for the ends of lines that are to be varied
     * @param retryMillis what the stream sets it to; -1 for nothing
     * @param events {@code name|data#id}, the name only when it is not the default one, the id only when there is one
     */
    private record Case(String name, String stream, long retryMillis, List<String> events) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case of(String name, String stream, String... events) {
        return new Case(name, stream, -1, List.of(events));
    }

    private static Case retry(String name, String stream, long millis) {
        return new Case(name, stream, millis, List.of("a"));
    }

    static Stream<Case> cases() {
        return Stream.of(
                of("bom", "\uFEFFdata:one\n\n\uFEFFdata:two\n\ndata:three\n\n", "one", "three"),
                of("bom-2", "\uFEFF\uFEFFdata:one\n\ndata:two\n\n", "two"),
                of(
                        "comments",
                        "data:a\n:\0\n:\ndata:b\n:" + "-".repeat(2_500) + "\ndata:c\n:data:no\n:" + "-".repeat(2_500)
                                + "\ndata:d\n\n",
                        "a\nb\nc\nd"),
                new Case(
                        "data-before-final-empty-line",
                        "retry:1500\ndata:whole\n\nid:lost\ndata:cut",
                        1_500,
                        List.of("whole")),
                of("field-data", "data:\n\ndata\ndata\n\ndata:c\n\n", "", "\n", "c"),
                of("field-event", "event:ping\ndata:a\n\ndata:b\n\n", "ping|a", "b"),
                of("field-event-empty", "event: \ndata:a\n\n", "a"),
                of("field-id", "id: 7\ndata:a\n\ndata:b\n\n", "a#7", "b#7"),
                of("field-id-2", "id:…\ndata:a\n\ndata:…\n\ndata:…\n\n", "a#…", "…#…", "…#…"),
                of(
                        "field-id-3, it persists",
                        "id:1\ndata:a\n\ndata:b\n\nid:2\ndata:c\n\ndata:d\n\n",
                        "a#1",
                        "b#1",
                        "c#2",
                        "d#2"),
                of("field-id-3, it resets", "id:1\ndata:a\n\nid:\ndata:b\n\ndata:c\n\n", "a#1", "b", "c"),
                of("field-id-3, without colon", "id:1\ndata:a\n\nid\ndata:b\n\ndata:c\n\n", "a#1", "b", "c"),
                of("field-id-null, two", "id:\0\0\ndata:a\n\n", "a"),
                of("field-id-null, at the end", "id:7\0\ndata:a\n\n", "a"),
                of("field-id-null, at the beginning", "id:\0007\ndata:a\n\n", "a"),
                of("field-id-null, in the middle", "id:7\0007\ndata:a\n\n", "a"),
                of("field-id-null, after a space", "id:  \0\ndata:a\n\n", "a"),
                of(
                        "field-parsing",
                        "data:\0\ndata:  x\nData:no\ndata\0:no\ndata:y\n\0data:no\nda-ta:no\ndata_no\ndata:z\ndata:\n"
                                + " data:no\ndata:w\n\n",
                        "\0\n x\ny\nz\n\nw"),
                retry("field-retry", "retry:3000\ndata:a\n\n", 3_000),
                retry("field-retry-bogus", "retry:3000\nretry:1000x\ndata:a\n\n", 3_000),
                retry("field-retry-empty", "retry\nretry:\ndata:a\n\n", -1),
                of("field-unknown", "data:a\n data\ndata\nother:no\nno field at all\n:nor this\ndata:b\n\n", "a\n\nb"),
                of("leading-space", "data:\ta\ndata: \ndata:b\n\n", "\ta\n\nb"),
                of("leading-space, of mixed ends", "data:\ta\rdata: \ndata:b\n\n", "\ta\n\nb"),
                of("newlines", "data:a\r\ndata\ndata:b\r\n\r", "a\n\nb"),
                of("null-character", "data:\0\n\n\n\n", "\0"),
                of("utf-8", "data:ok… 月 🌒\n\n", "ok… 月 🌒"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void holds_at_every_split_and_with_every_end_of_line(Case published) {
        boolean mixed = published.stream().indexOf('\r') >= 0;
        for (String end : mixed ? List.of("\n") : List.of("\n", "\r", "\r\n")) {
            byte[] bytes = published.stream().replace("\n", end).getBytes(StandardCharsets.UTF_8);
            for (int at = 0; at <= bytes.length; at++) {
                Recorder read = new Recorder();
                read.feed(Arrays.copyOfRange(bytes, 0, at));
                read.feed(Arrays.copyOfRange(bytes, at, bytes.length));
                read.check(published, "cut at " + at);
            }
            Recorder read = new Recorder();
            for (byte each : bytes) {
                read.feed(new byte[] {each});
            }
            read.check(published, "byte by byte");
        }
    }

    private static final class Recorder implements SseSink {

        private final SseParser parser = new SseParser(SseLimits.DEFAULT, this);
        private final List<String> events = new ArrayList<>();

        private void feed(byte[] bytes) {
            parser.feed(bytes, 0, bytes.length);
        }

        private void check(Case published, String how) {
            parser.end();
            assertThat(events).as(how).isEqualTo(published.events());
            assertThat(parser.retryMillis()).as(how).isEqualTo(published.retryMillis());
        }

        @Override
        public void event(@Nullable String name, byte[] data, int offset, int length) {
            events.add((name == null ? "" : name + "|")
                    + new String(data, offset, length, StandardCharsets.UTF_8)
                    + (parser.lastEventId().isEmpty() ? "" : "#" + parser.lastEventId()));
        }

        @Override
        public void unfinished(@Nullable String name, byte[] data, int offset, int length) {
            // no event, by the standard
        }
    }
}
