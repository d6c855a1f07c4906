package dev.kimi.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.kimi.chat.ChatResponse;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.InboundChat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

class RequestLogTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(RequestLog.NAME);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    @Test
    void a_call_is_one_line_with_what_an_operator_needs() {
        assertThat(lineOf(stream("claude-kimi-k3")))
                .isEqualTo(
                        "trace=4bf92f3577b34da6a3ce929d0e0e4736 request=req_1 key=team-a operation=chat"
                                + " protocol=anthropic model=claude-kimi-k3 endpoint=kimi upstream_model=kimi-k3 status=200"
                                + " outcome=ok input_tokens=100 cache_read_tokens=60 output_tokens=11 cost_usd=0.00025"
                                + " queue_ms=2 first_byte_ms=100 total_ms=600 attempts=2 dropped=context_management,tools.strict");
    }

    @Test
    void structured_logging_gets_the_same_as_members() {
        lineOf(stream("claude-kimi-k3"));

        assertThat(lines.list.get(0).getKeyValuePairs())
                .extracting(pair -> pair.key + "=" + pair.value)
                .contains("trace=4bf92f3577b34da6a3ce929d0e0e4736", "status=200", "output_tokens=11");
    }

    @Test
    void boot_writes_the_members_as_json() {
        lineOf(stream("claude-kimi-k3"));
        LoggerContext context = logger.getLoggerContext();
        Object before = context.getObject(Environment.class.getName());
        context.putObject(Environment.class.getName(), new MockEnvironment());
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setContext(context);
        encoder.setFormat("logstash");
        encoder.start();

        String json = new String(encoder.encode(lines.list.get(0)), StandardCharsets.UTF_8);

        context.putObject(Environment.class.getName(), before);
        assertThat(json)
                .contains("\"key\":\"team-a\"", "\"status\":200", "\"total_ms\":600", "\"cost_usd\":\"0.00025\"");
    }

    @Test
    void what_is_not_known_is_left_out() {
        GatewayCall rejected =
                new EndedCall(null, false, null, 429, Outcome.REJECTED, GatewayError.Kind.RATE_LIMIT, List.of());

        assertThat(lineOf(rejected))
                .isEqualTo("trace=4bf92f3577b34da6a3ce929d0e0e4736 request=req_1 key=team-a operation=chat"
                        + " protocol=anthropic status=429 outcome=rejected error=rate_limit total_ms=600 attempts=0");
    }

    @Test
    void a_model_that_a_client_makes_up_can_neither_end_the_line_nor_be_a_field() {
        String line = lineOf(stream("k3\r\nINFO trace=1 outcome=ok \"\u001b[31m\u2028" + "x".repeat(1000)));

        assertThat(line)
                .contains(" model=k3??INFO?trace?1?outcome?ok????31m?xxx")
                .hasSizeLessThan(600)
                .matches("[\\x20-\\x7e]+");
        assertThat(lines.list.get(0).getKeyValuePairs())
                .extracting(pair -> String.valueOf(pair.value))
                .allMatch(value -> value.matches("[\\x21-\\x7e]+"));
    }

    private String lineOf(GatewayCall call) {
        new RequestLog().ended(call);
        assertThat(lines.list).hasSize(1);
        return lines.list.get(0).getFormattedMessage();
    }

    private static GatewayCall stream(String model) {
        return new EndedCall(
                model,
                true,
                "kimi",
                200,
                Outcome.OK,
                null,
                List.of(
                        new ChatResponse.Note(InboundChat.DROPPED, "context_management"),
                        new ChatResponse.Note(InboundChat.DROPPED, "tools.strict"),
                        new ChatResponse.Note(InboundChat.CHANGED, "max_tokens")));
    }
}
