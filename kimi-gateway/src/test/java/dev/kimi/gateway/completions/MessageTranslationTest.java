package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.Targets.MAPPER;
import static dev.kimi.gateway.completions.Targets.OPUS;
import static dev.kimi.gateway.completions.Targets.notes;
import static dev.kimi.gateway.completions.Targets.sent;
import static dev.kimi.gateway.completions.Targets.talk;
import static dev.kimi.gateway.completions.Targets.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.gateway.dialect.GatewayException;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class MessageTranslationTest {

    private static final String USER = "{\"role\":\"user\",\"content\":\"hi\"}";
    private static final String CALL = """
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",\
            "function":{"name":"f","arguments":"{\\"a\\":1.50}"}}]}""";
    private static final String RESULT = "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"sunny\"}";

    @Test
    void instructions_at_the_beginning_are_the_prompt() {
        JsonNode sent = sent(
                talk("{\"role\":\"system\",\"content\":\"a\"},{\"role\":\"developer\",\"content\":\"b\"}," + USER),
                OPUS);

        assertThat(sent.path("system"))
                .isEqualTo(MAPPER.readTree("[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]"));
        assertThat(sent.path("messages")).isEqualTo(MAPPER.readTree("[" + USER + "]"));
    }

    @Test
    void instructions_amid_the_conversation_stay_in_their_place() {
        String system = "{\"role\":\"system\",\"content\":\"brief\"}";
        String last = talk(USER + "," + system);
        String before = talk(USER + "," + system + "," + USER);

        assertThat(sent(last, OPUS).path("messages").path(1)).isEqualTo(MAPPER.readTree(system));
        assertThat(notes(last, OPUS)).isEmpty();
        assertThat(sent(before, OPUS).path("messages").path(1))
                .isEqualTo(MAPPER.readTree("{\"role\":\"user\",\"content\":\"brief\"}"));
        assertThat(notes(before, OPUS)).containsExactly("changed messages.system");
    }

    @Test
    void images_and_documents_of_the_user_go_as_content() {
        String json = talk("""
                {"role":"user","content":[{"type":"text","text":"see"},\
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"high"}},\
                {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},\
                {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,BBBB"}}]}""");

        assertThat(sent(json, OPUS).path("messages").path(0).path("content")).isEqualTo(MAPPER.readTree("""
                [{"type":"text","text":"see"},\
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},\
                {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},\
                {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"BBBB"},\
                "title":"a.pdf"}]"""));
        assertThat(notes(json, OPUS)).containsExactly("dropped image_url.detail");
    }

    @Test
    void calls_and_their_results_go_as_blocks() {
        JsonNode sent = sent(talk(USER + "," + CALL + "," + RESULT), OPUS);

        assertThat(sent.path("messages").path(1).toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"f\","
                        + "\"input\":{\"a\":1.50}}]}");
        assertThat(sent.path("messages").path(2))
                .isEqualTo(MAPPER.readTree("{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
                        + "\"tool_use_id\":\"c1\",\"content\":\"sunny\"}]}"));
    }

    @Test
    void results_of_parallel_calls_are_one_turn_of_the_user() {
        String calls = """
                {"role":"assistant","content":"let me see","tool_calls":[\
                {"id":"a:0","type":"function","function":{"name":"f","arguments":"{}"}},\
                {"id":"b:1","type":"function","function":{"name":"f","arguments":""}}]}""";
        String results = """
                {"role":"tool","tool_call_id":"a:0","content":"1"},\
                {"role":"tool","tool_call_id":"b:1","content":[{"type":"text","text":"2"},\
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}""";

        JsonNode messages = sent(talk(USER + "," + calls + "," + results), OPUS).path("messages");

        assertThat(messages).hasSize(3);
        assertThat(messages.path(1).path("content").path(0).path("text").asString())
                .isEqualTo("let me see");
        assertThat(messages.path(2).path("content")).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(messages.path(2).path("content").path(i).path("tool_use_id"))
                    .isEqualTo(messages.path(1).path("content").path(i + 1).path("id"));
        }
        assertThat(messages.path(2)
                        .path("content")
                        .path(1)
                        .path("content")
                        .path(1)
                        .path("type")
                        .asString())
                .isEqualTo("image");
    }

    @Test
    void broken_arguments_of_an_earlier_call_are_wrapped() {
        String json = talk(USER + "," + CALL.replace("{\\\"a\\\":1.50}", "{\\\"a\\\":") + "," + RESULT);

        assertThat(sent(json, OPUS)
                        .path("messages")
                        .path(1)
                        .path("content")
                        .path(0)
                        .path("input"))
                .isEqualTo(MAPPER.readTree("{\"arguments\":\"{\\\"a\\\":\"}"));
        assertThat(notes(json, OPUS)).containsExactly("changed messages.tool_calls.arguments");
    }

    @Test
    void reasoning_goes_to_models_that_do_not_sign_theirs() {
        String reasoned = talk(USER + "," + CALL.replace("null,", "null,\"reasoning_content\":\"hm\",") + "," + RESULT);

        assertThat(sent(reasoned, target("kimi-k3"))
                        .path("messages")
                        .path(1)
                        .path("content")
                        .path(0))
                .isEqualTo(MAPPER.readTree("{\"type\":\"thinking\",\"thinking\":\"hm\"}"));
        assertThat(notes(reasoned, target("kimi-k3"))).isEmpty();
        assertThat(sent(reasoned, OPUS).toString()).doesNotContain("thinking");
        assertThat(notes(reasoned, OPUS)).containsExactly("dropped messages.reasoning_content");
    }

    @Test
    void a_turn_with_calls_never_lacks_the_reasoning_that_kimi_wants() {
        String json = talk(USER + "," + CALL + "," + RESULT);

        assertThat(sent(json, target("kimi-k3"))
                        .path("messages")
                        .path(1)
                        .path("content")
                        .path(0))
                .isEqualTo(MAPPER.readTree("{\"type\":\"thinking\",\"thinking\":\"\"}"));
        assertThat(notes(json, target("kimi-k3"))).containsExactly("changed messages.reasoning_content");
    }

    @Test
    void the_four_newest_marks_of_the_cache_go() {
        String marked = """
                {"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]}""";
        String json = talk(String.join(",", Collections.nCopies(5, marked)));

        JsonNode messages = sent(json, OPUS).path("messages");

        assertThat(messages.path(0).toString()).doesNotContain("cache_control");
        for (int i = 1; i < 5; i++) {
            assertThat(messages.path(i).toString()).contains("cache_control");
        }
        assertThat(notes(json, OPUS)).containsExactly("dropped cache_control");
    }

    @Test
    void members_of_a_message_that_have_no_place_are_dropped() {
        String json = talk("{\"role\":\"user\",\"name\":\"ann\",\"content\":\"hi\",\"my_secret\":1,\"audio\":null}");

        assertThat(notes(json, OPUS)).containsExactlyInAnyOrder("dropped messages.name", "dropped other");
    }

    @Test
    void the_same_messages_are_sent_as_the_same_bytes_in_a_longer_conversation() {
        String shorter = USER + "," + CALL + "," + RESULT;
        String longer = shorter + ",{\"role\":\"assistant\",\"content\":\"ok\"}," + USER;

        String first = sent(talk(shorter), OPUS).path("messages").toString();
        String second = sent(talk(longer), OPUS).path("messages").toString();

        assertThat(second).startsWith(first.substring(0, first.length() - 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7",
                "{\"content\":\"x\"}",
                "{\"role\":\"function\",\"content\":\"x\"}",
                "{\"role\":\"user\"}",
                "{\"role\":\"user\",\"content\":[]}",
                "{\"role\":\"user\",\"content\":[7]}",
                "{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}",
                "{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_audio\":{}}]}",
                "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]}",
                "{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}]}",
                "{\"role\":\"tool\",\"content\":\"x\"}",
                "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"custom\",\"custom\":{}}]}",
                "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\"}]}",
                "{\"role\":\"assistant\",\"tool_calls\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}"
            })
    void what_cannot_be_said_is_rejected_with_its_place(String message) {
        GatewayException thrown = catchThrowableOfType(
                GatewayException.class, () -> Targets.translated(talk(USER + "," + message), OPUS));

        assertThat(thrown.error().status()).isEqualTo(400);
        assertThat(thrown.error().message()).startsWith("\"messages[1]");
    }
}
