package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.q;
import static dev.kimi.gateway.messages.MessagesFixture.translated;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse.Note;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The closed list of what a translation drops and changes. */
class LossesTest {

    private static final List<String> FIELDS = List.of(
            "cache_control",
            "compaction",
            "container",
            "context_management",
            "diagnostics",
            "fallbacks",
            "inference_geo",
            "mcp_servers",
            "service_tier",
            "speed",
            "temperature",
            "top_k",
            "top_p",
            "unheard_of");

    private static final String LOSES_ALL = q("""
            {'model':'m','max_tokens':9999999,%s
             'thinking':{'type':'enabled','budget_tokens':1,'display':'omitted','block_binding':{},'new':1},
             'output_config':{'effort':'xhigh','task_budget':{},'format':{'type':'new'},'new':1},
             'tool_choice':{'type':'any','disable_parallel_tool_use':true},
             'system':[{'type':'text','text':'x-anthropic-billing-header: x'}],
             'tools':[{'type':'web_search_1','name':'w'},
                      {'name':'t','input_schema':{},'strict':true,'defer_loading':true,'eager_input_streaming':true,
                       'input_examples':[1],'allowed_callers':['direct'],'new':1}],
             'messages':[
              {'role':'user','clear_at':'x','new':1,'content':[{'type':'text','text':'a','citations':[{}]},{'type':'tool_addition'},
                {'type':'tool_removal'},{'type':'container_upload'},{'type':'new'}]},
              {'role':'assistant','content':[{'type':'thinking','thinking':'b','signature':'E'},
                {'type':'redacted_thinking'},{'type':'server_tool_use'},{'type':'web_search_tool_result'},
                {'type':'mcp_tool_use'},{'type':'mcp_tool_result'},{'type':'fallback'}]},
              {'role':'assistant','content':[{'type':'tool_use','id':'i','name':'t','input':{}}]},
              {'role':'user','content':[{'type':'tool_result','tool_use_id':'i','is_error':true,'content':'no'}]}]}""");

    private static List<String> names() {
        StringBuilder fields = new StringBuilder();
        FIELDS.forEach(field -> fields.append('"').append(field).append("\":1,"));
        return translated(LOSES_ALL.formatted(fields)).notes().stream()
                .map(Note::message)
                .distinct()
                .toList();
    }

    @Test
    void line_14_each_loss_has_a_name_of_the_list() {
        assertThat(names())
                .containsExactlyInAnyOrder(
                        "cache_control",
                        "compaction",
                        "container",
                        "context_management",
                        "diagnostics",
                        "fallbacks",
                        "inference_geo",
                        "mcp_servers",
                        "service_tier",
                        "speed",
                        "temperature",
                        "top_k",
                        "top_p",
                        "other",
                        "max_tokens",
                        "thinking.budget_tokens",
                        "thinking.display",
                        "thinking.block_binding",
                        "thinking.other",
                        "thinking.signature",
                        "thinking.missing",
                        "redacted_thinking",
                        "output_config.effort",
                        "output_config.task_budget",
                        "output_config.format",
                        "output_config.other",
                        "tool_choice",
                        "tool_choice.disable_parallel_tool_use",
                        "system.attribution",
                        "tools.server",
                        "tools.strict",
                        "tools.defer_loading",
                        "tools.eager_input_streaming",
                        "tools.input_examples",
                        "tools.allowed_callers",
                        "tools.other",
                        "citations",
                        "messages.clear_at",
                        "messages.other",
                        "tool_result.is_error",
                        "content.tool_addition",
                        "content.tool_removal",
                        "content.container_upload",
                        "content.server_tool_use",
                        "content.server_tool_result",
                        "content.mcp_tool_use",
                        "content.mcp_tool_result",
                        "content.fallback",
                        "content.other");
    }

    @Test
    void each_name_is_in_the_documentation() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "gateway.md"));

        assertThat(names())
                .allSatisfy(name -> assertThat(page)
                        .contains("`" + name.replaceFirst("^content\\.(?!other|server_tool_r)", "") + "`"));
    }
}
