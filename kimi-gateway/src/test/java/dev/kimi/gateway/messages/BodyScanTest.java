package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.q;
import static dev.kimi.gateway.messages.MessagesFixture.read;
import static dev.kimi.gateway.messages.MessagesFixture.rejected;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.InboundChat;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyScanTest {

    private static final String PLAIN = q("{'model':'m','max_tokens':5,'messages':[{'role':'user','content':'Hi'}]}");

    @Test
    void what_the_gateway_decides_by_is_found_wherever_it_stands() {
        InboundChat chat = read(q("{ 'messages' : [{'content':'Hi','role':'user'}], 'stream':true,"
                + "'metadata':{'x':1,'user_id':'u'}, 'max_tokens':5, 'mod\\u0065l' : 'kimi-k3' }"));

        assertThat(chat.model()).isEqualTo("kimi-k3");
        assertThat(chat.streamed()).isTrue();
        assertThat(chat.outputCap()).isEqualTo(5);
        assertThat(chat.sessionId()).hasSize(32).isNotEqualTo("u");
    }

    @Test
    void line_10_the_session_of_the_header_comes_before_that_of_the_user() {
        String body = PLAIN.replace("{\"model\"", "{\"metadata\":{\"user_id\":\"u\"},\"model\"");

        assertThat(read(body, Map.of("x-claude-code-session-id", "abc-1")).sessionId())
                .isEqualTo("abc-1");
        assertThat(read(body, Map.of("x-claude-code-session-id", "x".repeat(500)))
                        .sessionId())
                .hasSize(32);
        assertThat(read(body).sessionId()).isEqualTo(read(body).sessionId()).isNotNull();
        assertThat(read(PLAIN).sessionId()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|JSON object",
                "''|JSON object",
                "{\"model\":\"m\"|byte",
                "{\"model\":\"m\",\"messages\":[]} {}|nothing behind it",
                "{\"messages\":[]}|model: Field required",
                "{\"model\":\"m\"}|messages: Field required",
                "{\"model\":1,\"messages\":[]}|model: Input should be a valid string",
                "{\"model\":\" \",\"messages\":[]}|model: must have",
                "{\"model\":\"m\",\"messages\":{}}|messages: Input should be a valid array",
                "{\"model\":\"m\",\"messages\":[\"Hi\"]}|messages.0: Input should be a valid object",
                "{\"model\":\"m\",\"messages\":[],\"stream\":\"true\"}|stream: Input should be a valid boolean",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":\"5\"}|max_tokens: Input should be a valid integer",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":1.5}|max_tokens: Input should be a valid integer",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":99999999999999}|max_tokens: Input should be a valid",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":-1}|max_tokens: must be at least 0",
                "{\"model\":\"m\",\"messages\":[],\"metadata\":[]}|metadata: Input should be a valid object",
                "{\"model\":\"m\",\"model\":\"n\",\"messages\":[]}|model: stands in the body twice",
                "{\"model\":\"m\",\"messages\":[],\"messages\":[]}|messages: stands in the body twice",
            })
    void a_wrong_request_is_rejected_with_the_name_of_what_is_wrong(String body, String words) {
        GatewayError error = rejected(() -> read(body));

        assertThat(error.kind()).isEqualTo(GatewayError.Kind.INVALID_REQUEST);
        assertThat(error.status()).isEqualTo(400);
        assertThat(error.message()).contains(words);
    }

    @Test
    void no_content_of_a_body_that_cannot_be_read_is_in_the_error() {
        GatewayError error = rejected(() -> read("{\"model\":\"m\",\"messages\":[secretword]}"));

        assertThat(error.message()).doesNotContain("secretword");
    }

    @Test
    void nesting_and_numbers_have_limits() {
        String deep = "[".repeat(300) + "]".repeat(300);
        String digits = "9".repeat(2_000);

        assertThat(rejected(() -> read(q("{'model':'m','messages':[],'x':" + deep + "}")))
                        .message())
                .contains("beyond a limit");
        assertThat(rejected(() -> read(q("{'model':'m','messages':[],'x':" + digits + "}")))
                        .message())
                .contains("beyond a limit");
    }

    @Test
    void a_body_in_another_encoding_is_rejected() {
        byte[] utf16 = PLAIN.getBytes(StandardCharsets.UTF_16LE);

        GatewayError error = rejected(() -> MessagesFixture.DIALECT.read(
                new dev.kimi.gateway.dialect.InboundHead("/v1/messages", null, Map.of()), utf16));

        assertThat(error.message()).contains("UTF-8");
    }

    @Test
    void the_estimate_is_rather_too_high_for_text() {
        String prose = "The quick brown fox jumps over the lazy dog. ".repeat(100);

        long tokens = read(PLAIN.replace("Hi", prose)).inputTokens();

        assertThat(tokens).isBetween(1_000L, 1_700L);
    }

    @Test
    void images_count_by_number_and_not_by_bytes() {
        String image = q("{'type':'image','source':{'type':'base64','media_type':'image/png','data':'%s'}}");
        String body = q("{'model':'m','messages':[{'role':'user','content':[%s,"
                + "{'type':'tool_result','tool_use_id':'t','content':[%s]}]}]}");
        String big = image.formatted("A".repeat(300_000));

        long tokens = read(body.formatted(big, big)).inputTokens();

        assertThat(tokens).isBetween(2 * 1_600L, 2 * 1_600L + 200);
    }

    @Test
    void the_source_of_an_image_may_stand_in_any_order() {
        String body = q("{'model':'m','messages':[{'role':'user','content':[{'source':{ 'data' : '" + "A".repeat(90_000)
                + "' ,'media_type':'image/png','type':'base64'},'type':'image'}]}]}");

        assertThat(read(body).inputTokens()).isBetween(1_600L, 1_800L);
    }

    @Test
    void text_documents_count_by_their_bytes() {
        String body = q("{'model':'m','messages':[{'role':'user','content':[{'type':'document','source':"
                + "{'type':'text','media_type':'text/plain','data':'" + "A".repeat(9_000) + "'}}]}]}");

        assertThat(read(body).inputTokens()).isBetween(3_000L, 3_200L);
    }
}
