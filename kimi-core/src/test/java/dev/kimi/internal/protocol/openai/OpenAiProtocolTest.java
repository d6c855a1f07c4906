package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiProtocolTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(2, Duration.ofSeconds(1), Instant.parse("2026-09-01T00:00:00Z"));
    private static final Headers HEADERS =
            Headers.builder().add("X-Msh-Trace-Id", "t1").build();
    private static final Protocol PROTOCOL = new OpenAiProtocol();

    @Test
    void reads_a_whole_response() {
        ChatResponse response = decode("""
                {"id":"a1","object":"chat.completion","created":7,"model":"kimi-k3","choices":[{"index":0,"message":
                {"role":"assistant","content":"Hello","reasoning_content":"Greet."},"finish_reason":"stop"}],
                "usage":{"prompt_tokens":94,"completion_tokens":25,"total_tokens":119,"cached_tokens":90,
                "prompt_tokens_details":{"cached_tokens":90},"completion_tokens_details":{"reasoning_tokens":9}}}""");

        assertThat(response.id()).isEqualTo("a1");
        assertThat(response.model()).isEqualTo("kimi-k3");
        assertThat(response.text()).isEqualTo("Hello");
        assertThat(response.message().reasoning()).isEqualTo("Greet.");
        assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(response.usage()).isEqualTo(UsageFixture.usage(94, 25, 119, 90, 9));
        assertThat(response.requestId()).isEqualTo("t1");
        assertThat(response.extra()).containsEntry("created", 7L);
    }

    @Test
    void blanks_before_the_response_are_keep_alive() {
        assertThat(decode(" \n".repeat(500) + "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}")
                        .text())
                .isEqualTo("x");
    }

    @Test
    void reads_a_buffer_that_is_part_of_another() {
        byte[] bytes = "##{\"choices\":[{\"message\":{\"content\":\"x\"}}]}##".getBytes(StandardCharsets.UTF_8);
        ByteBuffer heap = ByteBuffer.wrap(bytes, 2, bytes.length - 4).slice();
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        direct.position(2).limit(bytes.length - 2);

        assertThat(PROTOCOL.decode(HEADERS, heap, CONTEXT).text()).isEqualTo("x");
        assertThat(PROTOCOL.decode(HEADERS, direct.asReadOnlyBuffer(), CONTEXT).text())
                .isEqualTo("x");
    }

    @Test
    void reasoning_is_null_where_there_was_none_and_empty_where_it_was_empty() {
        assertThat(decode("{\"choices\":[{\"message\":{\"content\":\"x\"}}]}")
                        .message()
                        .reasoning())
                .isNull();
        assertThat(decode("{\"choices\":[{\"message\":{\"content\":\"x\",\"reasoning_content\":null}}]}")
                        .message()
                        .reasoning())
                .isNull();
        assertThat(decode("{\"choices\":[{\"message\":{\"content\":\"x\",\"reasoning_content\":\"\"}}]}")
                        .message()
                        .reasoning())
                .isEmpty();
    }

    @Test
    void counts_that_add_up_to_more_than_fits_stay_at_the_most() {
        ChatResponse response = decode("""
                {"choices":[{"message":{"content":"x"}}],
                "usage":{"prompt_tokens":9223372036854775807,"completion_tokens":2}}""");

        assertThat(response.usage()).isEqualTo(UsageFixture.usage(Long.MAX_VALUE, 2, Long.MAX_VALUE, 0, 0));
    }

    @Test
    void calls_need_neither_id_nor_index() {
        ChatResponse response = decode("""
                {"choices":[{"finish_reason":"tool_calls","message":{"tool_calls":[
                {"function":{"name":"now","arguments":""},"id":""},
                {"index":0,"id":"x","function":{"name":"add","arguments":"{\\"a\\":1}"}},
                {"index":0,"id":"x","function":{"name":"add","arguments":{"a":2}}}]}}]}""");

        assertThat(response.toolCalls())
                .containsExactly(
                        new ToolCall("", "now", "{}"),
                        new ToolCall("x", "add", "{\"a\":1}"),
                        new ToolCall("x", "add", "{\"a\":2}"));
    }

    @Test
    void a_cut_call_is_no_call() {
        ChatResponse response = decode("""
                {"choices":[{"finish_reason":"length","message":{"content":"x","tool_calls":[
                {"id":"x","function":{"name":"add","arguments":"{\\"a\\""}}]}}]}""");

        assertThat(response.toolCalls()).isEmpty();
        assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void unknown_members_of_the_choice_and_the_message_are_kept() {
        ChatResponse response = decode("""
                {"service_tier":"x","choices":[{"logprobs":{"content":[]},"message":{"content":"x","annotations":[1]}}]}""");

        assertThat(response.extra())
                .isEqualTo(Map.of(
                        "service_tier", "x", "logprobs", Map.of("content", List.of()), "annotations", List.of(1L)));
        assertThat(response.message().extra()).as("it would be sent back").isEmpty();
    }

    @Test
    void an_error_in_a_good_status_is_an_error() {
        assertThatThrownBy(() -> decode("{\"error\":{\"type\":\"engine_overloaded_error\",\"message\":\"x\"}}"))
                .isInstanceOfSatisfying(OverloadedException.class, e -> {
                    assertThat(e.status()).isEqualTo(200);
                    assertThat(e.attempts()).isEqualTo(2);
                    assertThat(e.requestId()).isEqualTo("t1");
                });
        assertThatThrownBy(() -> decode("{\"code\":429,\"message\":\"slow down\"}"))
                .isInstanceOf(RateLimitException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "{",
                "{}",
                "[]",
                "null",
                "5",
                "<html>secret</html>",
                "{\"choices\":[]}",
                "{\"choices\":null}",
                "{\"choices\":[{\"message\":{\"content\":\"secret",
                "{\"choices\":[{\"finish_reason\":\"stop\"",
                "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"a\","
                        + "\"arguments\":\"secret\"}}]}}]}",
                "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"tool_calls\":[{\"id\":\"a\"}]}}]}"
            })
    void what_is_no_response_is_reported_without_quoting_it(String body) {
        assertThatThrownBy(() -> decode(body)).isInstanceOfSatisfying(ServerException.class, e -> {
            assertThat(e.status()).isEqualTo(200);
            assertThat(e.requestId()).isEqualTo("t1");
            assertThat(e).hasStackTraceContaining("cannot be read");
            assertThat(String.valueOf(e.getCause())).doesNotContain("secret");
            assertThat(e.getMessage()).doesNotContain("secret").contains("cannot be read");
        });
    }

    @Test
    void reads_the_list_of_models() {
        String body = """
                {"object":"list","data":[{"id":"kimi-k3","object":"model","context_length":1048576,
                "supports_reasoning":true,"supports_image_in":true,"think_efforts":{"support":true}},
                {"object":"model"},7,{"id":"other"}]}""";

        assertThat(models(body))
                .containsExactly(
                        ModelCard.builder("kimi-k3")
                                .contextLength(1_048_576)
                                .reasoning(true)
                                .imageInput(true)
                                .extra(Map.of("object", "model", "think_efforts", Map.of("support", true)))
                                .build(),
                        ModelCard.builder("other").build());
        assertThat(models("[{\"id\":\"x\"}]")).hasSize(1);
        assertThat(models("{\"data\":[]}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "{\"data\":7}", "<html>"})
    void what_is_no_list_of_models_is_reported(String body) {
        assertThatThrownBy(() -> models(body)).isInstanceOf(ServerException.class);
    }

    @Test
    void paths_and_headers_are_kimis() {
        assertThat(PROTOCOL.chatPath()).isEqualTo("/v1/chat/completions");
        assertThat(PROTOCOL.modelsPath(null)).isEqualTo("/v1/models");
        assertThat(PROTOCOL.fixedHeaders().size()).isZero();
    }

    private static List<ModelCard> models(String body) {
        return PROTOCOL.decodeModels(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), CONTEXT)
                .models();
    }

    private static ChatResponse decode(String body) throws KimiException {
        return PROTOCOL.decode(HEADERS, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), CONTEXT);
    }

    @Test
    void tokens_written_to_the_cache_count_and_what_is_not_known_is_kept() {
        ChatResponse response = decode("""
                {"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,\
                "completion_tokens":2,"cached_tokens":3,"cache_creation_input_tokens":4,"cost":0.5,\
                "prompt_tokens_details":{"cached_tokens":3}}}""");

        assertThat(response.usage().cacheWriteTokens()).isEqualTo(4);
        assertThat(response.usage().uncachedTokens()).isEqualTo(3);
        assertThat(response.usage().totalTokens()).isEqualTo(12);
        assertThat(response.usage().extra()).containsOnlyKeys("cost");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"cache_write_input_tokens\":4",
                "\"prompt_cache_write_tokens\":4",
                "\"cached_tokens\":1,\"cache_write_5m_tokens\":4",
                "\"prompt_tokens_details\":{\"cached_tokens\":1,\"cache_write_tokens_5m\":4}",
                "\"cache_creation_input_tokens\":0,\"cache_write_tokens\":4,\"speed_write\":\"fast\",\"x_write\":-1"
            })
    void tokens_written_to_the_cache_count_by_any_name_that_says_so(String member) {
        ChatResponse response = decode("{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],"
                + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2," + member + "}}");

        assertThat(response.usage().cacheWriteTokens()).isEqualTo(4);
        assertThat(response.usage().promptTokens()).isEqualTo(10);
    }
}
