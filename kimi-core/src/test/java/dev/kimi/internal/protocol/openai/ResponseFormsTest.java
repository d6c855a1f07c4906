package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
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

/** One response in each form that services send, under each label, to a call that streams and to one that does not. */
class ResponseFormsTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Protocol PROTOCOL = new OpenAiProtocol();
    private static final List<String> LABELS = List.of(
            "text/event-stream", "text/event-stream; charset=utf-8", "application/json", "text/plain", "text/html", "");

    private static final String WHOLE =
            "{'id':'r7','object':'chat.completion','model':'m','choices':[{'index':0,'message':{'role':'assistant',"
                    + "'content':'Guten Tag'},'finish_reason':'stop'}],'usage':{'prompt_tokens':3,'completion_tokens':2}}";
    private static final String FIRST = "{'id':'r7','choices':[{'index':0,'delta':{'content':'Guten '}}]}";
    private static final String SECOND =
            "{'id':'r7','choices':[{'index':0,'delta':{'content':'Tag'},'finish_reason':'stop'}]}";
    private static final String COUNTS = "{'id':'r7','choices':[],'usage':{'prompt_tokens':3,'completion_tokens':2}}";
    private static final String PRETTY =
            WHOLE.replace(",'", ",\n  '").replace("[{", "[\n {\n").replace("}]", "\n }\n]");
    private static final String GOOD = "Guten Tag stop 3/2";

    /** Each gives {@link #GOOD}. */
    private static final List<String> RESPONSES = List.of(
            event(FIRST) + event(SECOND) + event(COUNTS) + event("[DONE]"),
            event(FIRST) + event(SECOND) + event("[DONE]") + event(COUNTS),
            event(FIRST) + event(SECOND) + "data: [DONE]\ndata: " + COUNTS + "\n\n",
            "\uFEFF" + event(FIRST) + event(SECOND) + event(COUNTS) + event("[DONE]"),
            " \n\n\t" + event(FIRST) + event(SECOND) + event(COUNTS) + event("[DONE]"),
            event("data: " + FIRST) + event("data:" + SECOND) + event(COUNTS) + event("data: [DONE]"),
            ": waiting\n\n" + event(FIRST) + ": waiting\n\n" + event(SECOND) + event(COUNTS) + event("[DONE]"),
            WHOLE,
            "\uFEFF" + WHOLE,
            "\r\n \n" + WHOLE + "\n",
            WHOLE + "\n\n" + event("[DONE]"),
            WHOLE + "[DONE]",
            WHOLE + "\n[DONE]\n",
            event(WHOLE) + event("[DONE]"),
            event(WHOLE),
            PRETTY,
            PRETTY + "\n\n" + event("[DONE]"),
            "data: " + PRETTY + "\n\n" + event("[DONE]"),
            "data: " + PRETTY.replace("\n", "\ndata: ") + "\n\n" + event("[DONE]"),
            ": waiting\n\n" + WHOLE + "\n\n" + event("[DONE]"),
            ": waiting\n\n" + PRETTY,
            FIRST + "\n" + SECOND + "\n" + COUNTS + "\n[DONE]\n",
            FIRST + "\n" + SECOND + "\n" + COUNTS + "\n",
            ": waiting\n" + FIRST + "\n" + SECOND + "\n" + COUNTS + "\n" + event("[DONE]"),
            FIRST + "\n\n" + event(SECOND) + event(COUNTS) + event("[DONE]"),
            "[" + WHOLE + "]",
            "[" + FIRST + "," + SECOND + "," + COUNTS + "]");

    private record Failing(String body, String type) {}

    private static final String KEY = "{'error':{'message':'Invalid API key','type':'invalid_api_key'}}";
    private static final String QUOTA = "{'code':'insufficient_quota','message':'Top up your account first'}";
    private static final String RATE = "{'code':429,'message':'Slow down please'}";
    private static final String BASE = "{'id':'r7','choices':null,'base_resp':{'status_code':%s,'status_msg':'%s'}}";

    private static final List<Failing> FAILURES = List.of(
            new Failing(KEY, "AuthenticationException"),
            new Failing("\uFEFF \n" + KEY, "AuthenticationException"),
            new Failing(event(KEY), "AuthenticationException"),
            new Failing(": waiting\n\n" + KEY, "AuthenticationException"),
            new Failing(": waiting\n\n" + KEY.replace(":{", ":{\n").replace(",", ",\n"), "AuthenticationException"),
            new Failing("event: error\n" + event(KEY), "AuthenticationException"),
            new Failing(KEY + "\n\n" + event("[DONE]"), "AuthenticationException"),
            new Failing(QUOTA, "QuotaExceededException"),
            new Failing(event(QUOTA), "QuotaExceededException"),
            new Failing(RATE, "RateLimitException"),
            new Failing(event(RATE) + event("[DONE]"), "RateLimitException"),
            new Failing("{'detail':'Could not validate'}", "ServerException"),
            new Failing("{'code':401,'choices':null}", "AuthenticationException"),
            new Failing("{'choices':[{'index':0,'error':{'code':503,'message':'gone'}}]}", "OverloadedException"),
            new Failing(
                    event("{'choices':[{'index':0,'delta':{'content':''},'finish_reason':'error',"
                                    + "'error':{'code':502,'message':'upstream is away'}}]}")
                            + event("[DONE]"),
                    "ServerException"),
            new Failing(BASE.formatted("1008", "insufficient balance"), "QuotaExceededException"),
            new Failing(event(BASE.formatted("'1008'", "x")) + event("[DONE]"), "QuotaExceededException"),
            new Failing(event(BASE.formatted("1004", "login fail")), "AuthenticationException"),
            new Failing(BASE.formatted("1002", "x"), "RateLimitException"),
            new Failing(BASE.formatted("1027", "x"), "ContentFilteredException"),
            new Failing(BASE.formatted("1000", "unknown error"), "ServerException"),
            new Failing(event("'Invalid API key provided'") + event("[DONE]"), "AuthenticationException"),
            new Failing(event("{'type':'ping'}") + event("[DONE]"), "ServerException"),
            new Failing(
                    event("{'type':'ping','status':'ok'}") + event("{'code':0}") + event("[DONE]"), "ServerException"),
            new Failing(event("{'choices':[{'delta':{},'error':'invalid_api_key'}]}"), "AuthenticationException"),
            new Failing(event("{'x_groq':{'error':'invalid_api_key'}}"), "AuthenticationException"),
            new Failing(event("[DONE]"), "ServerException"),
            new Failing("[DONE]", "ServerException"),
            new Failing(event("{'id':'r7','choices':null}") + event("[DONE]"), "ServerException"),
            new Failing(event("{'id':'r7'}") + event("[DONE]"), "ServerException"),
            new Failing(event("{'id':'r7','choices':[]}") + event("[DONE]"), "ServerException"),
            new Failing(event("{'choices':[{}]}") + event("[DONE]"), "ServerException"),
            new Failing(event(COUNTS) + event("[DONE]"), "ServerException"),
            new Failing(event("{'choices':[{'delta':{'role':'assistant'}}]}") + event("[DONE]"), "ServerException"),
            new Failing("{'id':'r7','choices':[]}", "ServerException"),
            new Failing("{'choices':[{'message':null}]}", "ServerException"),
            new Failing("{}", "ServerException"),
            new Failing("[]", "ServerException"),
            new Failing("{'choices':", "ServerException"),
            new Failing("<html><body>Bad gateway</body></html>", "ServerException"),
            new Failing("upstream connect error", "ServerException"));

    @TestFactory
    Stream<DynamicTest> a_response_is_read_in_each_form() {
        return RESPONSES.stream()
                .map(body -> DynamicTest.dynamicTest(shown(body), () -> {
                    for (String label : LABELS) {
                        for (int step : new int[] {Integer.MAX_VALUE, 1, 7}) {
                            // What follows the end mark counts only when it comes with it.
                            boolean late =
                                    body.indexOf("DONE") >= 0 && body.indexOf("DONE") < body.lastIndexOf("usage");
                            if (!late || step == Integer.MAX_VALUE) {
                                assertThat(streamed(label, body, step))
                                        .as("%s by %d", label, step)
                                        .isEqualTo(GOOD);
                            }
                        }
                        assertThat(chat(label, body)).as(label).isEqualTo(GOOD);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> an_error_is_what_it_says_in_each_form() {
        return FAILURES.stream()
                .map(failing -> DynamicTest.dynamicTest(shown(failing.body()), () -> {
                    for (String label : LABELS) {
                        for (int step : new int[] {Integer.MAX_VALUE, 1, 7}) {
                            assertThat(streamed(label, failing.body(), step))
                                    .as("%s by %d", label, step)
                                    .isEqualTo(failing.type());
                        }
                        assertThat(chat(label, failing.body())).as(label).isEqualTo(failing.type());
                    }
                }));
    }

    private static String event(String data) {
        return "data: " + data + "\n\n";
    }

    private static String shown(String body) {
        return body.replace("\n", "\\n").substring(0, Math.min(80, body.length()));
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
            assertThat(events).isEmpty();
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
        Usage usage = response.usage();
        return response.text() + " " + response.finishReason().value() + " " + usage.promptTokens() + "/"
                + usage.completionTokens();
    }
}
