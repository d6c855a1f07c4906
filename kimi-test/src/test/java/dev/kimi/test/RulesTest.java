package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {

    private static final String ASK = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    private static final String CALL = "{\"role\":\"assistant\",\"reasoning_content\":\"r\",\"tool_calls\":"
            + "[{\"id\":\"a_0\",\"type\":\"function\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}}]";
    private static final String RESULT = "{\"role\":\"tool\",\"tool_call_id\":\"a_0\",\"content\":\"1\"}";

    private static KimiSimulator kimi;
    private static Client client;

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.builder().models("kimi-next").start();
        client = new Client(kimi);
    }

    @AfterAll
    static void stop() {
        kimi.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "temperature":0.3 | invalid temperature: only 1 is allowed for this model
            "top_p":0.9 | invalid top_p: only 0.95 is allowed for this model
            "n":2 | invalid n: only 1 is allowed for this model
            "presence_penalty":0.1 | invalid presence_penalty: only 0 is allowed for this model
            "stop":["1","2","3","4","5","6"] | stop array too long. Expected an array with maximum length 5, but got 6
            "top_logprobs":3 | Invalid request: logprobs must be set to true if top_logprobs is used
            "tool_choice":"required" | tool_choice 'required' is incompatible with thinking enabled
            "tool_choice":{"type":"function","function":{"name":"a"}} | tool_choice 'specified' is incompatible with thinking enabled
            "tools":[{"function":{"name":"a"}}] | Invalid request: unknown tool type: , currently only function and plugin are supported
            "reasoning_effort":"medium" | invalid reasoning_effort: only low, high or max is allowed for this model
            "max_completion_tokens":1048576 | Invalid request: Your request exceeded model token limit: 1048576 (requested: 1048582)
            """)
    void rejects_parameters(String member, String message) throws Exception {
        rejects("{\"model\":\"kimi-k3\"," + member + "," + ASK + "}", message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"temperature\":1,\"top_p\":0.95,\"n\":1",
                "\"thinking\":{\"type\":\"disabled\"},\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],"
                        + "\"tool_choice\":\"required\"",
                "\"logprobs\":true,\"top_logprobs\":3",
                "\"tools\":[{\"type\":\"builtin_function\",\"function\":{\"name\":\"$web_search\"}}]",
                "\"something_new\":{\"from\":\"next month\"}"
            })
    void accepts_parameters(String members) throws Exception {
        assertThat(client.post("{\"model\":\"kimi-k3\"," + members + "," + ASK + "}")
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"role":"assistant","tool_calls":[{"id":"a_0","function":{"name":"a","arguments":"{}"}}]} | thinking is enabled but reasoning_content is missing in assistant tool call message at index 1
            {"role":"assistant","content":"","reasoning_content":"r","tool_calls":[{"id":"a_0"}]} | Invalid request: text content is empty
            {"role":"assistant","content":""} | Invalid request: the message at position 1 with role 'assistant' must not be empty
            {"role":"tool","tool_call_id":"b_0","content":"1"} | Invalid request: tool_call_id  is not found
            {"role":"user","content":[{"type":"image_url","image_url":{"url":"http://example.org/a.png"}}]} | Invalid request: unsupported image url
            {"role":"tool","tool_call_id":"a_0"} | Invalid request: tool_call_id  is not found
            {"role":"user"} | Invalid request: 'messages.1.content' is missing
            """)
    void rejects_messages(String second, String message) throws Exception {
        rejects(
                "{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}," + second + "]}",
                message);
    }

    @Test
    void wants_a_result_for_every_call_and_accepts_the_pair() throws Exception {
        String user = "{\"role\":\"user\",\"content\":\"hi\"}";
        String open = "{\"model\":\"kimi-k3\",\"messages\":[" + user + "," + CALL + "}," + user + "]}";
        String paired = "{\"model\":\"kimi-k3\",\"messages\":[" + user + "," + CALL + "}," + RESULT + "]}";

        rejects(
                open,
                "Invalid request: an assistant message with 'tool_calls' must be followed by tool messages"
                        + " responding to each 'tool_call_id'");
        assertThat(client.post(paired).statusCode()).isEqualTo(200);
    }

    @Test
    void rejects_tools_that_are_too_many_or_of_one_name() throws Exception {
        String many = IntStream.rangeClosed(1, 129)
                .mapToObj(i -> "{\"type\":\"function\",\"function\":{\"name\":\"f" + i + "\"}}")
                .collect(Collectors.joining(","));
        String twice = "{\"type\":\"function\",\"function\":{\"name\":\"f\"}},"
                + "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}";

        rejects(tools(many), "Invalid request: a max of 128 tools can be supported");
        rejects(tools(twice), "Invalid request: function name f is duplicated");
    }

    @Test
    void rejects_schemas_that_are_not_of_its_dialect() throws Exception {
        String schema = "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
                + "{\"type\":\"object\",\"properties\":{\"unit\":{\"enum\":[\"C\",\"F\"]}}}}}";

        rejects(
                tools(schema),
                "Invalid request: tools.function.parameters is not a valid moonshot flavored json schema,"
                        + " details: <At path 'root.properties.unit': missing 'type' or 'anyOf' key>");
    }

    @Test
    void holds_a_code_model_to_thinking_and_a_calm_one_to_its_temperature() throws Exception {
        String off = "\"thinking\":{\"type\":\"disabled\"}";

        rejects(
                "{\"model\":\"kimi-k2.7-code\"," + off + "," + ASK + "}",
                "invalid thinking: only type=enabled is allowed for this model");
        rejects(
                "{\"model\":\"kimi-k3.1-pro\"," + off + "," + ASK + "}",
                "invalid thinking: only type=enabled is allowed for this model");
        rejects(
                "{\"model\":\"kimi-k2.6\",\"temperature\":1," + off + "," + ASK + "}",
                "invalid temperature: only 0.6 is allowed for this model");
    }

    @Test
    void counts_the_bytes_of_an_error_as_the_service_does() throws Exception {
        HttpResponse<String> response = client.post("{\"model\":\"kimi-k3\",\"temperature\":0," + ASK + "}");

        assertThat(response.headers().firstValue("content-length")).hasValue("108");
    }

    @Test
    void knows_no_retired_model_but_those_it_was_given() throws Exception {
        HttpResponse<String> retired = client.post("{\"model\":\"moonshot-v1-16k\"," + ASK + "}");
        HttpResponse<String> given = client.post("{\"model\":\"kimi-next\"," + ASK + "}");

        assertThat(retired.statusCode()).isEqualTo(404);
        assertThat(retired.body())
                .isEqualTo("{\"error\":{\"message\":\"Not found the model moonshot-v1-16k or Permission denied\","
                        + "\"type\":\"resource_not_found_error\"}}");
        assertThat(given.statusCode()).isEqualTo(200);
    }

    @Test
    void checks_nothing_when_validation_is_off() throws Exception {
        try (KimiSimulator lenient = KimiSimulator.builder().validation(false).start()) {
            HttpResponse<String> response =
                    new Client(lenient).post("{\"model\":\"kimi-k3\",\"temperature\":0," + ASK + "}");

            assertThat(response.statusCode()).isEqualTo(200);
        }
    }

    private static String tools(String tools) {
        return "{\"model\":\"kimi-k3\",\"tools\":[" + tools + "]," + ASK + "}";
    }

    private static void rejects(String request, String message) throws Exception {
        HttpResponse<String> response = client.post(request);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Client.json(response).path("error").path("message").stringValue())
                .isEqualTo(message);
        assertThat(Client.json(response).path("error").path("type").stringValue())
                .isEqualTo("invalid_request_error");
    }
}
