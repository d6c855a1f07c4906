package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.changed;
import static dev.kimi.gateway.messages.MessagesFixture.dropped;
import static dev.kimi.gateway.messages.MessagesFixture.json;
import static dev.kimi.gateway.messages.MessagesFixture.text;
import static dev.kimi.gateway.messages.MessagesFixture.translated;
import static dev.kimi.gateway.messages.MessagesFixture.utf8;
import static dev.kimi.gateway.messages.MessagesFixture.verbatim;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.Provenance;
import dev.kimi.relay.RelayForm;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A session as Claude Code sends it: attribution, adaptive thinking, a system turn early and one at the end, tools of
 * which one is deferred, a compacted beginning, and twelve rounds of tools with images, parallel results, a failed one,
 * and thinking that was Kimi's, Claude's, or lost.
 */
class GoldenSessionTest {

    private static final Pattern UNSIGNED =
            Pattern.compile("\\{\"type\":\"thinking\",\"thinking\":\"[^\"]*\",\"signature\":\"kimi:[0-9a-f]*\"\\},?");

    private static String session;
    private static JsonNode sent;
    private static RelayForm.Translated form;

    @BeforeAll
    static void translate() throws IOException {
        session = resource("claude-code-session.json");
        form = translated(session);
        CannedService service = new CannedService();
        try (KimiClient client = service.client(Provenance.OPENAI)) {
            sent = service.bodyOf(client, form.chat());
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(GoldenSessionTest.class.getResourceAsStream(name), name)) {
            return text(in.readAllBytes());
        }
    }

    @Test
    void acceptance_1_kimi_gets_what_the_golden_file_says() throws IOException {
        assertThat(sent.toPrettyString())
                .isEqualTo(json(utf8(resource("claude-code-session.kimi.json"))).toPrettyString());
    }

    @Test
    void acceptance_1_claude_gets_the_bytes_of_the_client_without_thinking_that_it_has_not_signed() {
        String expected = UNSIGNED.matcher(session.replace("\"claude-kimi-k3\"", "\"claude-sonnet-5-5\""))
                .replaceAll("");

        assertThat(text(verbatim(session).body())).isEqualTo(expected);
    }

    @Test
    void acceptance_4_each_turn_with_calls_has_reasoning_over_twelve_rounds() {
        int rounds = 0;
        for (JsonNode message : sent.path("messages")) {
            if (message.has("tool_calls")) {
                rounds++;
                assertThat(message.path("reasoning_content").isString())
                        .as(message.toString())
                        .isTrue();
            }
        }
        assertThat(rounds).isEqualTo(12);
    }

    @Test
    void line_14_all_that_is_lost_is_said() {
        assertThat(dropped(form))
                .containsExactlyInAnyOrder(
                        "cache_control",
                        "context_management",
                        "system.attribution",
                        "thinking.display",
                        "thinking.signature",
                        "tools.defer_loading");
        assertThat(changed(form))
                .containsExactlyInAnyOrder("output_config.effort", "thinking.missing", "tool_result.is_error");
    }
}
