package dev.kimi.faults;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.KimiClientBuilder.ThinkingMismatch;
import dev.kimi.KimiClientBuilder.ToolSchemas;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Tool;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.InvalidRequestException.Reason;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole conversations, with simulated services that check every turn as the real ones do. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class ConversationsTest {

    private static final String OPUS = "claude-opus-5-5";
    private static final String SONNET = "claude-sonnet-5-5";
    private static final byte[] PICTURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final Tool LOOK = Tool.function(
            "look",
            "Looks",
            "{\"type\":\"object\",\"properties\":{\"at\":{\"type\":\"integer\"}},\"required\":[\"at\"]}");

    @Parameter
    TransportUnderTest transport = TransportUnderTest.HTTP1;

    private final KimiSimulator kimi = KimiSimulator.start();
    private final KimiSimulator claude = KimiSimulator.start();
    private final List<KimiClient> clients = new ArrayList<>();

    @AfterEach
    void stop() {
        clients.forEach(KimiClient::close);
        kimi.close();
        claude.close();
    }

    @ParameterizedTest
    @CsvSource({OPUS + ", false", OPUS + ", true", SONNET + ", true"})
    void bound_thinking_survives_a_loop_of_thirty_tool_calls(String model, boolean streamed) {
        KimiClient client = client(claude(model));
        ChatRequest request = ChatRequest.builder()
                .message(Message.system("Use tools.").cacheUpToHere())
                .message(Message.user(List.of(ContentPart.text("Look at it."), picture())))
                .tool(LOOK)
                .cacheLifetime(Duration.ofHours(1))
                .build();

        for (int i = 0; i < 30; i++) {
            claude.reply(
                    reasoning("Step " + i + ".").thenText("Next.").thenToolCall("look", "{ \"at\": " + i + ".0 }"));
            ChatResponse response = ask(client, request, streamed);
            assertThat(response.notes()).isEmpty();
            Message result = Message.toolResult(new ContentPart.ToolResult(
                    response.toolCalls().get(0).id(), List.of(ContentPart.text("seen é"), picture()), i == 7));
            request = request.after(response)
                    .message(i % 10 == 9 ? result.cacheUpToHere() : result)
                    .build();
        }

        List<ReceivedRequest> received = claude.requests();
        assertThat(received).hasSize(30).allMatch(one -> one.status() == 200);
        assertThat(received.get(29).bodyText().split("\"signature\"")).hasSize(30);
        for (int i = 1; i < received.size(); i++) {
            assertThat(turns(received.get(i))).startsWith(turns(received.get(i - 1)));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_edited_message_is_rejected_for_the_thinking_after_it(boolean streamed) {
        KimiClient client = client(claude(OPUS));
        ChatRequest edited = edited(client);

        assertThatThrownBy(() -> ask(client, edited, streamed))
                .isInstanceOfSatisfying(InvalidRequestException.class, failure -> {
                    assertThat(failure.status()).isEqualTo(400);
                    assertThat(failure.reason()).isEqualTo(Reason.REASONING_MISMATCH);
                    assertThat(failure.fix()).contains("ChatRequest.after(response)", "thinking-mismatch");
                });
        assertThat(claude.requests()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void with_drop_block_it_is_accepted_and_the_response_says_what_was_dropped(boolean streamed) {
        KimiClient client = client(claude(OPUS).thinkingMismatch(ThinkingMismatch.DROP_BLOCK));
        ChatRequest edited = edited(client);

        claude.reply(reasoning("Anew.").thenText("Well."));
        ChatResponse response = ask(client, edited, streamed);

        assertThat(response.notes())
                .containsExactly(new Note(
                        Note.REASONING_DROPPED,
                        "The service left out 2 blocks of reasoning: what stands before it was changed after the model"
                                + " had thought."));
        assertThat(claude.requests())
                .hasSize(3)
                .allSatisfy(one ->
                        assertThat(one.header("anthropic-beta")).contains("thinking-binding-controls-2026-08-01"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_client_that_repairs_sends_it_once_more_and_goes_on(boolean streamed) {
        KimiClient client = client(claude(OPUS).thinkingMismatch(ThinkingMismatch.REPAIR));
        ChatRequest edited = edited(client);

        claude.reply(reasoning("Anew.").thenText("Well."), text("Bye."));
        ChatResponse response = ask(client, edited, streamed);
        ChatResponse last = ask(client, edited.after(response).user("Bye").build(), streamed);

        assertThat(response.notes())
                .extracting(Note::code)
                .containsExactly(Note.REASONING_DROPPED, Note.REQUEST_REPAIRED);
        assertThat(last.text()).isEqualTo("Bye.");
        assertThat(claude.requests()).extracting(ReceivedRequest::status).containsExactly(200, 200, 400, 200, 400, 200);
        assertThat(claude.repliesLeft()).isZero();
    }

    @Test
    void where_the_service_cannot_be_asked_to_drop_it_all_thinking_is_left_out() {
        KimiClient client = client(claude(SONNET).thinkingMismatch(ThinkingMismatch.REPAIR));
        ChatRequest edited = edited(client).toBuilder()
                .extra("thinking", Map.of("type", "between_tools"))
                .build();

        claude.reply(text("Well."));
        ChatResponse response = client.chat(edited);

        assertThat(response.text()).isEqualTo("Well.");
        assertThat(response.notes()).extracting(Note::code).containsExactly(Note.REQUEST_REPAIRED);
        assertThat(claude.requests().get(3).bodyText()).doesNotContain("signature", "block_binding");
        assertThat(claude.requests().get(3).header("anthropic-beta")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'', false", "'', true", "/anthropic, false", "/anthropic, true"})
    void a_conversation_goes_from_kimi_to_claude_and_back(String face, boolean streamed) {
        KimiClient atKimi = client(
                transport.client().baseUrl(kimi.baseUrl() + face).apiKey("k").model("kimi-k3"));
        KimiClient atClaude = client(claude(OPUS));
        ChatRequest request = ChatRequest.builder()
                .system("Use tools.")
                .message(Message.user(List.of(ContentPart.text("What is it?"), picture())))
                .tool(LOOK)
                .build();

        kimi.reply(reasoning("Kimi thinks").thenText("I look.").thenToolCall("look", "{\"at\":1}"));
        request = withResult(request, ask(atKimi, request, streamed), "A cat.");
        kimi.reply(reasoning("Kimi thinks on").thenText("A cat?"));
        ChatResponse second = ask(atKimi, request, streamed);
        request = request.after(second).user("Sure?").build();

        claude.reply(reasoning("Claude thinks").thenText("I look too.").thenToolCall("look", "{\"at\":2}"));
        ChatResponse third = ask(atClaude, request, streamed);
        request = withResult(request, third, "A dog.");
        claude.reply(reasoning("Claude thinks on").thenText("A dog!"));
        ChatResponse fourth = ask(atClaude, request, streamed);
        request = request.after(fourth).user("So?").build();

        kimi.reply(reasoning("Kimi thinks again").thenText("Both."));
        ChatResponse last = ask(atKimi, request, streamed);
        claude.reply(text("Agreed."));
        ChatResponse claudesLast =
                ask(atClaude, request.after(last).user("And?").build(), streamed);

        assertThat(List.of(kimi.requests(), claude.requests()))
                .allSatisfy(all -> assertThat(all).hasSize(3).allMatch(one -> one.status() == 200));
        assertThat(kimi.requests().get(2).bodyText())
                .contains("iVBORw0KGgo", "What is it?", "I look.", "Kimi thinks", "A cat.", "Kimi thinks on", "A cat?")
                .contains("Sure?", "I look too.", "A dog.", "A dog!", "So?")
                .doesNotContain("\"signature\":\"S");
        assertThat(claude.requests().get(2).bodyText())
                .contains("iVBORw0KGgo", "What is it?", "I look.", "A cat.", "A cat?", "I look too.", "A dog!", "Both.")
                .contains("\"signature\"")
                .doesNotContain("Kimi thinks");
        assertThat(turns(kimi.requests().get(2)))
                .startsWith(turns(kimi.requests().get(1)));
        assertThat(turns(claude.requests().get(2)))
                .startsWith(turns(claude.requests().get(1)));
        assertOnlyReasoningLost(third, 2, "kimi-k3");
        assertOnlyReasoningLost(last, 2, OPUS);
        assertOnlyReasoningLost(claudesLast, 3, "kimi-k3");
        assertThat(second.notes()).isEmpty();
    }

    @Test
    void kimis_unsigned_thinking_goes_back_to_its_second_face_in_a_tool_loop() {
        KimiClient client = client(transport
                .client()
                .baseUrl(kimi.baseUrl() + "/anthropic")
                .apiKey("k")
                .model("kimi-k3"));
        ChatRequest request = ChatRequest.builder().user("Look.").tool(LOOK).build();

        for (int i = 0; i < 5; i++) {
            kimi.reply(reasoning("Step " + i).thenToolCall("look", "{\"at\":" + i + "}"));
            request = withResult(request, ask(client, request, i % 2 == 0), "seen");
        }

        assertThat(kimi.requests()).hasSize(5).allMatch(one -> one.status() == 200);
        assertThat(kimi.requests().get(4).bodyText())
                .contains("Step 0", "Step 3")
                .doesNotContain("signature\":\"S");
    }

    @Test
    void instructions_amid_a_conversation_reach_every_service() {
        ChatRequest request = ChatRequest.builder()
                .system("Be kind.")
                .user("Hi")
                .system("In French.")
                .message(Message.assistant("Salut"))
                .user("Bye")
                .build();

        for (String model : List.of(OPUS, "claude-sonnet-5")) {
            assertThat(client(claude(model)).chat(request).notes()).hasSize(model.equals(OPUS) ? 0 : 1);
        }
        for (String face : List.of("", "/anthropic")) {
            KimiClient client = client(transport
                    .client()
                    .baseUrl(kimi.baseUrl() + face)
                    .apiKey("k")
                    .model("kimi-k3"));
            assertThat(client.chat(request).notes())
                    .extracting(Note::code)
                    .isEqualTo(face.isEmpty() ? List.of() : List.of(Note.ROLE_CHANGED));
        }
        ChatRequest misplaced = request.toBuilder()
                .message(Message.assistant("Adieu"))
                .system("In German.")
                .user("Hm")
                .build();
        assertThatThrownBy(() -> client(claude(OPUS)).chat(misplaced)).isInstanceOf(InvalidRequestException.class);
        assertThat(claude.requests()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/anthropic"})
    void schemas_that_kimi_rejects_are_accepted_once_they_are_normalised(String face) {
        String schema = "{\"title\":\"Find\",\"properties\":{\"what\":{\"$ref\":\"#/definitions/what\"},"
                + "\"how\":{\"enum\":[\"fast\",\"well\"]},\"day\":{\"format\":\"date\"}},"
                + "\"definitions\":{\"what\":{\"description\":\"The thing\",\"minLength\":1}}}";
        ChatRequest request = ChatRequest.builder()
                .user("Find it.")
                .tool(Tool.function("find", "", schema))
                .build();
        ChatRequest recursive = ChatRequest.builder()
                .user("Find it.")
                .tool(Tool.function("tree", "", "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"}}}"))
                .build();
        KimiClientBuilder builder =
                transport.client().baseUrl(kimi.baseUrl() + face).apiKey("k").model("kimi-k3");
        KimiClient asIs = client(builder);
        KimiClient normalised = client(builder.toolSchemas(ToolSchemas.NORMALISED));

        assertThatThrownBy(() -> asIs.chat(request))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("kimi.tool-schemas");
        ChatResponse response = normalised.chat(request);
        assertThatThrownBy(() -> normalised.chat(recursive))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageStartingWith("The schema of the tool tree refers to itself at #");

        assertThat(kimi.requests()).extracting(ReceivedRequest::status).containsExactly(400, 200);
        assertThat(response.notes()).extracting(Note::code).containsExactly(Note.SCHEMA_CHANGED);
        assertThat(response.notes().get(0).message()).startsWith("The schema of the tool find was changed for kimi-k3");
    }

    /** Two turns of a conversation, the first message of which was changed afterwards. */
    private ChatRequest edited(KimiClient client) {
        ChatRequest request = ChatRequest.builder().user("Why?").tool(LOOK).build();
        claude.reply(
                reasoning("One.").thenToolCall("look", "{\"at\":1}"),
                reasoning("Two.").thenText("Because."));
        request = withResult(request, client.chat(request), "seen");
        request = request.after(client.chat(request)).user("And?").build();
        List<Message> turns = new ArrayList<>(request.messages());
        turns.set(0, Message.user("Why not?"));
        return ChatRequest.builder().messages(turns).tool(LOOK).build();
    }

    private KimiClientBuilder claude(String model) {
        return transport
                .client()
                .protocol("anthropic")
                .baseUrl(claude.baseUrl())
                .apiKey("k")
                .model(model);
    }

    private KimiClient client(KimiClientBuilder builder) {
        KimiClient client = builder.build();
        clients.add(client);
        return client;
    }

    private static ChatResponse ask(KimiClient client, ChatRequest request, boolean streamed) {
        if (!streamed) {
            return client.chat(request);
        }
        try (ChatStream stream = client.stream(request)) {
            stream.forEach(event -> {});
            return stream.response();
        }
    }

    private static ChatRequest withResult(ChatRequest request, ChatResponse response, String result) {
        return request.after(response)
                .toolResult(response.toolCalls().get(0), result)
                .build();
    }

    private static ContentPart picture() {
        return ContentPart.image("image/png", PICTURE);
    }

    private static void assertOnlyReasoningLost(ChatResponse response, int blocks, String of) {
        assertThat(response.notes()).extracting(Note::code).containsExactly(Note.REASONING_OMITTED);
        assertThat(response.notes().get(0).message())
                .startsWith(blocks + " blocks of reasoning")
                .contains("only " + of);
    }

    /** The turns of a request, byte for byte, without the end of their list. */
    private static String turns(ReceivedRequest request) {
        String body = request.bodyText();
        int from = body.indexOf("\"messages\":[");
        return body.substring(from, body.indexOf("],\"tools\":[", from));
    }
}
