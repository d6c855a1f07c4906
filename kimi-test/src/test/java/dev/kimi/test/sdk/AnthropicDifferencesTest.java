package dev.kimi.test.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.errors.AnthropicInvalidDataException;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.TruncatedStreamException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Where Anthropic's own decoder and ours differ on purpose: ours reads what proxies make of the protocol, and keeps
 * what theirs drops, since all of a turn has to go back to the service.
 */
class AnthropicDifferencesTest {

    private static final String START =
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
                    + "\"role\":\"assistant\",\"model\":\"claude-opus-5-5\",\"content\":[],\"stop_reason\":null,"
                    + "\"stop_sequence\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}";
    private static final String STOP = "{\"type\":\"message_stop\"}";
    private static final String HI = block(0, "{\"type\":\"text\",\"text\":\"Hi\"}");

    private static final AnthropicReader THEIRS = new AnthropicReader();
    private static final KimiReader OURS = new KimiReader("anthropic", "claude-opus-5-5");

    @AfterAll
    static void stop() {
        THEIRS.close();
        OURS.close();
    }

    @Test
    void a_call_that_was_cut_is_no_call_with_an_empty_input() {
        byte[] stream = stream(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
                        + "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"delete\",\"input\":{}}}",
                delta("{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"path\\\":\\\"/tm\"}"),
                "{\"type\":\"content_block_stop\",\"index\":0}",
                end("\"max_tokens\"", ""),
                STOP);

        ChatResponse ours = ours(stream);

        assertThat(theirs(stream).blocks().get(0).path("input")).isEmpty();
        assertThat(ours.toolCalls()).isEmpty();
        assertThat(ours.cutToolCalls())
                .containsExactly(new ChatResponse.CutToolCall("toolu_1", "delete", "{\"path\":\"/tm"));
    }

    @Test
    void events_without_names_are_events() {
        String unnamed = new String(stream(START, HI, end("\"end_turn\"", ""), STOP), StandardCharsets.UTF_8)
                .replaceAll("event: \\w+\n", "");
        byte[] stream = unnamed.getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> THEIRS.betaStream(stream)).isInstanceOf(IllegalStateException.class);
        assertThat(ours(stream).text()).isEqualTo("Hi");
    }

    @Test
    void a_stop_reason_stays_when_a_later_event_has_none() {
        byte[] stream = stream(START, HI, end("\"refusal\"", ""), end("null", ""), STOP);

        assertThat(theirs(stream).stopReason()).isEmpty();
        assertThat(Reading.of(ours(stream)).stopReason()).isEqualTo("refusal");
    }

    @Test
    void counts_that_are_not_known_or_come_late_are_kept() {
        byte[] stream = stream(START, HI, end("\"end_turn\"", ",\"service_tier\":\"priority\",\"new_tokens\":3"), STOP);

        assertThat(theirs(stream).usage()).isEmpty();
        assertThat(ours(stream).usage().extra())
                .containsEntry("service_tier", "priority")
                .containsKey("new_tokens");
    }

    @Test
    void a_count_that_is_null_says_nothing() {
        byte[] stream = stream(
                START,
                HI,
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":null}}",
                STOP);

        assertThatThrownBy(() -> THEIRS.betaStream(stream)).isInstanceOf(AnthropicInvalidDataException.class);
        assertThat(ours(stream).usage().completionTokens()).isEqualTo(1);
    }

    @Test
    void zeros_at_the_end_do_not_undo_the_input_of_the_beginning() {
        byte[] stream = stream(START, HI, end("\"end_turn\"", ",\"input_tokens\":0"), STOP);

        assertThat(theirs(stream).counts().get(0)).isZero();
        assertThat(ours(stream).usage().promptTokens()).isEqualTo(9);
    }

    @Test
    void deltas_that_are_not_known_are_kept() {
        byte[] stream = stream(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"Hi\"}}",
                delta("{\"type\":\"shimmer_delta\",\"shimmer\":\"x\"}"),
                "{\"type\":\"content_block_stop\",\"index\":0}",
                end("\"end_turn\"", ""),
                STOP);

        assertThat(theirs(stream).blocks().get(0).has("shimmer")).isFalse();
        assertThat(Reading.of(ours(stream)).blocks().get(0).path("shimmer").stringValue())
                .isEqualTo("x");
    }

    @Test
    void members_of_the_message_that_are_not_known_are_kept() {
        String more = end("\"end_turn\"", "").replace("{\"stop_reason\"", "{\"mood\":\"calm\",\"stop_reason\"");
        byte[] stream = stream(START, HI, more, STOP);

        assertThat(theirs(stream).members()).isEmpty();
        assertThat(ours(stream).extra()).containsEntry("mood", "calm");
    }

    @Test
    void numbers_in_an_input_keep_their_digits() {
        byte[] stream = stream(
                START,
                block(
                        0,
                        "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"pay\","
                                + "\"input\":{\"amount\":0.12345678901234567890,\"rate\":1.50}}"),
                end("\"tool_use\"", ""),
                STOP);

        assertThat(theirs(stream).blocks().get(0).path("input").path("amount").stringValue())
                .isEqualTo("number 0.12345678901234568");
        assertThat(ours(stream).toolCalls().get(0).arguments())
                .isEqualTo("{\"amount\":0.12345678901234567890,\"rate\":1.50}");
    }

    @Test
    void what_the_beta_api_has_is_kept_by_a_client_of_the_stable_one() {
        byte[] stream = stream(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
                        + "{\"type\":\"compaction\",\"content\":null}}",
                delta("{\"type\":\"compaction_delta\",\"content\":\"So far: x\"}"),
                "{\"type\":\"content_block_stop\",\"index\":0}",
                end("\"end_turn\"", ""),
                STOP);

        JsonNode theirs = THEIRS.stream(stream).path("content").path(0);
        JsonNode beta = theirs(stream).blocks().get(0);
        JsonNode ours = Reading.of(ours(stream)).blocks().get(0);

        assertThat(theirs.path("content").isNull()).isTrue();
        assertThat(beta.path("content")).isEqualTo(ours.path("content"));
        assertThat(ours.path("content").stringValue()).isEqualTo("So far: x");
        // theirs adds a member that the service did not send
        assertThat(beta.has("encrypted_content")).isTrue();
        assertThat(ours.has("encrypted_content")).isFalse();
    }

    @Test
    void a_message_that_begins_twice() {
        byte[] twice = stream(START, START, HI, end("\"end_turn\"", ""), STOP);
        byte[] within = stream(START, HI, START, HI, end("\"end_turn\"", ""), STOP);

        assertThatThrownBy(() -> THEIRS.betaStream(twice)).isInstanceOf(AnthropicInvalidDataException.class);
        assertThat(ours(twice).text()).isEqualTo("Hi");
        assertThatThrownBy(() -> THEIRS.betaStream(within)).isInstanceOf(AnthropicInvalidDataException.class);
        assertThatThrownBy(() -> ours(within)).isInstanceOf(TruncatedStreamException.class);
    }

    @Test
    void a_last_event_without_its_blank_line_is_the_end() {
        String text = new String(stream(START, HI, end("\"end_turn\"", ""), STOP), StandardCharsets.UTF_8);
        byte[] stream = text.stripTrailing().getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> THEIRS.betaStream(stream)).isInstanceOf(IllegalStateException.class);
        assertThat(ours(stream).text()).isEqualTo("Hi");
    }

    @Test
    void what_is_no_message_is_no_response() {
        byte[] event = START.getBytes(StandardCharsets.UTF_8);

        assertThat(THEIRS.whole(event).path("content")).isEmpty();
        assertThatThrownBy(() -> OURS.whole(event, new Dice(1)).text()).isInstanceOf(RuntimeException.class);
    }

    private static Reading theirs(byte[] stream) {
        return Reading.of(THEIRS.betaStream(stream));
    }

    private static ChatResponse ours(byte[] stream) {
        return OURS.stream(stream, new Dice(stream.length), event -> {});
    }

    private static byte[] stream(String... events) {
        return Stream.of(events)
                .flatMap(event -> List.of(event.split("\n")).stream())
                .map(data ->
                        "event: " + Reading.JSON.readTree(data).path("type").stringValue() + "\ndata: " + data)
                .collect(Collectors.joining("\n\n", "", "\n\n"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String block(int index, String block) {
        return "{\"type\":\"content_block_start\",\"index\":" + index + ",\"content_block\":" + block + "}\n"
                + "{\"type\":\"content_block_stop\",\"index\":" + index + "}";
    }

    private static String delta(String delta) {
        return "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":" + delta + "}";
    }

    private static String end(String reason, String counts) {
        return "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":" + reason + "},\"usage\":{\"output_tokens\":2"
                + counts + "}}";
    }
}
