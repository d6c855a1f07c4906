package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Conversations grow, move to another service and come back. */
class ConversationTest {

    private static final Protocol PROTOCOL = new OpenAiProtocol();
    private static final ModelCards CARDS = new ModelCards.Settings().cards();
    private static final Provenance KIMI = new Provenance(Provenance.OPENAI, "api.moonshot.ai", "kimi-k3");
    private static final Provenance ROUTER = new Provenance(Provenance.OPENAI, "router.test/api", "large");
    private static final Provenance CLAUDE = new Provenance(Provenance.ANTHROPIC, "api.anthropic.com", "claude");
    private static final String VIDEO =
            "{ \"type\":\"video_url\", \"video_url\":{\"url\":\"ms:\\/\\/\\u0061\"},\"n\":1.50, \"x\":null }";

    @Test
    void every_prefix_of_a_conversation_is_written_as_the_same_bytes() {
        List<Message> turns = longConversation();

        for (Provenance to : List.of(KIMI, ROUTER, new Provenance(Provenance.OPENAI, "api.moonshot.ai", "other"))) {
            String whole = messages(turns, to);
            for (int length = 1; length <= turns.size(); length++) {
                String prefix = messages(turns.subList(0, length), to);
                assertThat(messages(turns.subList(0, length), to)).isEqualTo(prefix);
                assertThat(whole).startsWith(prefix.substring(0, prefix.length() - 1));
            }
        }
    }

    @Test
    void a_conversation_that_was_elsewhere_is_written_as_before_when_it_comes_back() {
        List<Message> turns = longConversation();
        String before = messages(turns, KIMI);

        messages(turns, ROUTER);
        messages(turns, new Provenance(Provenance.OPENAI, "other.test", "other"));

        assertThat(messages(turns, KIMI)).isEqualTo(before);
    }

    @Test
    void what_comes_after_a_response_is_added_and_nothing_before_it_changes() {
        ChatRequest first = ChatRequest.of("1+1?");
        ChatResponse response = decoded("{\"content\":\"2\",\"reasoning_content\":\"Add\"}", KIMI);

        ChatRequest second = first.after(response).user("and 1+2?").build();

        assertThat(second.messages()).startsWith(first.messages().get(0)).hasSize(3);
        assertThat(second.messages().get(1)).isSameAs(response.message());
        assertThat(response.message().blocks())
                .containsExactly(
                        new Block(new ContentPart.Reasoning("Add", null), KIMI, null),
                        new Block(new ContentPart.Text("2"), KIMI, null));
    }

    @Test
    void reasoning_goes_back_to_its_service_and_to_no_other() {
        ChatResponse response = decoded("{\"content\":\"2\",\"reasoning_content\":\"Add\"}", KIMI);
        ChatRequest next = ChatRequest.of("1+1?").after(response).user("1+2?").build();

        assertThat(written(next, KIMI)).contains("\"reasoning_content\":\"Add\"");
        assertThat(encoded(next, KIMI).notes()).isEmpty();
        assertThat(written(next, ROUTER)).contains("\"content\":\"2\"").doesNotContain("Add");
        assertThat(encoded(next, ROUTER).notes())
                .containsExactly(new Note(
                        Note.REASONING_OMITTED,
                        "1 block of reasoning was not sent to large at router.test/api: only kimi-k3 at"
                                + " api.moonshot.ai can read it."));
    }

    @Test
    void signed_reasoning_goes_back_to_its_model_only_and_comes_back_when_the_model_does() {
        String signed = "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"c2VjcmV0\"}]";
        ChatResponse response = decoded("{\"content\":\"2\"," + signed + "}", ROUTER);
        ChatRequest next = ChatRequest.of("1+1?").after(response).user("1+2?").build();
        Provenance small = new Provenance(ROUTER.protocol(), ROUTER.service(), "small");

        assertThat(written(next, ROUTER)).contains(signed);
        assertThat(written(next, small)).doesNotContain("reasoning_details");
        assertThat(encoded(next, small).notes()).extracting(Note::code).containsExactly(Note.REASONING_OMITTED);
        assertThat(written(next, ROUTER)).contains(signed);
    }

    @Test
    void a_turn_with_tool_calls_of_another_service_goes_to_kimi_without_reasoning_that_is_not_kimis() {
        ToolCall call = new ToolCall("toolu_1", "add", "{}");
        Message turn = Message.of(
                Message.Role.ASSISTANT,
                List.of(
                        new Block(new ContentPart.Reasoning("Hm.", "c2ln"), CLAUDE, "{\"type\":\"thinking\"}"),
                        new Block(call, CLAUDE, "{\"type\":\"tool_use\"}")));
        ChatRequest next = ChatRequest.builder()
                .user("1+1?")
                .message(turn)
                .toolResult(call, "2")
                .build();

        assertThat(written(next, KIMI))
                .contains("{\"role\":\"assistant\",\"reasoning_content\":\"\",\"tool_calls\":[{\"id\":\"toolu_1\"")
                .doesNotContain("Hm.", "c2ln", "thinking\"");
        assertThat(encoded(next, KIMI).notes()).extracting(Note::code).containsExactly(Note.REASONING_OMITTED);
        assertThat(written(next, ROUTER)).doesNotContain("reasoning");
    }

    @Test
    void content_of_an_unknown_kind_goes_back_byte_for_byte_and_only_to_its_service() {
        ChatResponse response = decoded("{\"content\":[{\"type\":\"text\",\"text\":\"See\"}," + VIDEO + "]}", ROUTER);
        ChatRequest next = ChatRequest.of("Draw.").after(response).user("More.").build();

        assertThat(response.text()).isEqualTo("See");
        assertThat(response.message().parts())
                .containsExactly(ContentPart.text("See"), ContentPart.opaque(Provenance.OPENAI, "video_url", VIDEO));
        assertThat(written(next, ROUTER)).contains("\"content\":[{\"type\":\"text\",\"text\":\"See\"}," + VIDEO + "]");
        assertThat(written(next, KIMI)).contains("\"content\":\"See\"").doesNotContain("video_url");
        assertThat(encoded(next, KIMI).notes())
                .containsExactly(new Note(
                        Note.CONTENT_OMITTED,
                        "1 block of type video_url was not sent to kimi-k3 at api.moonshot.ai: only large at"
                                + " router.test/api can read it."));
    }

    @Test
    void a_stream_hands_out_content_of_an_unknown_kind_and_keeps_it() {
        ChatStreamDecoder decoder = PROTOCOL.decoder(
                Headers.builder().add("content-type", "text/event-stream").build());
        List<ChatEvent> events = new ArrayList<>();
        String stream = "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"See\"}," + VIDEO
                + "]}}]}\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

        decoder.feed(ByteBuffer.wrap(stream.getBytes(StandardCharsets.UTF_8)), events::add);
        decoder.end(events::add);

        assertThat(events).startsWith(new ChatEvent.Text("See"), new ChatEvent.Other("video_url", VIDEO));
        assertThat(decoder.response().message().parts())
                .contains(ContentPart.opaque(Provenance.OPENAI, "video_url", VIDEO));
    }

    @Test
    void what_the_caller_says_in_another_protocol_is_rejected_since_the_question_would_be_another() {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user(
                        List.of(ContentPart.text("Read."), ContentPart.opaque(Provenance.ANTHROPIC, "document", "{}"))))
                .build();

        assertThatThrownBy(() -> written(request, KIMI))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        e -> assertThat(e.param()).isEqualTo("messages"))
                .hasMessage("A message holds content of type document in the form of the protocol anthropic, which"
                        + " api.moonshot.ai does not speak. Give it as text or an image, or in the form of the protocol"
                        + " openai.");
        ChatRequest broken = ChatRequest.builder()
                .message(Message.user(List.of(ContentPart.opaque(Provenance.OPENAI, "x", "{},{\"secret\":1}"))))
                .build();
        assertThatThrownBy(() -> written(broken, KIMI))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void tool_results_may_hold_images() {
        Message turn =
                Message.assistant("", "Hm.", List.of(new ToolCall("a", "f", "{}"), new ToolCall("b", "g", "{}")));
        ChatRequest request = ChatRequest.builder()
                .user("Look.")
                .message(turn)
                .message(Message.toolResult(new ContentPart.ToolResult(
                        "a", List.of(ContentPart.text("It is"), ContentPart.image("ms://file")), false)))
                .message(Message.toolResult(new ContentPart.ToolResult("b", List.of(ContentPart.text("failed")), true)))
                .build();

        assertThat(written(request, KIMI))
                .contains("{\"role\":\"tool\",\"content\":[{\"type\":\"text\",\"text\":\"It is\"},"
                        + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"ms://file\"}}],\"tool_call_id\":\"a\"},"
                        + "{\"role\":\"tool\",\"content\":\"failed\",\"tool_call_id\":\"b\"}");
        assertThat(request.messages().get(2).toolCallId()).isEqualTo("a");
        assertThat(request.messages().get(2).text()).isEqualTo("It is");
    }

    @Test
    void fields_go_to_the_protocol_that_they_are_for() {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user("Hi").with("name", "ann").with(Provenance.ANTHROPIC, "clear_at", "next"))
                .extra("seed", 7)
                .extra(Provenance.OPENAI, "seed", 8)
                .extra(Provenance.ANTHROPIC, "speed", "fast")
                .build();

        assertThat(written(request, ROUTER))
                .contains("\"name\":\"ann\"")
                .endsWith(",\"seed\":8}")
                .doesNotContain("clear_at", "speed");
        assertThat(encoded(request, ROUTER).notes()).isEmpty();

        EncodedChat elsewhere =
                PROTOCOL.encode(request, new EncodeTarget(ROUTER, false, false, CARDS.of(ROUTER.model())));
        assertThat(text(elsewhere)).endsWith(",\"seed\":8}").doesNotContain("ann");
        assertThat(elsewhere.notes()).extracting(Note::code).containsExactly(Note.FIELD_OMITTED, Note.FIELD_OMITTED);
        assertThat(elsewhere.notes().get(1).message()).startsWith("The field name was not sent to large at router");
    }

    @Test
    void a_protocol_that_does_not_exist_is_a_typo() {
        assertThatThrownBy(() -> ChatRequest.builder().extra("openia", "seed", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no protocol \"openia\": use openai or anthropic");
    }

    @Test
    void what_both_services_know_has_fields_of_its_own() {
        ChatRequest request = ChatRequest.builder()
                .user("Hi")
                .tool(Tool.builtin("$web_search"))
                .parallelToolCalls(false)
                .userId("u-1")
                .sessionId("s-1")
                .cacheLifetime(Duration.ofHours(1))
                .build();

        assertThat(written(request, ROUTER))
                .contains("\"parallel_tool_calls\":false")
                .contains("\"safety_identifier\":\"u-1\",\"prompt_cache_key\":\"s-1\"")
                .doesNotContain("cache_control", "ttl");
        assertThat(request.toBuilder().build().cacheLifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(written(request.toBuilder().extra("prompt_cache_key", "mine").build(), ROUTER))
                .contains("\"prompt_cache_key\":\"mine\"")
                .doesNotContain("s-1");
        assertThat(Message.user("Hi").cacheUpToHere().cacheBreakpoint()).isTrue();
    }

    @Test
    void a_turn_holds_only_what_its_speaker_can_say() {
        Block reasoning = Block.of(new ContentPart.Reasoning("Hm.", null));
        Block call = Block.of(new ToolCall("a", "f", "{}"));

        assertThatThrownBy(() -> Message.of(Message.Role.USER, List.of(reasoning)))
                .hasMessage("a message of the user cannot hold a Reasoning");
        assertThatThrownBy(() -> Message.user(List.of(new ToolCall("a", "f", "{}"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Message.of(Message.Role.TOOL, List.of(call)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Message.of(Message.Role.ASSISTANT, List.of(call, reasoning)).reasoning())
                .isEqualTo("Hm.");
    }

    @Test
    void nothing_of_a_conversation_prints_its_content() {
        List<Object> printed = new ArrayList<>();
        for (Message message : longConversation()) {
            printed.add(message);
            printed.addAll(message.blocks());
        }
        printed.add(new ChatEvent.Other("video_url", "{\"secret\":1}"));

        assertThat(printed)
                .allSatisfy(value -> assertThat(value.toString())
                        .doesNotContain("secret", "Sunny", "Add", "Hello", "c2ln", "Rome", "ms:"));
    }

    /** All kinds of blocks, extras, tool calls, and reasoning under its different names. */
    private static List<Message> longConversation() {
        ToolCall call = new ToolCall("add:0", "weather", "{ \"city\": \"Rome\" }");
        List<Message> turns = new ArrayList<>(List.of(
                Message.system("Hello \"you\".").cacheUpToHere(),
                Message.user("1+1? \uD83C\uDF19").with("name", "ann")));
        turns.add(decoded("{\"content\":\"2\",\"reasoning_content\":\"Add\"}", KIMI)
                .message());
        turns.add(Message.user(List.of(ContentPart.text("What?"), ContentPart.image("ms://file"))));
        turns.add(decoded("{\"content\":\"3\",\"reasoning\":\"Add\"}", ROUTER).message());
        turns.add(Message.user(List.of(ContentPart.opaque(Provenance.OPENAI, "video_url", VIDEO))));
        turns.add(decoded(
                        "{\"content\":\"4\",\"reasoning\":\"Add\",\"reasoning_details\":[{\"type\":\"reasoning.text\","
                                + "\"text\":\"Add\",\"signature\":\"c2ln\",\"n\":1.50}]}",
                        ROUTER)
                .message());
        turns.add(decoded("{\"reasoning_content\":\"only thought\"}", KIMI).message());
        turns.add(decoded(
                        "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Add\"}]},"
                                + "{\"type\":\"text\",\"text\":\"5\"}," + VIDEO + "]}",
                        ROUTER)
                .message());
        turns.add(decoded(
                        "{\"content\":\"\",\"reasoning_content\":\"Add\",\"tool_calls\":[{\"id\":\"add:0\","
                                + "\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":"
                                + "\"{ \\\"city\\\": \\\"Rome\\\" }\"}}]}",
                        KIMI)
                .message());
        turns.add(Message.toolResult(call.id(), "Sunny"));
        turns.add(Message.of(
                Message.Role.ASSISTANT,
                List.of(
                        new Block(new ContentPart.Reasoning("", "c2ln"), CLAUDE, "{\"type\":\"thinking\"}"),
                        new Block(new ContentPart.Text("Sunny"), CLAUDE, "{\"type\":\"text\",\"citations\":[]}"),
                        new Block(new ContentPart.Opaque(Provenance.ANTHROPIC, "server_tool_use", "{}"), CLAUDE, null),
                        new Block(call, CLAUDE, "{\"type\":\"tool_use\"}"))));
        turns.add(Message.toolResult(new ContentPart.ToolResult(
                call.id(), List.of(ContentPart.text("Sunny"), ContentPart.image("ms://file")), true)));
        turns.add(Message.assistant("", "Add", List.of(call)).with(Provenance.OPENAI, "x", Map.of("b", 1, "a", 2)));
        turns.add(Message.toolResult(call.id(), ""));
        turns.add(Message.assistant("Sun").with("partial", true));
        return turns;
    }

    private static ChatResponse decoded(String message, Provenance origin) {
        String body = "{\"choices\":[{\"message\":" + message + ",\"finish_reason\":\"stop\"}]}";
        return PROTOCOL
                .decode(
                        Headers.empty(),
                        ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)),
                        new ErrorContext(1, Duration.ZERO, Instant.EPOCH))
                .toBuilder()
                .origin(origin)
                .build();
    }

    /** The member {@code messages} of the request, byte for byte. */
    private static String messages(List<Message> turns, Provenance to) {
        String body =
                written(ChatRequest.builder().messages(turns).thinking(false).build(), to);
        String begin = "{\"model\":\"" + to.model() + "\",\"messages\":";
        assertThat(body).startsWith(begin);
        byte[] utf8 = ("{\"messages\":" + body.substring(begin.length())).getBytes(StandardCharsets.UTF_8);
        try (JsonReader in = new JsonReader(utf8)) {
            assertThat(in.next()).isTrue();
            assertThat(Objects.requireNonNull(in.object()).get("messages")).isInstanceOf(List.class);
        }
        return body.substring(begin.length(), body.lastIndexOf(",\"thinking\":"));
    }

    private static String written(ChatRequest request, Provenance to) {
        return text(encoded(request, to));
    }

    private static EncodedChat encoded(ChatRequest request, Provenance to) {
        return PROTOCOL.encode(request, new EncodeTarget(to, true, false, CARDS.of(to.model())));
    }

    private static String text(EncodedChat chat) {
        return new String(chat.body(), StandardCharsets.UTF_8);
    }
}
