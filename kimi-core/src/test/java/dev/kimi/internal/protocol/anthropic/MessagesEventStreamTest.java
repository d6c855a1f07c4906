package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of event streams, as the HTML standard has them, through the decoder of messages: with LF, CR and CRLF as
 * ends of lines, cut at every byte and fed byte by byte. {@code WhatwgEventStreamTest} has them for the parser alone.
 */
class MessagesEventStreamTest {

    private static final String START = "data: {'type':'message_start','message':{'id':'m','content':[]}}\n\n";
    private static final String BEGIN =
            "data: {'type':'content_block_start','index':0,'content_block':{'type':'text','text':''}}\n\n";
    private static final String END = "data: {'type':'message_delta','delta':{'stop_reason':'end_turn'}}\n\n"
            + "event: message_stop\ndata: {'type':'message_stop'}\n\n";

    /**
     * A rule.
     *
     * @param name what it is about
     * @param stream of one byte for each character, with LF for ends of lines and {@code '} for quotes
     * @param text what the message says
     */
    private record Rule(String name, String stream, String text) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Rule rule(String name, String before, String delta, String text) {
        return new Rule(name, before + START + BEGIN + delta + END, text);
    }

    private static String delta(String text) {
        return "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'" + text + "'}}";
    }

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static Stream<Rule> rules() {
        String data = "data: " + delta("Hi") + "\n\n";
        return Stream.of(
                rule("a byte order mark", bytes("\uFEFF"), data, "Hi"),
                rule("a byte order mark within", "", bytes("\uFEFF") + data + data, "Hi"),
                rule("blank lines before", "\n\n \n\t\n", data, "Hi"),
                rule("comments", ": one\n\n:\n", ":two\n" + data + ":\0\n", "Hi"),
                rule("no space after the colon", "", "data:" + delta("Hi") + "\n\n", "Hi"),
                rule("one space is taken off, others are JSON's", "", "data:  \t" + delta("Hi") + "\n\n", "Hi"),
                rule("data over several lines", "", "data: " + delta("Hi").replace(",", "\ndata: ,") + "\n\n", "Hi"),
                rule(
                        "data over several lines with other fields between",
                        "",
                        "data: {\nid: 1\n: x\ndata: " + delta("Hi").substring(1) + "\n\n",
                        "Hi"),
                rule("data without a colon is an empty line of it", "", "data\n" + data, "Hi"),
                rule("empty data", "", "data:\n\ndata\n\n" + data, "Hi"),
                rule("id and retry", "", "id: 7\nretry: 10\n" + data + "id\n\nretry: x\n\n", "Hi"),
                rule("an id with a null character", "", "id: 7\0\n" + data, "Hi"),
                rule("unknown fields", "", "Data: no\n data: no\nother\n\n" + data, "Hi"),
                rule("the right name", "", "event: content_block_delta\n" + data, "Hi"),
                rule("the name of another event", "", "event: message_stop\n" + data, "Hi"),
                rule("the name of an error", "", "event: error\n" + data, "Hi"),
                rule("a name of no event", "", "event: news\n" + data, "Hi"),
                rule("an empty name", "", "event\n" + data + "event:\n\n", "Hi"),
                rule("two names", "", "event: ping\nevent: content_block_delta\n" + data, "Hi"),
                rule("a name without data does not stay", "", "event: error\n\n" + data, "Hi"),
                rule(
                        "only the name says what it is",
                        "",
                        "event: content_block_delta\ndata: {'index':0,'delta':{'text':'Hi'}}\n\n",
                        "Hi"),
                rule("characters of several bytes", "", bytes("data: " + delta("é波😀") + "\n\n"), "é波😀"),
                rule("no UTF-8", "", "data: " + delta("a\u00c3(\u00ff\u00e6\u00b3") + "\n\n", "a\uFFFD(\uFFFD\uFFFD"),
                rule("escapes", "", "data: " + delta("\\u0000\\u00e9\\ud83d\\ude00\\ud83d") + "\n\n", "\0é😀\uFFFD"),
                rule(
                        "a character in two events",
                        "",
                        "data: " + delta("\\ud83d") + "\n\ndata: " + delta("\\ude00") + "\n\n",
                        "😀"),
                new Rule("no blank line at the end", START + BEGIN + data + END.substring(0, END.length() - 1), "Hi"),
                new Rule("no line end at the end", START + BEGIN + data + END.substring(0, END.length() - 2), "Hi"),
                new Rule("after the end", START + BEGIN + data + END + data + "data: {\n\nnot a stream", "Hi"));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void holds_at_every_split_and_with_every_end_of_line(Rule rule) {
        for (String end : new String[] {"\n", "\r", "\r\n"}) {
            byte[] bytes = rule.stream().replace("\n", end).replace('\'', '"').getBytes(StandardCharsets.ISO_8859_1);
            for (int at = 0; at <= bytes.length; at++) {
                assertThat(read(bytes, at, bytes.length)).as("cut at " + at).isEqualTo(rule.text());
            }
            assertThat(read(bytes, 1, 1)).as("byte by byte").isEqualTo(rule.text());
        }
    }

    /** What is handed out of bytes that come in a first part and further ones. */
    private static String read(byte[] bytes, int first, int further) {
        MessagesStreamDecoder decoder = new MessagesStreamDecoder(Headers.empty());
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int to = first; from < bytes.length; to = Math.min(bytes.length, to + further)) {
            decoder.feed(
                    ByteBuffer.wrap(bytes, from, to - from),
                    event -> text.append(event instanceof ChatEvent.Text piece ? piece.value() : ""));
            from = to;
        }
        decoder.end(event -> text.append(event instanceof ChatEvent.Text piece ? piece.value() : ""));
        assertThat(decoder.response().text()).isEqualTo(text.toString());
        return text.toString();
    }
}
