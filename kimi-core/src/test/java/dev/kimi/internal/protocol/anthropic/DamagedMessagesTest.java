package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams in which a proxy lost, doubled or changed events. */
class DamagedMessagesTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-11-01T00:00:00Z"));
    private static final String START = "{'type':'message_start','message':{'id':'msg_1','content':[]}}";
    private static final String END = "{'type':'message_delta','delta':{'stop_reason':'tool_use'}}";
    private static final String STOP = "{'type':'message_stop'}";

    private final MessagesStreamDecoder decoder = new MessagesStreamDecoder(Headers.empty());
    private final List<ChatEvent> events = new ArrayList<>();

    @Test
    void an_input_that_was_handed_out_whole_is_not_replaced_by_pieces() {
        feed(START, begin("{'type':'tool_use','id':'t','name':'f','input':{'x':1}}"), stop());

        KimiException failure = failure(delta("'partial_json':'{}'"));

        assertThat(failure)
                .isInstanceOf(TruncatedStreamException.class)
                .hasMessageContaining("comes whole, and then in pieces");
        assertThat(decoder.partial().toolCalls())
                .singleElement()
                .satisfies(call -> assertThat(call.arguments()).isEqualTo("{\"x\":1}"));
    }

    @Test
    void pieces_of_json_for_a_text_are_kept_with_it_and_cut_no_character_of_it() {
        ChatResponse response = read(
                START,
                begin("{'type':'text','text':''}"),
                delta("'text':'a\\ud83d'"),
                delta("'partial_json':'{'"),
                delta("'text':'\\ude00'"),
                stop(),
                END,
                STOP);

        assertThat(response.text()).isEqualTo("a😀");
        assertThat(handedOut()).isEqualTo("a😀");
        assertThat(response.message().blocks().get(0).raw()).contains("\"partial_json\":\"{\"");
    }

    @Test
    void a_tool_keeps_the_name_and_id_by_which_it_was_handed_out() {
        ChatResponse response = read(
                START,
                begin("{'type':'tool_use','id':'t','name':'f','input':{}}"),
                delta("'type':'strange','name':'x','id':'y','input':{'z':1},'more':1"),
                delta("'partial_json':'{}'"),
                stop(),
                END,
                STOP);

        assertThat(response.toolCalls()).containsExactly(new ToolCall("t", "f", "{}"));
        assertThat(response.message().blocks().get(0).raw())
                .isEqualTo("{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{},\"more\":1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"'input':{}|`'  \\n'`", "'input':''|''", "'input':' '|' '", "'more':1|'\\t'"})
    void a_blank_input_is_an_empty_one(String begun, String piece) {
        ChatResponse response = read(
                START,
                begin("{'type':'tool_use','id':'t','name':'f'," + begun + "}"),
                delta("'partial_json':" + piece),
                stop(),
                begin("{'type':'server_tool_use','id':'s','name':'g'," + begun + "}"),
                delta("'partial_json':" + piece),
                stop(),
                END,
                STOP);

        assertThat(response.toolCalls()).containsExactly(new ToolCall("t", "f", "{}"));
        assertThat(response.cutToolCalls()).isEmpty();
    }

    private ChatResponse read(String... data) {
        feed(data);
        decoder.end(events::add);
        return decoder.response();
    }

    private void feed(String... data) {
        for (String event : data) {
            byte[] bytes = ("data: " + event.replace('\'', '"') + "\n\n").getBytes(StandardCharsets.UTF_8);
            decoder.feed(ByteBuffer.wrap(bytes), events::add);
        }
    }

    private KimiException failure(String data) {
        StreamFailure failure = catchThrowableOfType(StreamFailure.class, () -> feed(data));
        assertThat(failure).isNotNull();
        return failure.toException(CONTEXT);
    }

    private String handedOut() {
        StringBuilder text = new StringBuilder();
        events.forEach(event -> text.append(event instanceof ChatEvent.Text piece ? piece.value() : ""));
        return text.toString();
    }

    private static String begin(String block) {
        return "{'type':'content_block_start','index':0,'content_block':" + block + "}";
    }

    private static String delta(String members) {
        return "{'type':'content_block_delta','index':0,'delta':{" + members + "}}";
    }

    private static String stop() {
        return "{'type':'content_block_stop','index':0}";
    }
}
