package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** One message in each form that services and proxies send, to a call that streams and to one that does not. */
class MessagesFormsTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-11-01T00:00:00Z"));
    private static final Protocol PROTOCOL = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);
    private static final List<String> LABELS = List.of("text/event-stream; charset=utf-8", "application/json", "");

    private static final String WHOLE =
            "{'id':'msg_1','type':'message','role':'assistant','content':[{'type':'text','text':'Guten Tag'}],"
                    + "'stop_reason':'end_turn','usage':{'input_tokens':3,'output_tokens':2}}";
    private static final String START =
            "{'type':'message_start','message':{'id':'msg_1','type':'message','role':'assistant','content':[],"
                    + "'usage':{'input_tokens':3,'output_tokens':1}}}";
    private static final String BEGIN =
            "{'type':'content_block_start','index':0,'content_block':{'type':'text','text':''}}";
    private static final String FIRST = delta("Guten ");
    private static final String SECOND = delta("Tag");
    private static final String END = "{'type':'content_block_stop','index':0}";
    private static final String WHY =
            "{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':{'output_tokens':2}}";
    private static final String STOP = "{'type':'message_stop'}";
    private static final List<String> EVENTS = List.of(START, BEGIN, FIRST, SECOND, END, WHY, STOP);
    private static final String STREAM = stream(EVENTS);
    private static final String PRETTY =
            WHOLE.replace(",'", ",\n  '").replace("[{", "[\n {\n").replace("}]", "\n }\n]");
    private static final String GOOD = "Guten Tag stop 3/2";

    /** Each gives {@link #GOOD}. */
    private static final List<String> RESPONSES = List.of(
            STREAM,
            named(EVENTS),
            "\uFEFF" + STREAM,
            " \n\n\t" + named(EVENTS),
            named(EVENTS).replace("\n", "\r\n"),
            named(EVENTS).replace("\n", "\r"),
            named(EVENTS).replace("data: ", "data:").replace("event: ", "event:"),
            STREAM.replace("data: ", "id: 7\nretry: 10\n: note\ndata: "),
            STREAM.replace("data: ", "event: ping\ndata: "),
            STREAM.replace("data: ", "event: error\ndata: "),
            STREAM.replace("data: ", "event: message\ndata: "),
            STREAM.replace("{'type':", "{\ndata: 'type'\ndata: :"),
            STREAM.replace("data: ", "data: data: "),
            STREAM.replace("\n\ndata: ", "\ndata: "),
            named(EVENTS).replaceAll("\\{'type':'(message|content_block)_(start|stop|delta)',?", "{"),
            named(EVENTS).replace(",'index':0", ""),
            STREAM.substring(0, STREAM.length() - 2),
            STREAM + event("[DONE]"),
            STREAM.replace(event(STOP), event("[DONE]")),
            STREAM.replace(event(WHY) + event(STOP), "data: " + WHY + "\ndata: [DONE]\n\n"),
            STREAM.replace(event(FIRST), event("{'type':'ping'}") + event(FIRST) + ": waiting\n\n"),
            STREAM.replace("{'type':'content", "{'error':null,'type':'content"),
            String.join("\n", EVENTS) + "\n",
            String.join("", EVENTS),
            START + "\n" + STREAM.substring(event(START).length()),
            WHOLE,
            "\uFEFF" + WHOLE,
            "\r\n \n" + WHOLE + "\n",
            WHOLE + "\n\n" + event("[DONE]"),
            WHOLE + STREAM,
            event(WHOLE),
            "event: message\n" + event(WHOLE),
            event(WHOLE) + event("[DONE]"),
            event(WHOLE) + event(STOP),
            PRETTY,
            "data: " + PRETTY.replace("\n", "\ndata: ") + "\n\n" + event(STOP),
            "data: " + PRETTY + "\n\n",
            ": waiting\n\n" + WHOLE + "\n\n");

    private record Failing(String body, String type) {}

    private static final String OVERLOADED =
            "{'type':'error','error':{'type':'overloaded_error','message':'Overloaded'},'request_id':'r'}";
    private static final String KEY = "{'error':{'message':'Invalid API key','type':'invalid_api_key'}}";
    private static final String RATE = "{'code':429,'message':'Slow down please'}";
    private static final String NO_BALANCE =
            "{'type':'error','error':{'type':'api_error','message':'insufficient balance (1008)'}}";

    /** None of these is a message, so that nothing may be handed out. */
    private static final List<Failing> FAILURES = List.of(
            new Failing(OVERLOADED, "OverloadedException"),
            new Failing(event(OVERLOADED), "OverloadedException"),
            new Failing("event: error\n" + event(OVERLOADED), "OverloadedException"),
            new Failing("event: ping\n" + event(OVERLOADED), "OverloadedException"),
            new Failing("event: error\n" + event("{'type':'overloaded_error','message':'no'}"), "OverloadedException"),
            new Failing("event: error\ndata: Overloaded\n\n", "OverloadedException"),
            new Failing("event: error\ndata: {'type':'overloaded_error','mess\n\n", "OverloadedException"),
            new Failing(event(START) + event(OVERLOADED), "OverloadedException"),
            new Failing(event("{'type':'ping'}" + OVERLOADED), "OverloadedException"),
            new Failing(event(START) + OVERLOADED + "\n\n", "OverloadedException"),
            new Failing(": waiting\n\n" + OVERLOADED, "OverloadedException"),
            new Failing("[" + OVERLOADED + "]", "OverloadedException"),
            new Failing(event("[" + OVERLOADED + "]"), "OverloadedException"),
            new Failing(
                    WHOLE.replace("'usage':", "'error':{'type':'overloaded_error'},'usage':"), "OverloadedException"),
            new Failing(KEY, "AuthenticationException"),
            new Failing(event(KEY), "AuthenticationException"),
            new Failing(RATE, "RateLimitException"),
            new Failing(event(RATE) + event("[DONE]"), "RateLimitException"),
            new Failing(event(START) + event(RATE), "RateLimitException"),
            new Failing(NO_BALANCE, "QuotaExceededException"),
            new Failing(event(NO_BALANCE), "QuotaExceededException"),
            new Failing(
                    event("{'error':{'code':'data_inspection_failed','type':'data_inspection_failed',"
                            + "'message':'Output data may contain inappropriate content.'}}"),
                    "ContentFilteredException"),
            new Failing("{'type':'message','role':'assistant','content':'none'}", "ServerException"),
            new Failing("{'type':'message','role':'assistant'}", "ServerException"),
            new Failing(event("{'type':'message','content':null}") + event(STOP), "ServerException"),
            new Failing(event("{'type':'ping'}") + event(STOP), "ServerException"),
            new Failing(event(STOP), "ServerException"),
            new Failing(event(START) + event(STOP), "ServerException"),
            new Failing(
                    event(START)
                            + event("{'type':'message_delta','delta':{'stop_reason':null},'usage':{'output_tokens':1}}")
                            + event(STOP),
                    "ServerException"),
            new Failing("{'type':'message','role':'assistant','content':[]}", "ServerException"),
            new Failing("{'type':'completion','status':'queued'}", "ServerException"),
            new Failing("{}", "ServerException"),
            new Failing("[]", "ServerException"),
            new Failing("{'type':", "ServerException"),
            new Failing(WHOLE.substring(0, WHOLE.length() - 40), "ServerException"),
            new Failing("<html><body>Bad gateway</body></html>", "ServerException"),
            new Failing("upstream connect error", "ServerException"));

    /** Streams without a good end. */
    private static final List<String> CUT = List.of(
            event("[DONE]"),
            event("{'type':'ping'}") + event("[DONE]"),
            event(START) + event("[DONE]"),
            stream(EVENTS.subList(0, 6)),
            stream(EVENTS.subList(0, 6)) + event(STOP).substring(0, 20),
            stream(EVENTS.subList(0, 5)) + event("[DONE]"),
            String.join("\n", EVENTS.subList(0, 6)));

    @TestFactory
    Stream<DynamicTest> a_message_is_read_in_each_form() {
        return RESPONSES.stream().map(body -> test(body, GOOD));
    }

    @TestFactory
    Stream<DynamicTest> an_error_is_what_it_says_in_each_form() {
        return FAILURES.stream().map(failing -> test(failing.body(), failing.type()));
    }

    @TestFactory
    Stream<DynamicTest> a_stream_without_its_end_mark_is_no_success() {
        return CUT.stream()
                .map(body -> DynamicTest.dynamicTest(shown(body), () -> {
                    assertThat(streamed("", body, 1)).isEqualTo("cut");
                    assertThat(chat("", body)).isEqualTo("TruncatedStreamException");
                }));
    }

    private static DynamicTest test(String body, String expected) {
        return DynamicTest.dynamicTest(shown(body), () -> {
            for (String label : LABELS) {
                for (int step : new int[] {Integer.MAX_VALUE, 1, 7}) {
                    assertThat(streamed(label, body, step))
                            .as("%s by %d", label, step)
                            .isEqualTo(expected);
                }
                assertThat(chat(label, body)).as(label).isEqualTo(expected);
            }
        });
    }

    private static String delta(String text) {
        return "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'" + text + "'}}";
    }

    private static String stream(List<String> events) {
        return events.stream().map(MessagesFormsTest::event).collect(Collectors.joining());
    }

    private static String named(List<String> events) {
        return events.stream()
                .map(data -> "event: " + data.replaceAll("^\\{'type':'(\\w+)'.*", "$1") + "\n" + event(data))
                .collect(Collectors.joining());
    }

    private static String event(String data) {
        return "data: " + data + "\n\n";
    }

    private static String shown(String body) {
        return body.replace("\n", "\\n").replace("\r", "\\r").substring(0, Math.min(80, body.length()));
    }

    private static Headers headers(String label) {
        Headers.Builder headers = Headers.builder();
        return (label.isEmpty() ? headers : headers.add("content-type", label)).build();
    }

    private static byte[] bytes(String body) {
        return body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static String chat(String label, String body) {
        try {
            return summary(PROTOCOL.decode(headers(label), ByteBuffer.wrap(bytes(body)), CONTEXT));
        } catch (KimiException e) {
            return e.getClass().getSimpleName();
        }
    }

    private static String streamed(String label, String body, int step) {
        byte[] bytes = bytes(body);
        ChatStreamDecoder decoder = PROTOCOL.decoder(headers(label));
        List<ChatEvent> events = new ArrayList<>();
        try {
            for (int from = 0; from < bytes.length; from += Math.min(step, bytes.length)) {
                int length = Math.min(step, bytes.length - from);
                decoder.feed(ByteBuffer.wrap(bytes, from, length).slice(), events::add);
            }
            decoder.end(events::add);
        } catch (StreamFailure e) {
            assertThat(events).as(e.toException(CONTEXT).toString()).isEmpty();
            return e.toException(CONTEXT).getClass().getSimpleName();
        }
        if (!decoder.complete()) {
            return "cut";
        }
        String text = events.stream()
                .map(event -> event instanceof ChatEvent.Text piece ? piece.value() : "")
                .collect(Collectors.joining());
        assertThat(text).isEqualTo(decoder.response().text());
        assertThat(decoder.partial().text()).isEqualTo(text);
        return summary(decoder.response());
    }

    private static String summary(ChatResponse response) {
        return response.text() + " " + response.finishReason().value() + " "
                + response.usage().promptTokens() + "/" + response.usage().completionTokens();
    }
}
