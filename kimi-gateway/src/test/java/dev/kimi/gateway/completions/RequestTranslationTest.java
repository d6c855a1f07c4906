package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.Targets.MAPPER;
import static dev.kimi.gateway.completions.Targets.OPUS;
import static dev.kimi.gateway.completions.Targets.notes;
import static dev.kimi.gateway.completions.Targets.request;
import static dev.kimi.gateway.completions.Targets.sent;
import static dev.kimi.gateway.completions.Targets.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.gateway.dialect.GatewayException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class RequestTranslationTest {

    private static final String TOOL = "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}";

    @Test
    void a_plain_request_goes_as_messages_with_the_cap_of_the_card() {
        assertThat(sent(request(""), OPUS)).isEqualTo(MAPPER.readTree("""
                {"model":"claude-opus-5-5","max_tokens":32000,"messages":[{"role":"user","content":"hi"}]}"""));
        assertThat(notes(request(",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"n\":1"), OPUS))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"max_tokens, 500, 500, ", "max_completion_tokens, 500, 500, ", "max_tokens, 4000000000, 128000, max"})
    void a_cap_above_what_the_model_writes_is_lowered(String name, String value, int cap, String changed) {
        String json = request(",\"" + name + "\":" + value);

        assertThat(sent(json, OPUS).path("max_tokens").asInt()).isEqualTo(cap);
        assertThat(notes(json, OPUS).equals(List.of("changed max_tokens"))).isEqualTo(changed != null);
    }

    @Test
    void sampling_goes_only_to_a_model_that_is_known_to_take_the_value() {
        String json = request(",\"temperature\":1,\"top_p\":0.5");

        assertThat(notes(json, OPUS)).containsExactlyInAnyOrder("dropped temperature", "dropped top_p");
        assertThat(notes(json, target("claude-opus-4-6")))
                .containsExactlyInAnyOrder("dropped temperature", "dropped top_p");
        assertThat(notes(json, target("kimi-k3"))).containsExactly("dropped top_p");
        assertThat(Targets.translated(json, target("kimi-k3")).chat().temperature())
                .isEqualTo(1.0);
    }

    @Test
    void stop_texts_go_and_blank_ones_do_not() {
        assertThat(sent(request(",\"stop\":\"END\""), OPUS).path("stop_sequences"))
                .isEqualTo(MAPPER.readTree("[\"END\"]"));
        String json = request(",\"stop\":[\"\\n\",\"END\"]");
        assertThat(sent(json, OPUS).path("stop_sequences")).isEqualTo(MAPPER.readTree("[\"END\"]"));
        assertThat(notes(json, OPUS)).containsExactly("dropped stop");
    }

    @ParameterizedTest
    @CsvSource({
        "claude-opus-5-5, low, low, false",
        "claude-opus-5-5, minimal, low, true",
        "claude-opus-5-5, xhigh, xhigh, false",
        "claude-opus-5-5, none, low, true",
        "claude-sonnet-4-5, high, , true",
        "kimi-k3, medium, high, true",
        "kimi-k3, xhigh, max, true",
        "claude-haiku-5-5, medium, medium, false",
        "claude-opus-5-5, weird, , true"
    })
    void an_effort_that_the_model_does_not_take_is_rounded_up(
            String model, String given, String effort, boolean noted) {
        String json = request(",\"reasoning_effort\":\"" + given + "\"");

        assertThat(Targets.translated(json, target(model)).chat().reasoningEffort())
                .isEqualTo(effort);
        assertThat(notes(json, target(model)).isEmpty()).isEqualTo(!noted);
    }

    @Test
    void no_effort_disables_thinking_where_it_can_be() {
        String json = request(",\"reasoning_effort\":\"none\"");

        JsonNode sent = sent(json, target("claude-opus-5"));

        assertThat(sent.path("thinking").path("type").asString()).isEqualTo("disabled");
        assertThat(sent.has("output_config")).isFalse();
        assertThat(notes(json, target("claude-opus-5"))).isEmpty();
    }

    @Test
    void whoever_says_how_to_think_gets_to_read_it() {
        String high = request(",\"reasoning_effort\":\"high\"");

        assertThat(sent(high, OPUS).path("thinking"))
                .isEqualTo(MAPPER.readTree("{\"type\":\"adaptive\",\"display\":\"summarized\"}"));
        assertThat(sent(high, target("claude-opus-4-8")).has("thinking")).isFalse();
        assertThat(sent(request(""), OPUS).has("thinking")).isFalse();
    }

    @Test
    void the_switch_of_kimi_is_one_of_claude_where_it_has_one() {
        String off = request(",\"thinking\":{\"type\":\"disabled\"},\"reasoning_effort\":\"max\"");
        String on = request(",\"thinking\":{\"type\":\"enabled\"}");

        assertThat(sent(off, target("claude-opus-5"))
                        .path("thinking")
                        .path("type")
                        .asString())
                .isEqualTo("disabled");
        assertThat(sent(off, target("claude-opus-5"))
                        .path("output_config")
                        .path("effort")
                        .asString())
                .isEqualTo("high");
        assertThat(notes(off, OPUS)).containsExactly("changed thinking");
        assertThat(sent(on, target("claude-opus-4-8"))
                        .path("thinking")
                        .path("type")
                        .asString())
                .isEqualTo("adaptive");
        assertThat(sent(on, OPUS).path("thinking").path("type").asString()).isEqualTo("adaptive");
        assertThat(notes(on, target("claude-opus-4-5"))).containsExactly("dropped thinking");
    }

    @Test
    void a_schema_for_the_response_goes_and_json_without_one_does_not() {
        String schema = request("""
                ,"response_format":{"type":"json_schema","json_schema":{"name":"city","strict":true,\
                "schema":{"type":"object","properties":{"n":{"type":"number","minimum":1.50}}}}}""");
        String json = request(",\"response_format\":{\"type\":\"json_object\"}");

        assertThat(sent(schema, OPUS).path("output_config").path("format").toString())
                .isEqualTo("{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\","
                        + "\"properties\":{\"n\":{\"type\":\"number\",\"minimum\":1.50}}}}");
        assertThat(notes(schema, OPUS)).isEmpty();
        assertThat(sent(json, OPUS).has("output_config")).isFalse();
        assertThat(notes(json, OPUS)).containsExactly("dropped response_format.json_object");
        assertThat(notes(request(",\"response_format\":{\"type\":\"text\"}"), OPUS))
                .isEmpty();
    }

    @Test
    void tools_go_with_their_schemas() {
        String json = request("""
                ,"tools":[{"type":"function","function":{"name":"w","description":"d","strict":true,\
                "parameters":{"type":"object","properties":{"c":{"type":"string"}}}}},%s],\
                "parallel_tool_calls":false""".formatted(TOOL));

        JsonNode sent = sent(json, target("claude-opus-5"));

        assertThat(sent.path("tools")).isEqualTo(MAPPER.readTree("""
                [{"name":"w","description":"d","strict":true,\
                "input_schema":{"type":"object","properties":{"c":{"type":"string"}}}},\
                {"name":"f","input_schema":{"type":"object","properties":{}}}]"""));
        assertThat(sent.path("tool_choice"))
                .isEqualTo(MAPPER.readTree("{\"type\":\"auto\",\"disable_parallel_tool_use\":true}"));
        assertThat(notes(json, OPUS)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"auto\"|{\"type\":\"auto\"}",
                "\"none\"|{\"type\":\"none\"}",
                "\"required\"|{\"type\":\"any\"}",
                "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}|{\"type\":\"tool\",\"name\":\"f\"}"
            })
    void the_choice_of_a_tool_goes(String choice, String expected) {
        String json = request(",\"tools\":[" + TOOL + "],\"tool_choice\":" + choice);

        assertThat(sent(json, target("claude-opus-5")).path("tool_choice")).isEqualTo(MAPPER.readTree(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"required\"", "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"})
    void a_forced_tool_is_left_to_a_model_that_forces_none(String choice) {
        String json = request(",\"tools\":[" + TOOL + "],\"tool_choice\":" + choice);

        assertThat(sent(json, OPUS).path("tool_choice").path("type").asString()).isEqualTo("auto");
        assertThat(notes(json, OPUS)).containsExactly("changed tool_choice");
    }

    @Test
    void a_forced_tool_beats_thinking_that_nobody_asked_for() {
        String json = request(",\"tools\":[" + TOOL + "],\"tool_choice\":\"required\"");
        String thinking = json.replace("\"tools\"", "\"reasoning_effort\":\"low\",\"tools\"");

        assertThat(sent(json, target("kimi-k3"))
                        .path("tool_choice")
                        .path("type")
                        .asString())
                .isEqualTo("any");
        assertThat(notes(json, target("kimi-k3"))).containsExactly("changed thinking");
        assertThat(sent(thinking, target("kimi-k3"))
                        .path("tool_choice")
                        .path("type")
                        .asString())
                .isEqualTo("auto");
        assertThat(notes(thinking, target("kimi-k3"))).containsExactly("changed tool_choice");
    }

    @Test
    void users_are_hashed_and_a_cache_key_keeps_the_prompt() {
        JsonNode sent = sent(request(",\"user\":\"ann@example.com\",\"prompt_cache_key\":\"k\""), OPUS);

        assertThat(sent.path("metadata").path("user_id").asString()).hasSize(32).doesNotContain("ann");
        assertThat(sent.path("cache_control")).isEqualTo(MAPPER.readTree("{\"type\":\"ephemeral\"}"));
        assertThat(sent(request(",\"prompt_cache_retention\":\"24h\""), OPUS)
                        .path("cache_control")
                        .path("ttl")
                        .asString())
                .isEqualTo("1h");
    }

    @Test
    void what_only_tunes_is_dropped_by_name_and_what_nobody_knows_without_one() {
        String json = request("""
                ,"seed":1,"frequency_penalty":0.1,"presence_penalty":0,"logit_bias":{},"service_tier":"auto",\
                "store":true,"metadata":{},"verbosity":"low","prediction":{"a":1},"my_secret":1,"other":2,\
                "modalities":["text"],"logprobs":false,"audio":null""");

        assertThat(notes(json, OPUS))
                .containsExactlyInAnyOrder(
                        "dropped seed",
                        "dropped frequency_penalty",
                        "dropped presence_penalty",
                        "dropped logit_bias",
                        "dropped service_tier",
                        "dropped store",
                        "dropped metadata",
                        "dropped verbosity",
                        "dropped prediction",
                        "dropped other");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"n\":2",
                "\"logprobs\":true",
                "\"top_logprobs\":3",
                "\"modalities\":[\"text\",\"audio\"]",
                "\"audio\":{\"voice\":\"v\"}",
                "\"functions\":[]",
                "\"function_call\":\"auto\"",
                "\"web_search_options\":{}",
                "\"max_tokens\":0",
                "\"max_tokens\":\"9\"",
                "\"max_completion_tokens\":1.5",
                "\"stop\":7",
                "\"stop\":[7]",
                "\"response_format\":{\"type\":\"xml\"}",
                "\"response_format\":{\"type\":\"json_schema\"}",
                "\"tools\":{}",
                "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"c\"}}]",
                "\"tools\":[{\"type\":\"builtin_function\",\"function\":{\"name\":\"$web_search\"}}]",
                "\"tools\":[{\"type\":\"function\",\"function\":{}}]",
                "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":7}}]",
                "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"any\""
            })
    void what_a_response_would_be_wrong_without_is_rejected_by_name(String member) {
        GatewayException thrown =
                catchThrowableOfType(GatewayException.class, () -> Targets.translated(request("," + member), OPUS));

        assertThat(thrown.error().status()).isEqualTo(400);
        assertThat(thrown.error().message()).contains("\"");
    }
}
