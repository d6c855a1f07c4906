package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class ChatCompletionsTest {

    private static KimiSimulator kimi;

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.start();
    }

    @AfterAll
    static void stop() {
        kimi.close();
    }

    @BeforeEach
    void reset() {
        kimi.reset();
    }

    @ParameterizedTest
    @EnumSource
    void responds_with_reasoning_and_usage(HttpClient.Version version) throws Exception {
        HttpResponse<String> response = new Client(kimi, version).chat("Why is the sky blue?");

        JsonNode body = Client.json(response);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(body.path("object").stringValue()).isEqualTo("chat.completion");
        assertThat(body.path("id").stringValue()).startsWith("chatcmpl-");
        JsonNode choice = body.path("choices").path(0);
        assertThat(choice.path("message").path("content").stringValue()).isNotBlank();
        assertThat(choice.path("message").path("reasoning_content").stringValue())
                .isNotBlank();
        assertThat(choice.path("finish_reason").stringValue()).isEqualTo("stop");
        JsonNode usage = body.path("usage");
        assertThat(usage.path("total_tokens").asInt())
                .isEqualTo(usage.path("prompt_tokens").asInt()
                        + usage.path("completion_tokens").asInt());
        assertThat(usage.path("completion_tokens_details")
                        .path("reasoning_tokens")
                        .asInt())
                .isEqualTo(8);
        assertThat(response.headers().firstValue("x-msh-trace-id")).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void streams_role_then_reasoning_then_text_then_usage_then_done(HttpClient.Version version) throws Exception {
        HttpResponse<String> response = new Client(kimi, version).stream("Why is the sky blue?");

        List<JsonNode> events = Client.events(response.body());
        assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream; charset=utf-8");
        assertThat(delta(events, 0).path("role").stringValue()).isEqualTo("assistant");
        assertThat(delta(events, 1).has("reasoning_content")).isTrue();
        assertThat(delta(events, events.size() - 2).has("content")).isTrue();
        JsonNode last = events.get(events.size() - 1).path("choices").path(0);
        assertThat(last.path("finish_reason").stringValue()).isEqualTo("stop");
        assertThat(last.path("usage").path("completion_tokens").asInt()).isEqualTo(32);
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void says_the_same_streamed_and_whole() throws Exception {
        Client client = new Client(kimi);

        JsonNode whole = Client.json(client.chat("What is backpressure?"))
                .path("choices")
                .path(0)
                .path("message");
        List<JsonNode> events =
                Client.events(client.stream("What is backpressure?").body());

        assertThat(Client.joined(events, "content"))
                .isEqualTo(whole.path("content").stringValue());
        assertThat(Client.joined(events, "reasoning_content"))
                .isEqualTo(whole.path("reasoning_content").stringValue());
    }

    @Test
    void responds_to_chinese_in_chinese() throws Exception {
        HttpResponse<String> response = new Client(kimi).chat("为什么天空是蓝色的？");

        assertThat(response.body()).contains("天空").doesNotContain("question");
    }

    @Test
    void adds_a_chunk_of_usage_alone_when_requested() throws Exception {
        String body = "{\"model\":\"kimi-k3\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

        List<JsonNode> events = Client.events(new Client(kimi).post(body).body());

        JsonNode last = events.get(events.size() - 1);
        JsonNode before = events.get(events.size() - 2);
        assertThat(last.path("choices").isEmpty()).isTrue();
        assertThat(last.path("usage")).isEqualTo(before.path("choices").path(0).path("usage"));
    }

    @Test
    void spends_the_output_cap_on_reasoning_first() throws Exception {
        String body = "{\"model\":\"kimi-k3\",\"max_completion_tokens\":5,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

        JsonNode choice =
                Client.json(new Client(kimi).post(body)).path("choices").path(0);

        assertThat(choice.path("finish_reason").stringValue()).isEqualTo("length");
        assertThat(choice.path("message").path("content").stringValue()).isEmpty();
        assertThat(choice.path("message").path("reasoning_content").stringValue())
                .isNotEmpty();
    }

    @Test
    void does_not_think_when_thinking_is_off() throws Exception {
        String body = "{\"model\":\"kimi-k2.6\",\"thinking\":{\"type\":\"disabled\"},"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

        JsonNode message =
                Client.json(new Client(kimi).post(body)).path("choices").path(0).path("message");

        assertThat(message.has("reasoning_content")).isFalse();
        assertThat(message.path("content").stringValue()).isNotEmpty();
    }

    @Test
    void sends_a_scripted_tool_call_whole_and_in_fragments() throws Exception {
        Reply call = Reply.reasoning("Look it up.").thenToolCall("get_weather", "{\"city\": \"Berlin\"}");
        kimi.reply(call, call);
        Client client = new Client(kimi);

        JsonNode whole = Client.json(client.chat("Weather?")).path("choices").path(0);
        List<JsonNode> events = Client.events(client.stream("Weather?").body());

        JsonNode sent = whole.path("message").path("tool_calls").path(0);
        assertThat(whole.path("finish_reason").stringValue()).isEqualTo("tool_calls");
        assertThat(sent.path("id").stringValue()).isEqualTo("get_weather_0");
        assertThat(sent.path("function").path("arguments").stringValue()).isEqualTo("{\"city\": \"Berlin\"}");
        StringBuilder arguments = new StringBuilder();
        for (JsonNode event : events) {
            JsonNode fragment = event.path("choices")
                    .path(0)
                    .path("delta")
                    .path("tool_calls")
                    .path(0);
            arguments.append(fragment.path("function").path("arguments").asString(""));
        }
        assertThat(arguments).hasToString("{\"city\": \"Berlin\"}");
    }

    @Test
    void records_what_came_in() throws Exception {
        new Client(kimi).chat("Remember me");

        ReceivedRequest request = kimi.requests().get(0);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/v1/chat/completions");
        assertThat(request.protocol()).isEqualTo("HTTP/1.1");
        assertThat(request.header("authorization")).hasValue("Bearer sk-test");
        assertThat(request.body()).containsEntry("model", "kimi-k3");
        assertThat(request.bodyText()).contains("Remember me");
        assertThat(request.ended().join()).isEqualTo(ReceivedRequest.Ending.COMPLETED);
        assertThat(request.status()).isEqualTo(200);
        assertThat(request.toString()).doesNotContain("sk-test").doesNotContain("Remember me");
    }

    private static JsonNode delta(List<JsonNode> events, int index) {
        return events.get(index).path("choices").path(0).path("delta");
    }
}
