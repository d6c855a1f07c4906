package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.TO_CLAUDE;
import static dev.kimi.gateway.messages.MessagesFixture.q;
import static dev.kimi.gateway.messages.MessagesFixture.read;
import static dev.kimi.gateway.messages.MessagesFixture.rejected;
import static dev.kimi.gateway.messages.MessagesFixture.text;
import static dev.kimi.gateway.messages.MessagesFixture.utf8;
import static dev.kimi.gateway.messages.MessagesFixture.verbatim;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerbatimTest {

    /**
     * Everything that a re-serialised body would change: blanks, order, escapes, numbers, empty and unknown members.
     */
    private static final String ODD = q("""
            {"b":1.0, "a" : 1e2,\t'model' : 'claude-x' ,'max_tokens':7,
             'system':[{'type':'text','text':'x-anthropic-billing-header: cc_version=1;'},
                       {'type':'text','text':'S\\u00e9\\/','cache_control':{'type':'ephemeral'}}],
             'thinking':{'type':'adaptive','display':'omitted'}, 'context_management':{'edits':[]},
             'tools':[{'name':'t','input_schema':{'type':'object'},'defer_loading':true,'strict':null}],
             'messages':[{'role':'user','content':[{'type':'new_block','n':null}, {'type':'text','text':''}]},
                         {'role':'assistant','content':[{'type':'thinking','thinking':'','signature':'EqQB'},
                                                        {'type':'text','text':'Hi'}]},
                         {'role':'user','content':'ünd 🙂'},
                         {'role':'system','content':[{'type':'text','text':'rules','cache_control':{'type':'ephemeral'}}]}
                        ],  'zz':{}}
            """);

    @Test
    void line_14_15_16_17_18_19_23_24_all_bytes_but_the_name_of_the_model_are_the_clients() {
        RelayForm.Verbatim form = verbatim(ODD);

        assertThat(text(form.body())).isEqualTo(ODD.replace("\"claude-x\"", "\"claude-sonnet-5-5\""));
        assertThat(form.notes()).isEmpty();
    }

    @Test
    void the_same_name_of_the_model_leaves_the_very_bytes() {
        byte[] body = utf8(ODD.replace("claude-x", "claude-sonnet-5-5"));
        InboundChat chat = MessagesFixture.DIALECT.read(new InboundHead("/v1/messages", null, Map.of()), body);

        assertThat(((RelayForm.Verbatim) chat.formFor(TO_CLAUDE)).body()).isSameAs(body);
    }

    @Test
    void acceptance_2_one_inserted_space_is_seen() {
        String spaced = ODD.replace("\"Hi\"", "\"Hi \"");

        assertThat(text(verbatim(ODD).body()))
                .isNotEqualTo(text(verbatim(spaced).body()));
        assertThat(text(verbatim(spaced).body())).isEqualTo(spaced.replace("\"claude-x\"", "\"claude-sonnet-5-5\""));
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/messages,beta=true,/v1/messages?beta=true",
        "/v1/messages,,/v1/messages",
        "/v1/messages/count_tokens,beta=true,/v1/messages/count_tokens?beta=true"
    })
    void line_1_path_and_query_are_the_clients(String path, String query, String expected) {
        InboundChat chat = MessagesFixture.DIALECT.read(new InboundHead(path, query, Map.of()), utf8(ODD));

        assertThat(((RelayForm.Verbatim) chat.formFor(TO_CLAUDE)).path()).isEqualTo(expected);
    }

    @Test
    void line_6_8_9_12_headers_of_the_protocol_go_on_as_they_came_and_never_credentials() {
        Map<String, String> headers = Map.of(
                "anthropic-beta", "a-2025,b-2026 ,  c",
                "anthropic-version", "2023-06-01",
                "anthropic-workspace-id", "w",
                "authorization", "Bearer k",
                "x-api-key", "k",
                "x-claude-code-session-id", "s",
                "x-custom", "1",
                "x-team", "blue");

        InboundChat chat = MessagesFixture.DIALECT.read(new InboundHead("/v1/messages", null, headers), utf8(ODD));

        assertThat(((RelayForm.Verbatim) chat.formFor(TO_CLAUDE)).headers())
                .containsOnly(
                        Map.entry("anthropic-beta", "a-2025,b-2026 ,  c"),
                        Map.entry("anthropic-version", "2023-06-01"),
                        Map.entry("anthropic-workspace-id", "w"));
    }

    @Test
    void line_27_thinking_that_claude_has_not_signed_is_cut_out_and_nothing_else() {
        String own = q("{ 'type':'thinking', 'thinking':'}],', 'signature':'kimi:0123' }");
        String unsigned = q("{'thinking':'x','type':'thinking'}");
        String signed = q("{'type':'thinking','thinking':'y','signature':'EqQB'}");
        String said = q("{ 'type':'text' , 'text':'a' }");
        String body = turn("[ " + own + " ,\n " + unsigned + " , " + said + ", " + own + " , " + signed + " ,\t" + own
                + " , " + unsigned + " ]");

        RelayForm.Verbatim form = verbatim(body);

        assertThat(text(form.body())).isEqualTo(turn("[ " + said + ", " + signed + " ]"));
        assertThat(form.notes()).containsExactly(new Note(InboundChat.DROPPED, "thinking.unsigned"));
    }

    @Test
    void line_27_a_turn_that_is_empty_by_that_still_says_something() {
        String own = q("{'type':'thinking','thinking':'x','signature':'kimi:0123'}");

        assertThat(text(verbatim(turn("[ " + own + "," + own + " ]")).body()))
                .isEqualTo(turn(q("[ {'type':'text','text':'(no text)'} ]")));
    }

    @Test
    void line_25_thinking_goes_back_to_a_service_that_speaks_the_protocol_and_signs_nothing() {
        String body = turn(q("[{'type':'thinking','thinking':'x','signature':''},{'type':'text','text':'a'}]"));
        RelayTarget kimi = new RelayTarget(
                "k", Provenance.ANTHROPIC, "api.moonshot.ai/anthropic", "claude-sonnet-5-5", MessagesFixture.KIMI);

        RelayForm.Verbatim form = (RelayForm.Verbatim) read(body).formFor(kimi);

        assertThat(text(form.body())).isEqualTo(body);
        assertThat(form.notes()).isEmpty();
    }

    @Test
    void line_29_sampling_is_rejected_early_where_the_version_of_the_api_has_none() {
        String body = q("{'model':'m','temperature':0.5,'max_tokens':5,'messages':[{'role':'user','content':'Hi'}]}");

        assertThat(rejected(() -> verbatim(body, Map.of("anthropic-version", "2026-10-21")))
                        .message())
                .startsWith("temperature: Extra inputs are not permitted");
        assertThat(text(verbatim(body, Map.of("anthropic-version", "2023-06-01"))
                        .body()))
                .contains("\"temperature\":0.5");
    }

    @Test
    void nothing_of_the_request_is_printed() {
        assertThat(read(ODD).toString()).doesNotContain("Hi").doesNotContain("rules");
    }

    private static String turn(String content) {
        return q("{'model':'claude-sonnet-5-5','max_tokens':7,'messages':[{'role':'user','content':'q'},"
                + "{'role':'assistant','content':" + content + "}, {'role':'user','content':'go on'}]}");
    }
}
