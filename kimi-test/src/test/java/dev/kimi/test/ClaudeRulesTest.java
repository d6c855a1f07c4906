package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaudeRulesTest {

    private static final String OLD = "claude-haiku-4-5";
    private static final String NEW = "claude-opus-5-5";
    private static final String CALL =
            Claude.assistant("[{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}}]");
    private static final String RESULT = "{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"1\"}";
    private static final String TEXT = "{\"type\":\"text\",\"text\":\"and?\"}";

    private static KimiSimulator kimi;
    private static Claude claude;

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.builder().models("claude-next").start();
        claude = new Claude(kimi);
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
    @CsvSource({"temperature,1", "top_p,0.9", "top_k,5"})
    void the_latest_version_knows_no_sampling_parameters(String name, String value) throws Exception {
        String body = Claude.request(OLD, "\"" + name + "\":" + value);

        assertThat(claude.rejection(body)).isEqualTo(name + ": Extra inputs are not permitted");
        assertAccepted(claude.version("2023-06-01").post(body));
    }

    @Test
    void a_model_since_4_7_takes_no_other_temperature_in_any_version() throws Exception {
        String body = Claude.request("claude-opus-4-7", "\"temperature\":0.5");

        assertThat(claude.version("2023-06-01").rejection(body))
                .isEqualTo("`temperature` is not supported for this model.");
    }

    @Test
    void headers_must_name_a_known_version_and_known_betas() throws Exception {
        String body = Claude.request(OLD, "");

        assertThat(claude.version("").rejection(body)).isEqualTo("anthropic-version: header is required");
        assertThat(claude.version("2025-01-01").rejection(body)).contains("is not a valid version");
        assertThat(claude.beta("effort-2025-11-24,time-travel-2026-01-01").rejection(body))
                .contains("Unexpected value(s) `time-travel-2026-01-01`");
        assertAccepted(claude.beta("claude-code-20250219, context-management-2025-06-27")
                .post(body));
    }

    @Test
    void a_request_as_claude_code_sends_it_is_accepted() throws Exception {
        String cached = "\"cache_control\":{\"type\":\"ephemeral\"}";
        String system = "[{\"type\":\"text\",\"text\":\"x-anthropic-billing-header: cc_version=2.1.332\"},"
                + "{\"type\":\"text\",\"text\":\"You are a coding agent.\"," + cached + "},"
                + "{\"type\":\"text\",\"text\":\"Be brief.\"," + cached + "}]";
        String tools =
                "[{\"name\":\"ToolSearch\",\"description\":\"Finds tools.\",\"input_schema\":{\"type\":\"object\"}},"
                        + "{\"name\":\"Later\",\"defer_loading\":true,\"input_schema\":{\"type\":\"object\"}}]";
        String body = Claude.request(
                "claude-opus-5-5",
                "\"system\":" + system + ",\"tools\":" + tools + ",\"metadata\":{\"user_id\":\"u\"},"
                        + "\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"},"
                        + "\"context_management\":{\"edits\":[{\"type\":\"clear_thinking_20251015\",\"keep\":\"all\"}]},"
                        + "\"output_config\":{\"effort\":\"high\"},\"stream\":true",
                Claude.ASK,
                "{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"Today is Friday.\"," + cached + "}]}");
        Claude code = claude.version("2023-06-01")
                .beta("claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
                        + "mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,"
                        + "advanced-tool-use-2025-11-20,effort-2025-11-24");

        assertAccepted(code.post("/v1/messages?beta=true", body));
        assertThat(code.send("/api/hello", "HEAD", "").statusCode()).isEqualTo(404);
    }

    @Test
    void a_beta_member_needs_its_header_and_an_unknown_one_is_rejected() throws Exception {
        String edits = Claude.request(OLD, "\"context_management\":{\"edits\":[]}");

        assertThat(claude.rejection(edits)).isEqualTo("context_management: Extra inputs are not permitted");
        assertAccepted(claude.beta("context-management-2025-06-27").post(edits));
        assertThat(claude.rejection(Claude.request(OLD, "\"logit_bias\":{}")))
                .isEqualTo("logit_bias: Extra inputs are not permitted");
    }

    @Test
    void a_cap_is_wanted_and_has_a_limit() throws Exception {
        assertThat(claude.rejection("{\"model\":\"" + OLD + "\",\"messages\":[" + Claude.ASK + "]}"))
                .isEqualTo("max_tokens: Field required");
        assertThat(claude.rejection(Claude.request(OLD, "").replace("500", "64001")))
                .isEqualTo(
                        "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for " + OLD);
        assertAccepted(claude.post(Claude.request(OLD, "").replace("500", "0")));
    }

    @Test
    void thinking_is_switched_as_the_model_allows() throws Exception {
        String disabled = "\"thinking\":{\"type\":\"disabled\"}";
        String enabled = "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}";
        String between = "\"thinking\":{\"type\":\"between_tools\"}";

        assertThat(claude.rejection(Claude.request(NEW, disabled)))
                .isEqualTo("\"thinking.type.disabled\" is not supported for this model. Use"
                        + " \"thinking.type.adaptive\" and \"output_config.effort\" to control thinking behavior.");
        assertThat(claude.rejection(Claude.request("claude-opus-4-8", enabled)))
                .startsWith("\"thinking.type.enabled\" is not supported for this model.");
        assertThat(claude.rejection(Claude.request(OLD, "\"thinking\":{\"type\":\"adaptive\"}")))
                .startsWith("\"thinking.type.adaptive\" is not supported for this model.");
        assertThat(claude.rejection(Claude.request(NEW, between))).startsWith("\"thinking.type.between_tools\"");
        assertAccepted(claude.post(Claude.request("claude-sonnet-5-5", between)));
        assertThat(claude.rejection(Claude.request(OLD, enabled)))
                .isEqualTo("`max_tokens` must be greater than `thinking.budget_tokens`.");
        assertThat(claude.rejection(
                        Claude.request("claude-opus-5", disabled + ",\"output_config\":{\"effort\":\"xhigh\"}")))
                .isEqualTo("output_config.effort 'xhigh' is not supported when thinking is disabled on this model.");
    }

    @Test
    void a_tool_cannot_be_forced_on_a_model_that_always_thinks() throws Exception {
        String any = "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],"
                + "\"tool_choice\":{\"type\":\"any\"}";
        String message = "tool_choice: type \"tool\" and \"any\" are not supported for this model.";

        assertThat(claude.rejection(Claude.request(NEW, any))).isEqualTo(message);
        assertThat(claude.post("/v1/messages/count_tokens", Claude.request(NEW, any))
                        .body())
                .contains("are not supported for this model.");
        assertAccepted(claude.post(Claude.request("claude-haiku-5-5", any)));
    }

    @Test
    void a_schema_of_a_response_is_closed_and_of_what_can_be_compiled() throws Exception {
        String text = "{\"type\":\"string\"}";
        assertAccepted(claude.post(schema(closed("\"a\":" + text))));
        assertThat(claude.rejection(schema(closed("\"a\":{\"type\":\"object\",\"properties\":{}}"))))
                .isEqualTo("output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly"
                        + " set to false");
        assertThat(claude.rejection(schema(closed("\"a\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":2}"))))
                .isEqualTo("output_config.format.schema: For 'integer' type, properties maximum, minimum are not"
                        + " supported");
        assertThat(claude.rejection(schema(closed("\"a\":{\"$ref\":\"#/$defs/A\"}")
                        .replace(
                                "\"type\":\"object\"",
                                "\"$defs\":{\"A\":{\"type\":\"array\",\"items\":{\"$ref\":"
                                        + "\"#/$defs/A\"}}},\"type\":\"object\""))))
                .contains("Recursive schemas");
        assertThat(claude.rejection(Claude.request(NEW, "\"output_config\":{\"format\":{\"type\":\"json_object\"}}")))
                .startsWith("output_config.format.type");
    }

    @Test
    void schemas_that_are_compiled_share_the_limits_of_unions_and_of_what_may_be_left_out() throws Exception {
        String strict = "\"tools\":[{\"name\":\"f\",\"strict\":true,\"input_schema\":"
                + closed(members(8, "{\"type\":[\"string\",\"null\"]}")) + "}]";
        String open = members(24, "{\"type\":\"string\"}");

        assertAccepted(claude.post(schema(closed(members(8, "{\"anyOf\":[{\"type\":\"null\"}]}")), strict)));
        assertThat(claude.rejection(schema(closed(members(9, "{\"anyOf\":[{\"type\":\"null\"}]}")), strict)))
                .startsWith("Schemas contains too many parameters with union types (17 ");
        assertAccepted(claude.post(schema(closed(open).replaceAll("\"required\":\\[.*?]", "\"required\":[]"))));
        assertThat(claude.rejection(schema(closed(open + ",\"last\":{\"type\":\"string\"}")
                        .replaceAll("\"required\":\\[.*?]", "\"required\":[]"))))
                .startsWith("Schemas contains too many optional parameters (25), ");
    }

    private static String members(int count, String schema) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"m" + i + "\":" + schema)
                .collect(Collectors.joining(","));
    }

    /** An object whose members are all required. */
    private static String closed(String members) {
        String names = Pattern.compile("\"(a|m\\d+)\":")
                .matcher(members)
                .results()
                .map(name -> "\"" + name.group(1) + "\"")
                .collect(Collectors.joining(","));
        return "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" + names + "],\"properties\":{"
                + members + "}}";
    }

    private static String schema(String schema, String... more) {
        String format = "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":" + schema + "}}";
        return Claude.request(NEW, more.length == 0 ? format : format + "," + more[0]);
    }

    @Test
    void a_conversation_ends_with_a_user_message_on_newer_models() throws Exception {
        String prefill = Claude.assistant("\"The answer is\"");

        assertThat(claude.rejection(Claude.request("claude-opus-4-6", "", Claude.ASK, prefill)))
                .isEqualTo("This model does not support assistant message prefill. The conversation must end with a"
                        + " user message.");
        assertAccepted(claude.post(Claude.request(OLD, "", Claude.ASK, prefill)));
        assertAccepted(claude.post(Claude.request(
                NEW,
                "",
                Claude.ASK,
                Claude.assistant("[{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_1\",\"name\":\"web_search\","
                        + "\"input\":{}}]"))));
    }

    @Test
    void results_follow_their_calls_at_once_and_come_first() throws Exception {
        String missing = "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1.";

        assertThat(claude.rejection(Claude.request(OLD, "", Claude.ASK, CALL, Claude.ASK)))
                .startsWith(missing);
        assertThat(claude.rejection(
                        Claude.request(OLD, "", Claude.ASK, CALL, Claude.user("[" + TEXT + "," + RESULT + "]"))))
                .startsWith(missing);
        assertThat(claude.rejection(
                        Claude.request(OLD, "", Claude.ASK, CALL, Claude.user("[" + RESULT + "," + RESULT + "]"))))
                .contains("each tool_use must have a single result");
        assertThat(claude.rejection(Claude.request(OLD, "", Claude.user("[" + RESULT + "]"))))
                .contains("unexpected `tool_use_id` found in `tool_result` blocks: t1");
        assertAccepted(
                claude.post(Claude.request(OLD, "", Claude.ASK, CALL, Claude.user("[" + RESULT + "," + TEXT + "]"))));
    }

    @Test
    void a_system_message_has_its_place() throws Exception {
        String system = "{\"role\":\"system\",\"content\":\"Be brief.\"}";
        String said = Claude.assistant("\"Ho.\"");

        assertThat(claude.rejection(Claude.request(NEW, "", system, Claude.ASK)))
                .contains("must not be the first message");
        assertThat(claude.rejection(Claude.request(NEW, "", Claude.ASK, said, system)))
                .contains("must follow a user message");
        assertThat(claude.rejection(Claude.request(NEW, "", Claude.ASK, system, Claude.ASK)))
                .contains("must be the last message");
        assertThat(claude.rejection(Claude.request(NEW, "", Claude.ASK, CALL, system, Claude.user("[" + RESULT + "]"))))
                .contains("must not stand between");
        assertThat(claude.rejection(Claude.request("claude-sonnet-5", "", Claude.ASK, system)))
                .contains("is not supported for this model");
        assertAccepted(claude.post(Claude.request(NEW, "", Claude.ASK, system)));
        assertAccepted(claude.post(Claude.request(NEW, "", Claude.ASK, system, said, Claude.ASK)));
    }

    @Test
    void at_most_four_blocks_mark_the_cache() throws Exception {
        String marked = "{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}";
        String four = Claude.user("[" + String.join(",", marked, marked, marked, marked) + "]");
        String hour = marked.replace("\"ephemeral\"", "\"ephemeral\",\"ttl\":\"1h\"");

        assertAccepted(claude.post(Claude.request(OLD, "", four)));
        assertThat(claude.rejection(Claude.request(OLD, "\"system\":[" + marked + "]", four)))
                .startsWith("A maximum of 4 blocks with cache_control may be provided. Found 5.");
        assertThat(claude.rejection(Claude.request(OLD, "\"cache_control\":{\"type\":\"ephemeral\"}", four)))
                .startsWith("A maximum of 4");
        assertThat(claude.rejection(Claude.request(OLD, "", Claude.user("[" + marked + "," + hour + "]"))))
                .contains("ttl='1h' cache_control block must not come after");
    }

    @Test
    void the_latest_version_has_documents_and_citations_in_their_places() throws Exception {
        String document = "[{\"type\":\"document\",\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\","
                + "\"data\":\"x\"}}]";
        String cited = "[{\"type\":\"text\",\"text\":\"x\",\"citations\":[{\"type\":\"char_location\"}]}]";
        String inAssistant = Claude.request(OLD, "", Claude.ASK, Claude.assistant(document), Claude.ASK);

        assertThat(claude.rejection(inAssistant)).contains("`document` blocks are not permitted in `assistant`");
        assertAccepted(claude.version("2023-06-01").post(inAssistant));
        assertThat(claude.rejection(Claude.request(OLD, "", Claude.user(cited))))
                .isEqualTo("messages.0.content.0.citations: Extra inputs are not permitted");
        assertAccepted(claude.post(Claude.request(OLD, "", Claude.ASK, Claude.assistant(cited), Claude.ASK)));
    }

    @Test
    void what_claude_code_sends_is_accepted() throws Exception {
        String betas = "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
                + "mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,"
                + "advanced-tool-use-2025-11-20,effort-2025-11-24";
        String cached = ",\"cache_control\":{\"type\":\"ephemeral\"}}";
        String members = "\"stream\":true,\"metadata\":{\"user_id\":\"u\"},"
                + "\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"},"
                + "\"context_management\":{\"edits\":[{\"type\":\"clear_thinking_20251015\",\"keep\":\"all\"}]},"
                + "\"output_config\":{\"effort\":\"high\"},"
                + "\"system\":[{\"type\":\"text\",\"text\":\"x-anthropic-billing-header: a\"},"
                + "{\"type\":\"text\",\"text\":\"a\"" + cached + ",{\"type\":\"text\",\"text\":\"b\"" + cached + "],"
                + "\"tools\":[{\"name\":\"ToolSearch\",\"input_schema\":{\"type\":\"object\"}},"
                + "{\"name\":\"Later\",\"input_schema\":{\"type\":\"object\"},\"defer_loading\":true}]";
        String system = "{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"c\"" + cached + "]}";

        HttpResponse<String> response = claude.version("2023-06-01")
                .beta(betas)
                .post("/v1/messages?beta=true", Claude.request(NEW, members, Claude.ASK, system));

        assertAccepted(response);
        assertThat(response.body()).endsWith("}\n\n").contains("event: message_stop");
    }

    @Test
    void a_retired_model_is_not_found_and_a_dated_one_is() throws Exception {
        HttpResponse<String> retired = claude.post(Claude.request("claude-3-opus-20240229", ""));
        HttpResponse<String> dated = claude.post(Claude.request("claude-haiku-4-5-20251001", ""));

        assertThat(retired.statusCode()).isEqualTo(404);
        assertThat(Client.json(retired).path("error").path("type").stringValue())
                .isEqualTo("not_found_error");
        assertThat(Client.json(retired).path("error").path("message").stringValue())
                .isEqualTo("model: claude-3-opus-20240229");
        assertThat(Client.json(dated).path("model").stringValue()).isEqualTo("claude-haiku-4-5-20251001");
    }

    @Test
    void a_prompt_that_is_too_long_is_rejected_in_words_that_clients_know() throws Exception {
        String words = Claude.user("\"" + "x".repeat(801_000) + "\"");

        assertThat(claude.rejection(Claude.request(OLD, "", words)))
                .matches("prompt is too long: \\d+ tokens > 200000 maximum");
    }

    @Test
    void kimis_face_rejects_what_it_lacks() throws Exception {
        String path = "/anthropic/v1/messages";
        String document = Claude.user("[{\"type\":\"document\",\"source\":{}}]");
        String reference = Claude.user("[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":["
                + "{\"type\":\"tool_reference\",\"tool_name\":\"f\"}]}]");
        String system = "{\"role\":\"system\",\"content\":\"Be brief.\"}";
        String thought = CALL.replace("[{", "[{\"type\":\"thinking\",\"thinking\":\"Hm.\"},{");

        HttpResponse<String> rejected = claude.post(path, Claude.request("kimi-k3", "", document));

        assertThat(rejected.statusCode()).isEqualTo(400);
        assertThat(Client.json(rejected).path("type").stringValue()).isEqualTo("error");
        assertThat(rejected.body()).contains("unsupported content type 'document'");
        assertThat(claude.post(path, Claude.request("kimi-k3", "", Claude.ASK, thought, reference))
                        .body())
                .contains("unsupported content type 'tool_reference'");
        assertThat(claude.post(path, Claude.request("kimi-k3", "", Claude.ASK, system))
                        .body())
                .contains("unknown role 'system'");
        assertThat(claude.post(path, Claude.request("kimi-k3", "\"temperature\":0.2"))
                        .body())
                .contains("invalid temperature: only 1 is allowed for this model");
        assertThat(claude.post(path + "/count_tokens", Claude.request("kimi-k3", ""))
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void a_body_of_more_than_32_megabytes_is_too_large() throws Exception {
        HttpResponse<String> response =
                claude.post(Claude.request(OLD, "", Claude.user("\"" + "x".repeat(33 * 1024 * 1024) + "\"")));

        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(Client.json(response).path("error").path("type").stringValue())
                .isEqualTo("request_too_large");
    }

    private static void assertAccepted(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
}
