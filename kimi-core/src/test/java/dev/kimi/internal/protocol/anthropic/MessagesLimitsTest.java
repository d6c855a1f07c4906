package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.transport.Headers;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are too much, and what large ones cost. */
class MessagesLimitsTest {

    private static final int MIB = 1 << 20;
    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-11-01T00:00:00Z"));
    private static final String START = "data: {'type':'message_start','message':{'id':'m','content':[]}}\n\n";
    private static final String BEGIN = begin(0, "{'type':'text','text':''}");
    private static final String TEXT = delta("'text':'x'");
    private static final String END = "data: {'type':'message_delta','delta':{'stop_reason':'end_turn'}}\n\n"
            + "data: {'type':'message_stop'}\n\n";

    private final MessagesStreamDecoder stream = new MessagesStreamDecoder(Headers.empty());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: %s",
                ": %s",
                "data: {'type':'content_block_delta','index':0,'delta':{'text':'%s'}}\n\n",
                "event: %s"
            })
    void a_line_over_its_limit_is_reported_by_its_name(String line) {
        assertThat(failure(line.formatted("x".repeat(MIB))))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("over its limit of 1048576 bytes per line");
    }

    @Test
    void an_event_over_its_limit_is_reported_by_its_name() {
        String line = "data: " + "x".repeat(1000) + "\n";
        assertThat(failure(line.repeat(9 * 1024))).hasMessageContaining("over its limit of 8388608 bytes per event");
    }

    @Test
    void a_flood_of_comments_is_reported_by_its_name() {
        assertThat(failure(": ping\n\n".repeat(MIB))).hasMessageContaining("over its limit of 4194304 bytes per idle");
    }

    @ParameterizedTest
    @ValueSource(strings = {"data:\n\n", "event: ping\ndata: {'type':'ping'}\n\n"})
    void a_flood_of_events_that_say_nothing_is_reported_by_its_name(String event) {
        String block = event.repeat(8 * MIB / event.length());

        KimiException failure = failureOf(() -> {
            for (int i = 0; i < 10; i++) {
                feed(block);
            }
        });

        assertThat(failure)
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("over its limit of 67108864 bytes per stream");
    }

    @ParameterizedTest
    @ValueSource(ints = {2 * MIB, 65 * MIB})
    void what_follows_the_end_mark_in_the_same_chunk_is_held_to_no_limit(int bytes) {
        feed(START + BEGIN + TEXT + END + "x".repeat(bytes));

        assertThat(stream.response().text()).isEqualTo("x");
    }

    @Test
    void what_follows_the_end_mark_later_is_not_counted() {
        feed(START + BEGIN + TEXT + END);
        String block = TEXT.repeat(64 * 1024);
        for (int i = 0; i < 32; i++) {
            feed(block);
        }

        assertThat(stream.response().text()).isEqualTo("x");
    }

    /** One byte of JSON can be thirty of objects, so that bytes alone are no bound for what is kept as it came. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'content_block_start','index':%d,'content_block':{'type':'new','x':[%s]}}",
                "{'type':'content_block_delta','index':0,'delta':{'x%d':[%s]}}",
                "{'type':'content_block_delta','index':0,'delta':{'citation':{'n':%d,'x':[%s]}}}",
                "{'type':'message_delta','delta':{'x%d':[%s]}}",
                "{'type':'message_delta','usage':{'output_tokens':1,'x%d':[%s]}}",
                "{'type':'message_delta','x%d':[%s]}"
            })
    void structures_that_are_kept_are_counted(String event) {
        feed(START + BEGIN);
        String many = "{},".repeat(100_000) + "{}";

        KimiException failure = failureOf(() -> {
            for (int i = 0; i < 20; i++) {
                String json = event.replace("%d", String.valueOf(i)).replace("%s", many);
                feed("data: " + json + "\n\n");
            }
        });

        assertThat(failure).hasMessageContaining("more values");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'text','text':''}", "{'type':'tool_use','id':'t%d','name':'f','input':{}}"})
    void of_blocks_there_may_be_as_many_as_no_response_has_and_none_more(String block) {
        StringBuilder blocks = new StringBuilder(START);
        for (int i = 0; i < 4096; i++) {
            blocks.append(begin(i, block.replace("%d", String.valueOf(i))));
        }
        feed(blocks.toString());

        assertThat(failure(begin(4096, block))).hasMessageContaining("more than 4096 blocks");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'content_block_start','index':0,'content_block':{'type':'new','x':%s}}",
                "{'type':'content_block_delta','index':0,'delta':{'x':%s}}",
                "{'type':'ping','x':%s}"
            })
    void json_that_is_too_deep_is_reported(String event) {
        feed(START + BEGIN);
        String deep = "[".repeat(JsonReader.MAX_DEPTH) + "]".repeat(JsonReader.MAX_DEPTH);

        assertThat(failure("data: " + event.replace("%s", deep) + "\n\n")).hasMessageContaining("deeper or longer");
    }

    @Test
    void arguments_that_are_too_deep_are_a_cut_call() {
        String deep = "{'x':" + "[".repeat(JsonReader.MAX_DEPTH) + "]".repeat(JsonReader.MAX_DEPTH) + "}";
        feed(START + begin(0, "{'type':'tool_use','id':'t','name':'f','input':{}}"));
        feed(delta("'partial_json':'" + deep.replace("'", "\\'") + "'") + END);

        assertThat(stream.response().toolCalls()).isEmpty();
        assertThat(stream.response().cutToolCalls()).hasSize(1);
    }

    @Test
    void one_body_may_be_as_long_as_a_document_and_no_byte_longer() {
        byte[] blanks = " ".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
        String message = "{'type':'message','content':[{'type':'text','text':'x'}],'stop_reason':'end_turn'";
        for (int more : new int[] {0, 1}) {
            MessagesStreamDecoder body = new MessagesStreamDecoder(Headers.empty());
            feed(body, message);
            for (int i = 0; i < 31; i++) {
                body.feed(ByteBuffer.wrap(blanks), event -> {});
            }
            body.feed(ByteBuffer.wrap(blanks, 0, MIB - message.length() - 1), event -> {});
            if (more == 0) {
                feed(body, "}");
                assertThat(body.response().text()).isEqualTo("x");
            } else {
                assertThatThrownBy(() -> feed(body, " }"))
                        .isInstanceOfSatisfying(
                                StreamFailure.class,
                                e -> assertThat(e.toException(CONTEXT))
                                        .hasMessageContaining("longer than " + JsonReader.MAX_DOCUMENT + " bytes"));
            }
        }
    }

    /** Were anything copied for each piece, ten times as many would cost a hundred times as much. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'text','text':''}|'text':'some words of it '",
                "{'type':'thinking','thinking':''}|'thinking':'some words of it '",
                "{'type':'thinking','thinking':''}|'signature':'c29tZSB3b3Jkcw'",
                "{'type':'tool_use','id':'t','name':'f','input':{}}|'partial_json':'           '",
                "{'type':'tool_use','id':'t','name':'f','input':{}}|'name':'some words of it'",
                "{'type':'server_tool_use','input':{}}|'partial_json':'           '",
                "{'type':'compaction','content':''}|'content':'some words of it '"
            })
    void ten_times_as_many_pieces_cost_ten_times_as_much(String blockAndPiece) {
        String[] parts = blockAndPiece.split("\\|");
        // with what is made once
        allocated(parts[0], parts[1], 100);
        long few = allocated(parts[0], parts[1], 1_000);
        long many = allocated(parts[0], parts[1], 10_000);
        long most = allocated(parts[0], parts[1], 100_000);

        assertThat(many).isLessThan(25 * few);
        assertThat(most).isLessThan(25 * many);
    }

    private static long allocated(String block, String piece, int pieces) {
        MessagesStreamDecoder decoder = new MessagesStreamDecoder(Headers.empty());
        feed(decoder, START + begin(0, block));
        ByteBuffer chunk = encoded(delta(piece).repeat(100));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < pieces / 100; i++) {
            decoder.feed(chunk.duplicate(), event -> {});
        }
        feed(decoder, END);
        decoder.response();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void a_tools_input_of_ten_megabytes_is_read_at_a_few_times_its_size() {
        String word = "\\'" + "x".repeat(997) + "\\',";
        String piece = delta("'partial_json':'" + word.repeat(100) + "'");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer chunk = encoded(piece);
        feed(START
                + begin(0, "{'type':'tool_use','id':'t','name':'f','input':{}}")
                + delta("'partial_json':'{\\'x\\':['"));
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
            stream.feed(chunk.duplicate(), event -> {});
        }
        feed(delta("'partial_json':'1]}'") + END);
        ChatResponse response = stream.response();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(response.toolCalls())
                .singleElement()
                .extracting(ToolCall::arguments)
                .asString()
                .hasSize(10_000_009);
        assertThat(allocated).isLessThan(250L << 20);
    }

    @Test
    void blocks_that_take_turns_are_found_by_their_numbers() {
        StringBuilder blocks = new StringBuilder(START);
        for (int i = 0; i < 4_000; i++) {
            blocks.append(begin(i, "{'type':'text','text':''}"));
        }
        feed(blocks.toString());
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            String piece = "data: {'type':'content_block_delta','index':" + i % 2 * 3_999 + ",'delta':{'text':'" + i % 2
                    + "'}}\n\n";
            stream.feed(encoded(piece), event -> text.append(((ChatEvent.Text) event).value()));
        }
        feed(END);

        assertThat(text).hasSize(100_000);
        assertThat(stream.response().text()).isEqualTo("0".repeat(50_000) + "1".repeat(50_000));
    }

    private static String begin(int index, String block) {
        return "data: {'type':'content_block_start','index':" + index + ",'content_block':" + block + "}\n\n";
    }

    private static String delta(String member) {
        return "data: {'type':'content_block_delta','index':0,'delta':{" + member + "}}\n\n";
    }

    private KimiException failure(String text) {
        return failureOf(() -> feed(text));
    }

    private static KimiException failureOf(Runnable reading) {
        StreamFailure failure = catchThrowableOfType(StreamFailure.class, reading::run);
        assertThat(failure).isNotNull();
        return failure.toException(CONTEXT);
    }

    private void feed(String text) {
        feed(stream, text);
    }

    private static void feed(MessagesStreamDecoder decoder, String text) {
        decoder.feed(encoded(text), event -> {});
    }

    private static ByteBuffer encoded(String text) {
        return ByteBuffer.wrap(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
