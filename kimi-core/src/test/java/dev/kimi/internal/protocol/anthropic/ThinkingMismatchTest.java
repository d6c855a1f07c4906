package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.ToolSchemas;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol.Mismatch;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of the service, and what it says, about thinking that does not fit what stands before it. */
class ThinkingMismatchTest {

    private static final ModelCards CARDS = new ModelCards.Settings().cards();
    private static final String BETA = "thinking-binding-controls-2026-08-01";
    private static final String BINDING = "\"block_binding\":{\"prefix_mismatch_behavior\":\"drop_block\"}";
    private static final String DROPPING = "\"thinking\":{\"type\":\"adaptive\"," + BINDING + "}";
    private static final ErrorContext CONTEXT = new ErrorContext(1, Duration.ZERO, Instant.EPOCH);
    private static final KimiException BOUND_ELSEWHERE = rejection("messages.1.content.0: Invalid `signature` in"
            + " `thinking` block. The block is bound to a different conversation. A tool was renamed.");

    @ParameterizedTest
    @CsvSource({
        "claude-opus-5-5,",
        "claude-fable-5-2,",
        "claude-sonnet-5-5,",
        "claude-haiku-5-5,",
        "claude-opus-5-5, true",
        "claude-opus-4-8, true"
    })
    void a_model_that_thinks_by_itself_is_asked_to_drop_it(String model, @Nullable Boolean thinking) {
        EncodedChat written = encoded(Mismatch.DROP_BLOCK, request(thinking), model);

        assertThat(text(written)).contains(DROPPING);
        assertThat(written.headers().size()).isEqualTo(3);
        assertThat(written.headers().first("anthropic-beta")).isEqualTo("a-2025," + BETA);
        assertThat(written.headers().first("content-type")).isEqualTo("application/json");
        assertThat(written.headers().first("anthropic-version")).isEqualTo("2026-10-21");
        assertThat(written.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "claude-haiku-5-5, false",
        "claude-opus-5, false",
        "claude-opus-4-8,",
        "kimi-k3.1-pro,",
        "kimi-k3,",
        "claude-next,",
        "other, true"
    })
    void where_the_mode_does_not_allow_it_or_is_not_known_nothing_is_asked(String model, @Nullable Boolean thinking) {
        EncodedChat written = encoded(Mismatch.DROP_BLOCK, request(thinking), model);

        assertThat(text(written)).isEqualTo(text(encoded(Mismatch.ERROR, request(thinking), model)));
        assertThat(written.headers().first("anthropic-beta")).isEqualTo("a-2025");
    }

    @Test
    void nothing_is_asked_unless_it_is_set() {
        for (Mismatch mismatch : List.of(Mismatch.ERROR, Mismatch.REPAIR)) {
            EncodedChat written = encoded(mismatch, request(null), "claude-opus-5-5");

            assertThat(text(written)).doesNotContain("\"thinking\":{", "block_binding");
            assertThat(written.headers().first("anthropic-beta")).isEqualTo("a-2025");
        }
    }

    @Test
    void the_field_of_the_caller_is_added_to() {
        Map<String, Object> own = Map.of("type", "adaptive", "display", "summarized");
        Map<String, Object> more = Map.of("type", "adaptive", "block_binding", Map.of("later", 1));

        assertThat(written(Mismatch.DROP_BLOCK, own))
                .contains("\"display\":\"summarized\"", "\"type\":\"adaptive\"", BINDING)
                .containsOnlyOnce("\"thinking\":{");
        assertThat(written(Mismatch.DROP_BLOCK, more))
                .contains("\"block_binding\":{\"later\":1,\"prefix_mismatch_behavior\":\"drop_block\"}");
        assertThat(own).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"between_tools", "disabled", "new"})
    void the_field_of_the_caller_stays_as_it_is_in_another_mode(String type) {
        EncodedChat written = encoded(Mismatch.DROP_BLOCK, request(null, Map.of("type", type)), "claude-sonnet-5-5");

        assertThat(text(written)).contains("\"thinking\":{\"type\":\"" + type + "\"}");
        assertThat(written.headers().first("anthropic-beta")).isEqualTo("a-2025");
    }

    @Test
    void what_the_caller_says_of_a_mismatch_wins_and_brings_its_beta_feature() {
        Map<String, Object> own =
                Map.of("type", "adaptive", "block_binding", Map.of("prefix_mismatch_behavior", "error"));
        ChatRequest request = request(null, own);

        for (Mismatch mismatch : Mismatch.values()) {
            EncodedChat written = encoded(mismatch, request, "claude-opus-5-5");
            assertThat(text(written)).contains("\"error\"").doesNotContain("drop_block");
            assertThat(written.headers().first("anthropic-beta")).isEqualTo("a-2025," + BETA);
            assertThat(again(mismatch, request, "claude-opus-5-5", BOUND_ELSEWHERE))
                    .isNull();
        }
    }

    @Test
    void a_beta_feature_that_is_set_anyway_is_named_once() {
        MessagesProtocol protocol =
                new MessagesProtocol("2026-10-21", List.of(BETA, "b"), Mismatch.DROP_BLOCK, ToolSchemas.AS_IS);

        assertThat(protocol.encode(request(null), target("claude-opus-5-5"))
                        .headers()
                        .first("anthropic-beta"))
                .isEqualTo(BETA + ",b");
    }

    @Test
    void a_rejected_request_is_written_with_the_wish_to_drop_and_says_so() {
        EncodedChat again = again(Mismatch.REPAIR, request(null), "claude-opus-5-5", BOUND_ELSEWHERE);

        assertThat(again).isNotNull();
        assertThat(text(again)).contains(DROPPING, "c2ln").contains("redacted_thinking");
        assertThat(again.headers().first("anthropic-beta")).isEqualTo("a-2025," + BETA);
        assertThat(again.notes())
                .containsExactly(new Note(
                        Note.REQUEST_REPAIRED,
                        "The request was sent to claude-opus-5-5 at api.test again, which may drop reasoning now: the"
                                + " service rejected the request, since what stands before the reasoning was changed."
                                + " Continue with ChatRequest.after(response), and change neither the system text nor"
                                + " tools."));
    }

    @Test
    void where_the_service_cannot_be_asked_all_thinking_is_left_out_and_that_is_said() {
        ChatRequest request = request(null, Map.of("type", "between_tools"));

        EncodedChat again = again(Mismatch.REPAIR, request, "claude-sonnet-5-5", BOUND_ELSEWHERE);

        assertThat(again).isNotNull();
        assertThat(text(again))
                .doesNotContain("c2ln", "redacted_thinking", "block_binding")
                .contains("\"tool_use\"", "\"text\":\"Look.\"");
        assertThat(again.headers().first("anthropic-beta")).isEqualTo("a-2025");
        assertThat(again.notes()).extracting(Note::code).containsExactly(Note.REQUEST_REPAIRED);
        assertThat(again.notes().get(0).message()).startsWith("2 blocks of reasoning were not sent to claude-sonnet");
    }

    @Test
    void nothing_is_written_again_that_would_be_the_same() {
        ChatRequest bare = ChatRequest.builder()
                .user("Hi")
                .extra("thinking", Map.of("type", "disabled"))
                .build();
        KimiException other = rejection("messages.1.content.0: Invalid `signature` in `thinking` block");

        assertThat(again(Mismatch.REPAIR, bare, "claude-haiku-5-5", BOUND_ELSEWHERE))
                .isNull();
        assertThat(again(Mismatch.REPAIR, request(null), "claude-opus-5-5", other))
                .isNull();
        assertThat(again(Mismatch.ERROR, request(null), "claude-opus-5-5", BOUND_ELSEWHERE))
                .isNull();
        assertThat(again(Mismatch.DROP_BLOCK, request(null), "claude-opus-5-5", BOUND_ELSEWHERE))
                .isNull();
    }

    @Test
    void a_program_can_tell_the_rejection_from_others() {
        assertThat(((InvalidRequestException) BOUND_ELSEWHERE).reason())
                .isEqualTo(InvalidRequestException.Reason.REASONING_MISMATCH);
        assertThat(BOUND_ELSEWHERE).hasMessageContaining("kimi.anthropic.thinking-mismatch");
        assertThat(((InvalidRequestException) rejection("Invalid `signature` in `thinking` block")).reason())
                .isEqualTo(InvalidRequestException.Reason.OTHER);
    }

    @Test
    void what_the_service_did_to_thinking_becomes_notes() {
        String all = "[" + transformation("thinking_dropped", "prefix_binding_mismatch") + ","
                + transformation("thinking_dropped", "prefix_binding_mismatch") + ","
                + transformation("thinking_dropped", "model_binding_mismatch") + ","
                + transformation("thinking_dropped", "secret words of theirs") + ","
                + transformation("thinking_mismatch_allowed", "organization_binding_mismatch") + ","
                + transformation("new_kind", "new_reason") + ",7]";
        ChatResponse response = decoded("{\"type\":\"message\",\"content\":[],\"stop_reason\":\"end_turn\","
                + "\"input_transformations\":" + all + "}");

        assertThat(response.notes())
                .containsExactly(
                        new Note(
                                Note.REASONING_DROPPED,
                                "The service left out 2 blocks of reasoning: what stands before it was changed after"
                                        + " the model had thought."),
                        new Note(
                                Note.REASONING_DROPPED,
                                "The service left out 1 block of reasoning: it was written by a model whose reasoning"
                                        + " this one cannot read."),
                        new Note(
                                Note.REASONING_DROPPED,
                                "The service left out 1 block of reasoning: it gave a reason of its own."),
                        new Note(
                                Note.REASONING_MISMATCH,
                                "The service let 1 block of reasoning pass all the same: it was written for another"
                                        + " account."));
        assertThat(response.extra()).containsKey("input_transformations");
        assertThat(decoded(
                                "{\"type\":\"message\",\"content\":[],\"stop_reason\":\"end_turn\",\"input_transformations\":\"no list\"}")
                        .notes())
                .isEmpty();
    }

    @Test
    void those_of_a_stream_come_at_its_beginning_and_after_another_model_took_over() {
        String dropped = transformation("thinking_dropped", "prefix_binding_mismatch");
        ChatResponse response = decoded("data: {\"type\":\"message_start\",\"message\":{\"type\":\"message\","
                + "\"content\":[],\"input_transformations\":[" + dropped + "]}}\n\n"
                + "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                + "\"input_transformations\":[" + dropped + "]}\n\ndata: {\"type\":\"message_stop\"}\n\n");

        assertThat(response.notes())
                .extracting(Note::message)
                .containsExactly("The service left out 2 blocks of reasoning: what stands before it was changed after"
                        + " the model had thought.");
    }

    private static String transformation(String type, String reason) {
        return "{\"type\":\"" + type + "\",\"path\":\"messages.1.content.0\",\"reason\":\"" + reason + "\"}";
    }

    private static ChatRequest request(@Nullable Boolean thinking) {
        ChatRequest.Builder request = conversation();
        return thinking == null ? request.build() : request.thinking(thinking).build();
    }

    private static ChatRequest request(@Nullable Boolean thinking, Map<String, Object> field) {
        return request(thinking).toBuilder().extra("thinking", field).build();
    }

    private static ChatRequest.Builder conversation() {
        ContentPart redacted = ContentPart.opaque(
                Provenance.ANTHROPIC, "redacted_thinking", "{\"type\":\"redacted_thinking\",\"data\":\"x\"}");
        return ChatRequest.builder()
                .user("Look.")
                .message(Message.of(
                        Message.Role.ASSISTANT,
                        List.of(
                                Message.Block.of(new ContentPart.Reasoning("Hm.", "c2ln")),
                                Message.Block.of(redacted),
                                Message.Block.of(ContentPart.text("Look.")),
                                Message.Block.of(new ToolCall("toolu_1", "look", "{}")))))
                .message(Message.toolResult("toolu_1", "seen"));
    }

    private static String written(Mismatch mismatch, Map<String, Object> field) {
        return text(encoded(mismatch, request(null, field), "claude-opus-5-5"));
    }

    private static EncodedChat encoded(Mismatch mismatch, ChatRequest request, String model) {
        return protocol(mismatch).encode(request, target(model));
    }

    private static @Nullable EncodedChat again(
            Mismatch mismatch, ChatRequest request, String model, KimiException rejection) {
        return protocol(mismatch).encodeAgain(request, target(model), rejection);
    }

    private static MessagesProtocol protocol(Mismatch mismatch) {
        return new MessagesProtocol("2026-10-21", List.of("a-2025"), mismatch, ToolSchemas.AS_IS);
    }

    private static EncodeTarget target(String model) {
        Provenance here = new Provenance(Provenance.ANTHROPIC, "api.test", model);
        return new EncodeTarget(here, true, false, CARDS.of(model));
    }

    private static KimiException rejection(String message) {
        String body =
                "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"" + message + "\"}}";
        return protocol(Mismatch.ERROR).error(400, Headers.empty(), bytes(body), CONTEXT);
    }

    private static ChatResponse decoded(String body) {
        return protocol(Mismatch.ERROR).decode(Headers.empty(), bytes(body), CONTEXT);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(EncodedChat written) {
        return new String(written.body(), StandardCharsets.UTF_8);
    }
}
