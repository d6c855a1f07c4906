package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.changed;
import static dev.kimi.gateway.messages.MessagesFixture.dropped;
import static dev.kimi.gateway.messages.MessagesFixture.q;
import static dev.kimi.gateway.messages.MessagesFixture.rejected;
import static dev.kimi.gateway.messages.MessagesFixture.translated;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Role;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.relay.RelayForm;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the members and blocks of a request at a service of another protocol. */
class TranslationTest {

    private static final String TEXT = "{'type':'text','text':'%s'}";

    /** A request with these members beside a model and one message. */
    private static RelayForm.Translated with(String members) {
        return translated(q("{'model':'claude-kimi-k3','messages':[{'role':'user','content':'Hi'}]"
                + (members.isEmpty() ? "" : "," + members) + "}"));
    }

    private static RelayForm.Translated conversation(String... turns) {
        return translated(
                q("{'model':'claude-kimi-k3','max_tokens':100,'messages':[" + String.join(",", turns) + "]}"));
    }

    private static String user(String... blocks) {
        return "{'role':'user','content':[" + String.join(",", blocks) + "]}";
    }

    private static String assistant(String... blocks) {
        return "{'role':'assistant','content':[" + String.join(",", blocks) + "]}";
    }

    private static List<Message> messages(RelayForm.Translated form) {
        return form.chat().messages();
    }

    private static String tools(int count, String members) {
        return "'tools':["
                + IntStream.range(0, count)
                        .mapToObj(i -> "{'name':'t" + i + "','description':'d','input_schema':{'type':'object'}"
                                + members + "}")
                        .collect(Collectors.joining(","))
                + "]";
    }

    @Test
    void a_plain_request_loses_nothing() {
        RelayForm.Translated form = with("'max_tokens':50,'stream':true,'system':'Be brief.','stop_sequences':['END']");
        ChatRequest chat = form.chat();

        assertThat(form.notes()).isEmpty();
        assertThat(chat.maxCompletionTokens()).isEqualTo(50);
        assertThat(chat.stop()).containsExactly("END");
        assertThat(chat.messages().get(0).role()).isEqualTo(Role.SYSTEM);
        assertThat(chat.messages().get(0).text()).isEqualTo("Be brief.");
        assertThat(chat.messages().get(1).text()).isEqualTo("Hi");
    }

    @Test
    void line_14_unknown_members_and_blocks_are_dropped_under_names_of_a_closed_list() {
        RelayForm.Translated form = translated(q("{'model':'m','messages':["
                + user("{'type':'from_the_future','x':1}", TEXT.formatted("Hi"), "{'type':'container_upload'}")
                + "],'secret_field':1,'speed':'fast','service_tier':null}"));

        assertThat(dropped(form))
                .containsExactlyInAnyOrder("content.other", "content.container_upload", "other", "speed");
        assertThat(messages(form)).hasSize(1);
    }

    @Test
    void line_15_the_attribution_is_stripped_when_it_is_first() {
        RelayForm.Translated form = with("'system':[" + TEXT.formatted("x-anthropic-billing-header: cc_version=2;")
                + "," + TEXT.formatted("One.") + "," + TEXT.formatted("Two.") + "]");

        assertThat(messages(form).get(0).text()).isEqualTo("One.\n\nTwo.");
        assertThat(dropped(form)).containsExactly("system.attribution");
    }

    @Test
    void line_15_what_is_not_recognised_or_not_first_stays() {
        RelayForm.Translated form = with("'system':[" + TEXT.formatted("One.") + ","
                + TEXT.formatted("x-anthropic-billing-header: cc_version=2;") + "]");

        assertThat(messages(form).get(0).text()).isEqualTo("One.\n\nx-anthropic-billing-header: cc_version=2;");
        assertThat(form.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"adaptive,true", "enabled,true", "disabled,false"})
    void line_16_thinking_is_what_the_model_has(String type, boolean expected) {
        RelayForm.Translated form = with("'thinking':{'type':'" + type + "'}");

        assertThat(form.chat().thinking()).isEqualTo(expected);
        assertThat(form.notes()).isEmpty();
    }

    @Test
    void line_16_what_the_model_has_not_is_said() {
        assertThat(dropped(with("'thinking':{'type':'enabled','budget_tokens':4000,'display':'omitted','new':1}")))
                .containsExactlyInAnyOrder("thinking.budget_tokens", "thinking.display", "thinking.other");
        assertThat(with("").chat().thinking()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"low,low", "medium,high", "high,high", "xhigh,max", "max,max"})
    void line_17_an_effort_becomes_one_that_the_model_takes(String effort, String expected) {
        RelayForm.Translated form = with("'output_config':{'effort':'" + effort + "','task_budget':{'total':1}}");

        assertThat(form.chat().reasoningEffort()).isEqualTo(expected);
        assertThat(changed(form)).hasSize(effort.equals(expected) ? 0 : 1);
        assertThat(dropped(form)).containsExactly("output_config.task_budget");
    }

    @Test
    void line_17_the_last_turn_that_names_an_effort_decides() {
        RelayForm.Translated form = translated(q("{'model':'m','output_config':{'effort':'max'},'messages':["
                + user(TEXT.formatted("a")) + ",{'role':'system','content':'x','output_config':{'effort':'high'}},"
                + assistant(TEXT.formatted("b")) + "," + user(TEXT.formatted("c"))
                + ",{'role':'system','content':'y','output_config':{'effort':'low'}}]}"));

        assertThat(form.chat().reasoningEffort()).isEqualTo("low");
        assertThat(form.notes()).isEmpty();
    }

    @Test
    void line_17_the_highest_effort_is_a_setting() {
        assertThat(Effort.XHIGH.within(List.of("low", "high", "max"), Effort.HIGH))
                .isEqualTo("high");
        assertThat(Effort.MAX.within(List.of("low", "high", "max"), Effort.HIGH))
                .isEqualTo("high");
        assertThat(Effort.HIGH.within(List.of("low", "medium"), Effort.MAX)).isEqualTo("medium");
        assertThat(Effort.HIGH.within(List.of(), Effort.MAX)).isNull();
    }

    @Test
    void line_17_no_effort_is_sent_while_thinking_is_disabled() {
        RelayForm.Translated form = with("'thinking':{'type':'disabled'},'output_config':{'effort':'high'}");

        assertThat(form.chat().reasoningEffort()).isNull();
        assertThat(dropped(form)).containsExactly("output_config.effort");
    }

    @Test
    void line_17_a_schema_for_the_response_is_the_response_format() {
        RelayForm.Translated form =
                with("'output_config':{'format':{'type':'json_schema','schema':{'type':'object'}}}");

        assertThat(form.chat().responseFormat()).isNotNull();
        assertThat(form.chat().responseFormat().schema()).isEqualTo(q("{'type':'object'}"));
        assertThat(form.notes()).isEmpty();
    }

    @Test
    void line_18_context_management_is_dropped() {
        assertThat(dropped(with("'context_management':{'edits':[]}"))).containsExactly("context_management");
    }

    @Test
    void line_19_a_tool_is_its_name_description_and_schema() {
        RelayForm.Translated form = with(
                tools(
                        1,
                        ",'strict':true,'defer_loading':true,'eager_input_streaming':true,"
                                + "'input_examples':[],'allowed_callers':['direct'],'cache_control':{'type':'ephemeral'},'new':1"));
        Tool tool = form.chat().tools().get(0);

        assertThat(tool.name()).isEqualTo("t0");
        assertThat(tool.description()).isEqualTo("d");
        assertThat(tool.parameters()).isEqualTo(q("{'type':'object'}"));
        assertThat(tool.strict()).isNull();
        assertThat(tool.hasNormalisedSchema()).isTrue();
        assertThat(dropped(form))
                .containsExactlyInAnyOrder(
                        "tools.strict",
                        "tools.defer_loading",
                        "tools.eager_input_streaming",
                        "tools.input_examples",
                        "tools.allowed_callers",
                        "cache_control",
                        "tools.other");
    }

    @Test
    void line_19_acceptance_10_more_tools_than_the_model_takes_are_a_400() {
        assertThat(with(tools(128, "")).chat().tools()).hasSize(128);
        assertThat(rejected(() -> with(tools(129, ""))).message()).contains("129", "128", "kimi-k3");
    }

    @Test
    void line_20_tools_of_anthropics_are_dropped_or_rejected() {
        String request = q("{'model':'m','messages':[{'role':'user','content':'Hi'}],"
                + "'tools':[{'type':'web_search_20260801','name':'web_search'}],'tool_choice':{'type':'auto'}}");
        MessagesDialect strict =
                new MessagesDialect(new MessagesProperties(MessagesProperties.ServerTools.REJECT, Effort.MAX));

        RelayForm.Translated form = translated(request);
        GatewayError error = rejected(() -> strict.read(
                        new dev.kimi.gateway.dialect.InboundHead("/v1/messages", null, java.util.Map.of()),
                        MessagesFixture.utf8(request))
                .formFor(MessagesFixture.TO_KIMI));

        assertThat(form.chat().tools()).isEmpty();
        assertThat(form.chat().toolChoice()).isNull();
        assertThat(dropped(form)).containsExactly("tools.server");
        assertThat(error.message()).contains("tools.0", "web_search_20260801", "kimi-k3");
    }

    @Test
    void line_21_a_tool_reference_becomes_text() {
        RelayForm.Translated form = translated(q("{'model':'m'," + tools(1, "") + ",'messages':["
                + assistant(
                        "{'type':'thinking','thinking':'x'}",
                        "{'type':'tool_use','id':'c','name':'ToolSearch','input':{}}")
                + ","
                + user(
                        "{'type':'tool_result','tool_use_id':'c','content':[{'type':'tool_reference','tool_name':'t0'}]}")
                + "]}"));

        assertThat(messages(form).get(1).text()).isEqualTo("Tool: t0\nd");
    }

    @Test
    void line_22_documents_become_text_where_they_are_text() {
        RelayForm.Translated form = conversation(user(
                "{'type':'document','title':'T','source':{'type':'text','media_type':'text/plain','data':'body'}}",
                "{'type':'document','source':{'type':'base64','media_type':'text/plain','data':'aGV5'}}",
                "{'type':'document','source':{'type':'content','content':[" + TEXT.formatted("inner") + "]}}",
                "{'type':'search_result','title':'S','source':'u','content':[" + TEXT.formatted("found") + "]}"));

        assertThat(messages(form).get(0).parts())
                .containsExactly(
                        ContentPart.text("T\nbody"),
                        ContentPart.text("hey"),
                        ContentPart.text("inner"),
                        ContentPart.text("S\nu\nfound"));
    }

    @Test
    void line_22_a_pdf_is_a_400_that_names_the_block() {
        String pdf = "{'type':'document','source':{'type':'base64','media_type':'application/pdf','data':'JVBE'}}";

        GatewayError error = rejected(() -> conversation(user(TEXT.formatted("see"), pdf)));

        assertThat(error.status()).isEqualTo(400);
        assertThat(error.kind()).isEqualTo(GatewayError.Kind.INVALID_REQUEST);
        assertThat(error.message()).startsWith("messages.0.content.1: kimi-k3 does not read application/pdf");
        assertThat(rejected(() ->
                                conversation(user("{'type':'tool_result','tool_use_id':'c','content':[" + pdf + "]}")))
                        .message())
                .startsWith("messages.0.content.0.content.0: ");
    }

    @Test
    void line_23_a_system_turn_stays_where_it_is() {
        RelayForm.Translated form = conversation(
                user(TEXT.formatted("a")),
                "{'role':'system','content':[{'type':'text','text':'rules','cache_control':{'type':'ephemeral'}}]}",
                assistant(TEXT.formatted("b")),
                user(TEXT.formatted("c")),
                "{'role':'system','content':'more'}");

        assertThat(messages(form).stream().map(Message::role))
                .containsExactly(Role.USER, Role.SYSTEM, Role.ASSISTANT, Role.USER, Role.SYSTEM);
        assertThat(messages(form).get(1).text()).isEqualTo("rules");
        assertThat(dropped(form)).containsExactly("cache_control");
    }

    @Test
    void line_24_cache_control_is_dropped_everywhere() {
        String mark = "'cache_control':{'type':'ephemeral'}";
        String marked = "{'type':'text','text':'x'," + mark + "}";
        RelayForm.Translated form = translated(q("{'model':'m'," + mark + ",'system':[" + marked + "],"
                + tools(1, "," + mark) + ",'messages':[" + user(marked) + "]}"));

        assertThat(form.notes()).hasSize(1);
        assertThat(dropped(form)).containsExactly("cache_control");
        assertThat(messages(form)).noneMatch(Message::cacheBreakpoint);
    }

    @Test
    void line_25_thinking_of_any_origin_is_kept_as_reasoning_without_its_signature() {
        RelayForm.Translated form = conversation(
                user(TEXT.formatted("a")),
                assistant("{'type':'thinking','thinking':'of Claude','signature':'EqQB'}", TEXT.formatted("b")),
                user(TEXT.formatted("c")),
                assistant("{'type':'thinking','thinking':'of Kimi','signature':'kimi:00'}", TEXT.formatted("d")),
                user(TEXT.formatted("e")),
                assistant(
                        "{'type':'thinking','thinking':'of nobody'}",
                        "{'type':'redacted_thinking','data':'x'}",
                        TEXT.formatted("f")),
                user(TEXT.formatted("g")));

        assertThat(messages(form).stream().map(Message::reasoning))
                .containsExactly(null, "of Claude", null, "of Kimi", null, "of nobody", null);
        assertThat(messages(form).get(1).blocks().get(0).content())
                .isEqualTo(new ContentPart.Reasoning("of Claude", null));
        assertThat(dropped(form)).containsExactly("thinking.signature", "redacted_thinking");
    }

    @Test
    void line_26_a_turn_with_calls_has_reasoning_also_when_the_client_has_dropped_it() {
        RelayForm.Translated form = conversation(
                user(TEXT.formatted("a")),
                assistant(
                        "{'type':'thinking','thinking':'','signature':'Eq'}",
                        "{'type':'tool_use','id':'toolu_1','name':'t','input':{'n':1.50,'big':12345678901234567890}}"),
                user("{'type':'tool_result','tool_use_id':'toolu_1','content':'ok'}"));

        assertThat(messages(form).get(1).reasoning()).isEmpty();
        assertThat(messages(form).get(1).toolCalls())
                .containsExactly(new ToolCall("toolu_1", "t", q("{'n':1.50,'big':12345678901234567890}")));
        assertThat(changed(form)).containsExactly("thinking.missing");
    }

    @Test
    void line_28_max_tokens_are_clamped_to_the_card() {
        RelayForm.Translated form = with("'max_tokens':999999");

        assertThat(form.chat().maxCompletionTokens()).isEqualTo(131_072);
        assertThat(changed(form)).containsExactly("max_tokens");
        assertThat(rejected(() -> with("'max_tokens':0")).message()).contains("at least 1");
    }

    @Test
    void line_29_sampling_is_dropped() {
        RelayForm.Translated form = with("'temperature':0.7,'top_p':0.9,'top_k':5");

        assertThat(form.chat().temperature()).isNull();
        assertThat(form.chat().topP()).isNull();
        assertThat(dropped(form)).containsExactlyInAnyOrder("temperature", "top_p", "top_k");
    }

    @Test
    void line_30_the_user_is_hashed() {
        RelayForm.Translated form = with("'metadata':{'user_id':'anna@example.com'}");

        assertThat(form.chat().userId()).matches("[0-9a-f]{32}");
        assertThat(form.chat().sessionId()).isEqualTo(form.chat().userId());
    }

    @Test
    void line_31_parallel_results_are_one_turn_with_images_and_the_same_ids() {
        String image = "{'type':'image','source':{'type':'base64','media_type':'image/png','data':'AAAA'}}";
        RelayForm.Translated form = conversation(
                user(TEXT.formatted("a")),
                assistant(
                        "{'type':'thinking','thinking':'x'}",
                        "{'type':'tool_use','id':'toolu_1','name':'t','input':{}}",
                        "{'type':'tool_use','id':'toolu_2','name':'t'}"),
                user(
                        TEXT.formatted("and"),
                        "{'type':'tool_result','tool_use_id':'toolu_1','content':[" + TEXT.formatted("p") + ","
                                + TEXT.formatted("q") + "]}",
                        "{'type':'tool_result','tool_use_id':'toolu_2','is_error':true,'content':["
                                + TEXT.formatted("boom") + "," + image + "]}"));
        List<Message> turns = messages(form);

        assertThat(turns.stream().map(Message::role)).containsExactly(Role.USER, Role.ASSISTANT, Role.TOOL, Role.USER);
        assertThat(turns.get(1).toolCalls()).extracting(ToolCall::arguments).containsExactly("{}", "{}");
        assertThat(turns.get(2).blocks().stream().map(Message.Block::content))
                .containsExactly(
                        new ContentPart.ToolResult("toolu_1", List.of(ContentPart.text("p\nq")), false),
                        new ContentPart.ToolResult(
                                "toolu_2",
                                List.of(
                                        ContentPart.text("Error:"),
                                        ContentPart.text("boom"),
                                        ContentPart.image("data:image/png;base64,AAAA")),
                                true));
        assertThat(turns.get(3).text()).isEqualTo("and");
        assertThat(changed(form)).containsExactly("tool_result.is_error");
    }

    @Test
    void line_31_a_result_without_content_and_one_that_failed_are_texts() {
        RelayForm.Translated form = conversation(
                assistant("{'type':'thinking','thinking':'x'}", "{'type':'tool_use','id':'c','name':'t','input':{}}"),
                user(
                        "{'type':'tool_result','tool_use_id':'c'}",
                        "{'type':'tool_result','tool_use_id':'c','is_error':true,'content':'no file'}",
                        "{'type':'tool_result','tool_use_id':'c','is_error':true,'content':'<tool_use_error>x'}"));

        assertThat(messages(form).get(1).blocks().stream()
                        .map(block -> ((ContentPart.ToolResult) block.content()).content()))
                .containsExactly(
                        List.of(ContentPart.text("")),
                        List.of(ContentPart.text("Error: no file")),
                        List.of(ContentPart.text("<tool_use_error>x")));
    }

    @Test
    void line_31_an_image_by_address_is_a_400_that_names_the_block() {
        assertThat(rejected(() ->
                                conversation(user("{'type':'image','source':{'type':'url','url':'https://x/y.png'}}")))
                        .message())
                .startsWith("messages.0.content.0.source: kimi-k3 takes images as base64 only");
    }

    @Test
    void a_forced_tool_switches_off_thinking_that_the_client_has_not_asked_for() {
        RelayForm.Translated form = with(tools(1, "") + ",'tool_choice':{'type':'tool','name':'t0'}");

        assertThat(form.chat().toolChoice().value()).isEqualTo("t0");
        assertThat(form.chat().thinking()).isFalse();
        assertThat(changed(form)).containsExactly("thinking");
    }

    @Test
    void a_forced_tool_is_left_to_the_model_while_it_thinks() {
        RelayForm.Translated form = with(tools(1, "")
                + ",'thinking':{'type':'adaptive'},'tool_choice':{'type':'any','disable_parallel_tool_use':true}");

        assertThat(form.chat().toolChoice()).isEqualTo(Tool.Choice.AUTO);
        assertThat(form.chat().thinking()).isTrue();
        assertThat(changed(form)).containsExactly("tool_choice");
        assertThat(dropped(form)).containsExactly("tool_choice.disable_parallel_tool_use");
    }

    @Test
    void a_turn_that_the_client_has_begun_for_the_model_is_marked() {
        RelayForm.Translated form = conversation(user(TEXT.formatted("a")), assistant(TEXT.formatted("{")));

        assertThat(messages(form).get(1).extra(Provenance.OPENAI)).containsEntry("partial", true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'role':'tool','content':'x'}|messages.0.role",
                "{'role':'user','content':7}|messages.0.content",
                "{'role':'user','content':[{'text':'x'}]}|messages.0.content.0.type",
                "{'role':'user','content':[{'type':'text','text':1}]}|messages.0.content.0.text",
                "{'role':'user','content':[{'type':'tool_result','content':'x'}]}|messages.0.content.0.tool_use_id",
                "{'role':'assistant','content':[{'type':'tool_use','id':'c'}]}|messages.0.content.0.name",
                "{'role':'assistant','content':[{'type':'tool_use','id':'c','name':'t','input':1}]}|content.0.input",
                "{'role':'user','content':''}|messages: at least one",
            })
    void a_wrong_turn_is_a_400_that_names_it(String turn, String words) {
        assertThat(rejected(() -> conversation(turn)).message()).contains(words);
    }

    @Test
    void the_same_request_becomes_the_same() {
        assertThat(with("'system':'x'").notes()).isEqualTo(with("'system':'x'").notes());
        assertThat(with("'system':'x'").chat().toString())
                .isEqualTo(with("'system':'x'").chat().toString());
    }
}
