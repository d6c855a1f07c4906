package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PromptCacheTest {

    private static final String MODEL = "claude-haiku-4-5";
    private static final String BRIEF = "{\"type\":\"ephemeral\"}";
    private static final String HOUR = "{\"type\":\"ephemeral\",\"ttl\":\"1h\"}";
    private static final int SYSTEM_TOKENS = 1_100;

    private final VirtualTime time = new VirtualTime();
    private final KimiSimulator kimi = KimiSimulator.builder().time(time).start();
    private final Claude claude = new Claude(kimi);

    @AfterEach
    void stop() {
        kimi.close();
    }

    @Test
    void a_marked_prefix_is_written_then_read_until_five_minutes_after_its_last_use() throws Exception {
        String body = Claude.request(MODEL, system(BRIEF));

        JsonNode written = usage(body);
        time.advance(Duration.ofMinutes(4));
        JsonNode read = usage(body);
        time.advance(Duration.ofMinutes(4));
        JsonNode readAgain = usage(body);
        time.advance(Duration.ofMinutes(5));
        JsonNode expired = usage(body);

        assertThat(written.path("cache_creation_input_tokens").asInt()).isEqualTo(SYSTEM_TOKENS);
        assertThat(written.path("cache_creation")
                        .path("ephemeral_5m_input_tokens")
                        .asInt())
                .isEqualTo(SYSTEM_TOKENS);
        assertThat(written.path("input_tokens").asInt()).isEqualTo(6);
        assertThat(read.path("cache_read_input_tokens").asInt()).isEqualTo(SYSTEM_TOKENS);
        assertThat(read.path("cache_creation_input_tokens").asInt()).isZero();
        assertThat(read.path("input_tokens").asInt()).isEqualTo(6);
        assertThat(readAgain.path("cache_read_input_tokens").asInt()).isEqualTo(SYSTEM_TOKENS);
        assertThat(expired.path("cache_creation_input_tokens").asInt()).isEqualTo(SYSTEM_TOKENS);
    }

    @Test
    void each_breakpoint_writes_for_its_own_lifetime() throws Exception {
        String body = Claude.request(MODEL, system(HOUR), marked("y".repeat(4_000), BRIEF));

        JsonNode written = usage(body);
        time.advance(Duration.ofMinutes(30));
        JsonNode later = usage(body);

        assertThat(written.path("cache_creation")
                        .path("ephemeral_1h_input_tokens")
                        .asInt())
                .isEqualTo(SYSTEM_TOKENS);
        assertThat(written.path("cache_creation")
                        .path("ephemeral_5m_input_tokens")
                        .asInt())
                .isEqualTo(1_005);
        assertThat(later.path("cache_read_input_tokens").asInt()).isEqualTo(SYSTEM_TOKENS);
        assertThat(later.path("cache_creation")
                        .path("ephemeral_5m_input_tokens")
                        .asInt())
                .isEqualTo(1_005);
    }

    @Test
    void a_conversation_that_grows_reads_what_it_wrote_within_twenty_blocks() throws Exception {
        String first = marked("y".repeat(8_000), BRIEF);
        usage(Claude.request(MODEL, "", first));

        JsonNode grown = usage(Claude.request(
                MODEL,
                "",
                first.replace(",\"cache_control\":" + BRIEF, ""),
                Claude.assistant("\"Ho.\""),
                marked("and?", BRIEF)));

        assertThat(grown.path("cache_read_input_tokens").asInt()).isEqualTo(2_005);
        assertThat(grown.path("cache_creation_input_tokens").asInt()).isPositive();
    }

    @Test
    void a_short_prefix_another_model_another_account_or_another_system_prompt_miss() throws Exception {
        usage(Claude.request(MODEL, system(BRIEF)));

        JsonNode other = usage(Claude.request("claude-sonnet-4-5", system(BRIEF)));
        JsonNode edited = usage(Claude.request(MODEL, system(BRIEF).replace("xx\"", "xy\"")));
        JsonNode account = Client.json(claude.key("sk-other").post(Claude.request(MODEL, system(BRIEF))))
                .path("usage");
        JsonNode brief = usage(Claude.request(MODEL, "", marked("hi", BRIEF)));

        for (JsonNode miss : new JsonNode[] {other, edited, account}) {
            assertThat(miss.path("cache_read_input_tokens").asInt()).isZero();
            assertThat(miss.path("cache_creation_input_tokens").asInt()).isEqualTo(SYSTEM_TOKENS);
        }
        assertThat(brief.path("cache_creation_input_tokens").asInt()).isZero();
    }

    @Test
    void another_effort_keeps_tools_and_system_but_not_the_messages() throws Exception {
        String model = "claude-opus-4-6";
        String low = "\"output_config\":{\"effort\":\"low\"},";
        String max = "\"output_config\":{\"effort\":\"max\"},";
        String message = marked("y".repeat(8_000), BRIEF);
        usage(Claude.request(model, low + system(BRIEF), message));

        JsonNode changed = usage(Claude.request(model, max + system(BRIEF), message));

        assertThat(changed.path("cache_read_input_tokens").asInt()).isEqualTo(SYSTEM_TOKENS);
        assertThat(changed.path("cache_creation_input_tokens").asInt()).isEqualTo(2_005);
    }

    @Test
    void what_is_read_from_the_cache_is_not_charged_to_the_limit() throws Exception {
        kimi.limits(AccountLimits.none().withTokensPerMinute(1_200));
        String body = Claude.request(MODEL, system(BRIEF));

        int first = claude.post(body).statusCode();
        int second = claude.post(body).statusCode();
        int uncached = claude.post(body.replace("xx\"", "xy\"")).statusCode();

        assertThat(first).isEqualTo(200);
        assertThat(second).isEqualTo(200);
        assertThat(uncached).isEqualTo(429);
    }

    private JsonNode usage(String body) throws Exception {
        return Client.json(claude.post(body)).path("usage");
    }

    private static String system(String control) {
        return "\"system\":[{\"type\":\"text\",\"text\":\"" + "x".repeat(4 * SYSTEM_TOKENS) + "\",\"cache_control\":"
                + control + "}]";
    }

    private static String marked(String text, String control) {
        return Claude.user("[{\"type\":\"text\",\"text\":\"" + text + "\",\"cache_control\":" + control + "}]");
    }
}
