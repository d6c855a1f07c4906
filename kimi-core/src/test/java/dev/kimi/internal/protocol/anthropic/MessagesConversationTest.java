package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.service.ModelCard.Fact;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Conversations with Claude grow, move to Kimi and come back. */
class MessagesConversationTest {

    private static final ModelCards CARDS = new ModelCards.Settings().cards();

    private static final Protocol MESSAGES = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);
    private static final Protocol OPENAI = new OpenAiProtocol();
    private static final Provenance OPUS = claude("claude-opus-5-5");
    private static final Provenance SONNET = claude("claude-sonnet-5-5");
    private static final Provenance KIMI = new Provenance(Provenance.OPENAI, "api.moonshot.ai", "kimi-k3");
    private static final Provenance FACE =
            new Provenance(Provenance.ANTHROPIC, "api.moonshot.ai/anthropic", "kimi-k3.1-pro");
    private static final String PICTURE = "data:image/png;base64,AQID";

    @Test
    void every_prefix_of_a_conversation_is_written_as_the_same_bytes() {
        List<Message> turns = longConversation();

        for (Provenance to : List.of(OPUS, SONNET, FACE)) {
            String whole = messages(turns, to);
            for (int length = 1; length <= turns.size(); length++) {
                if (turns.get(length - 1).role() == Message.Role.ASSISTANT) {
                    // no request ends there
                    continue;
                }
                boolean amidResults = length < turns.size()
                        && turns.get(length).role() == Message.Role.TOOL
                        && turns.get(length - 1).role() == Message.Role.TOOL;
                String prefix = messages(turns.subList(0, length), to);
                assertThat(messages(turns.subList(0, length), to)).isEqualTo(prefix);
                // results that are still missing belong to the turn that is last
                assertThat(whole).startsWith(prefix.substring(0, prefix.length() - (amidResults ? 3 : 1)));
            }
        }
    }

    @Test
    void a_conversation_that_was_elsewhere_is_written_as_before_when_it_comes_back() {
        List<Message> turns = longConversation();
        String before = messages(turns, OPUS);

        messages(turns, FACE);
        OPENAI.encode(
                request(turns),
                new EncodeTarget(
                        new Provenance(Provenance.OPENAI, "api.moonshot.ai", "other"),
                        false,
                        false,
                        CARDS.of("other")));

        assertThat(messages(turns, OPUS)).isEqualTo(before);
    }

    @Test
    void signed_thinking_survives_a_loop_of_thirty_tool_calls_byte_for_byte() {
        List<String> thoughts = new ArrayList<>();
        ChatRequest request = ChatRequest.builder()
                .system("Use tools.")
                .user("Look at it.")
                .tool(Tool.function("look", "", ""))
                .build();
        for (int i = 0; i < 30; i++) {
            String thought =
                    "{\"type\":\"thinking\",\"thinking\":\"Step \\u00e9 " + i + "\",\"signature\":\"c2ln" + i + "\"}";
            String redacted = "{\"type\":\"redacted_thinking\", \"data\":\"" + i + "\"}";
            ChatResponse response =
                    decoded(thought + "," + redacted + "," + tool("toolu_" + i, "look", "{ \"n\":" + i + ".50}"), OPUS);
            thoughts.add(thought + "," + redacted + "," + tool("toolu_" + i, "look", "{ \"n\":" + i + ".50}"));
            Message result = Message.toolResult(new ContentPart.ToolResult(
                    "toolu_" + i, List.of(ContentPart.image(PICTURE), ContentPart.text("seen")), false));
            request = request.after(response)
                    .message(i % 10 == 9 ? result.cacheUpToHere() : result)
                    .build();
        }

        EncodedChat written = MESSAGES.encode(request, new EncodeTarget(OPUS, true, true, CARDS.of(OPUS.model())));

        assertThat(new String(written.body(), StandardCharsets.UTF_8)).contains(thoughts);
        assertThat(written.notes()).isEmpty();
    }

    @Test
    void thinking_goes_to_every_model_of_the_service_that_signed_it() {
        ChatResponse response = decoded(thinking("Hm.", "c2ln") + "," + text("2"), OPUS);
        ChatRequest next = ChatRequest.of("1+1?").after(response).user("1+2?").build();

        assertThat(written(next, OPUS)).contains(thinking("Hm.", "c2ln"));
        assertThat(written(next, SONNET)).isEqualTo(written(next, OPUS).replace(OPUS.model(), SONNET.model()));
        assertThat(notes(next, SONNET)).isEmpty();
    }

    @Test
    void thinking_goes_to_no_other_service_and_that_is_said() {
        ChatResponse response = decoded(thinking("Hm.", "c2ln") + "," + text("2"), OPUS);
        ChatRequest next = ChatRequest.of("1+1?").after(response).user("1+2?").build();

        for (Provenance to : List.of(FACE, claude("claude-opus-5-5", "gateway.test"))) {
            assertThat(written(next, to)).contains("\"text\":\"2\"").doesNotContain("Hm.", "c2ln");
            assertThat(notes(next, to))
                    .containsExactly(new Note(
                            Note.REASONING_OMITTED,
                            "1 block of reasoning was not sent to " + to.model() + " at " + to.service()
                                    + ": only claude-opus-5-5 at api.anthropic.com can read it."));
        }
    }

    @Test
    void thinking_without_a_signature_is_not_sent_to_claude_and_that_is_said() {
        ChatResponse cut = decoded(thinking("Hm.", "") + "," + text("2"), OPUS);
        ChatRequest next = ChatRequest.of("1+1?")
                .after(cut)
                .user("1+2?")
                .message(Message.assistant("3", "By hand.", List.of()))
                .user("Go on.")
                .build();

        assertThat(written(next, OPUS))
                .doesNotContain("Hm.", "By hand.", "thinking")
                .contains("\"text\":\"3\"");
        assertThat(notes(next, OPUS))
                .containsExactly(new Note(
                        Note.REASONING_OMITTED,
                        "2 blocks of reasoning were not sent to claude-opus-5-5 at api.anthropic.com: the service"
                                + " rejects reasoning without its signature. Keep turns as they came."));
    }

    @Test
    void kimi_gets_its_unsigned_thinking_back_as_it_came() {
        String unsigned = "{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":\"\"}";
        String bare = "{\"type\":\"thinking\",\"thinking\":\"So.\"}";
        ChatResponse response = decoded(unsigned + "," + bare + "," + tool("Bash_0", "Bash", "{}"), FACE);
        ChatRequest next = ChatRequest.of("ls")
                .after(response)
                .toolResult(response.toolCalls().get(0), "a")
                .build();

        assertThat(written(next, FACE)).contains("[" + unsigned + "," + bare + ",{\"type\":\"tool_use\"");
        assertThat(notes(next, FACE)).isEmpty();
        assertThat(notes(next, OPUS)).hasSize(1);
    }

    @Test
    void the_card_says_who_signs_and_not_the_name_of_the_model() {
        ChatRequest request = ChatRequest.builder()
                .user("1+1?")
                .message(Message.assistant("2", "By hand.", List.of()))
                .user("1+2?")
                .build();
        ModelCards stated = cards("gateway/opus", "claude-of-ours");
        Provenance signs = claude("gateway/opus", "gateway.test");
        Provenance signsNot = claude("claude-of-ours", "gateway.test");

        assertThat(encoded(request, signs, stated).notes())
                .extracting(Note::code)
                .containsExactly(Note.REASONING_OMITTED);
        assertThat(text(encoded(request, signs, stated))).doesNotContain("By hand.");
        assertThat(encoded(request, signsNot, stated).notes()).isEmpty();
        assertThat(text(encoded(request, signsNot, stated)))
                .contains("{\"type\":\"thinking\",\"thinking\":\"By hand.\"}");
    }

    @Test
    void a_turn_with_calls_of_another_service_goes_to_kimi_with_an_empty_reasoning() {
        ChatResponse response = decoded(thinking("Hm.", "c2ln") + "," + tool("toolu_1", "look", "{}"), OPUS);
        ChatRequest next = ChatRequest.of("Look.")
                .after(response)
                .toolResult(response.toolCalls().get(0), "seen")
                .build();

        assertThat(written(next, FACE))
                .contains("\"content\":[{\"type\":\"thinking\",\"thinking\":\"\"},{\"type\":\"tool_use\"")
                .doesNotContain("Hm.");
        assertThat(written(next, OPUS)).doesNotContain("\"thinking\":\"\"");
    }

    @Test
    void instructions_amid_a_conversation_stay_where_they_stand() {
        ChatRequest request = ChatRequest.builder()
                .system("Be kind.")
                .user("Hi")
                .system("In French.")
                .message(Message.assistant("Salut"))
                .user("Bye")
                .system("In German.")
                .build();

        assertThat(written(request, OPUS))
                .contains("{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"system\",\"content\":\"In French.\"}");
        assertThat(notes(request, OPUS)).isEmpty();
        for (Provenance without : List.of(FACE, claude("claude-sonnet-5"))) {
            assertThat(written(request, without))
                    .contains("{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"user\",\"content\":\"In French.\"}")
                    .contains("\"Be kind.\"")
                    .doesNotContain("\"role\":\"system\"");
            assertThat(notes(request, without))
                    .containsExactly(new Note(
                            Note.ROLE_CHANGED,
                            "2 system messages were sent to " + without.model() + " at " + without.service()
                                    + " as the user's: it takes instructions at the beginning alone."));
        }
    }

    @Test
    void kimi_to_claude_to_kimi_keeps_text_tools_results_and_images() {
        ChatResponse kimi = openAi(
                "{\"content\":\"Look.\",\"reasoning_content\":\"Kimi thinks\",\"tool_calls\":["
                        + "{\"id\":\"look:0\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{\\\"n\\\":1}\"}}]}");
        ChatRequest atKimi = ChatRequest.builder()
                .system("Use tools.")
                .message(Message.user(List.of(ContentPart.image(PICTURE), ContentPart.text("What is it?"))))
                .build();
        ChatRequest toClaude =
                atKimi.after(kimi).toolResult(kimi.toolCalls().get(0), "A cat.").build();

        String claude = written(toClaude, OPUS);
        assertThat(claude)
                .contains("AQID", "What is it?", "Look.", "\"name\":\"look\",\"input\":{\"n\":1}", "A cat.")
                .doesNotContain("Kimi thinks", "look:0");
        assertThat(notes(toClaude, OPUS)).extracting(Note::code).containsExactly(Note.REASONING_OMITTED);

        ChatResponse answer = decoded(
                thinking("Claude thinks", "c2ln") + ",{\"type\":\"server_tool_use\",\"id\":\"s\"},"
                        + text("A cat, then."),
                OPUS);
        ChatRequest back = toClaude.after(answer).user("Sure?").build();
        EncodedChat written = OPENAI.encode(back, new EncodeTarget(KIMI, true, false, CARDS.of(KIMI.model())));

        assertThat(new String(written.body(), StandardCharsets.UTF_8))
                .contains(
                        "AQID",
                        "Look.",
                        "Kimi thinks",
                        "\"tool_call_id\":\"look:0\"",
                        "A cat.",
                        "A cat, then.",
                        "Sure?")
                .doesNotContain("Claude thinks", "c2ln", "server_tool_use");
        assertThat(written.notes())
                .extracting(Note::code)
                .containsExactlyInAnyOrder(Note.REASONING_OMITTED, Note.CONTENT_OMITTED);
    }

    @Test
    void what_stood_before_a_hand_over_goes_back_without_thinking_and_tools() {
        String fallback = "{\"type\":\"fallback\", \"from\":{\"model\":\"a\"}}";
        ChatResponse response = decoded(
                thinking("Old", "b2xk") + "," + text("Half") + "," + tool("toolu_1", "old", "{}") + "," + fallback + ","
                        + thinking("New", "bmV3") + "," + tool("toolu_2", "new", "{}"),
                OPUS);
        ChatRequest next = ChatRequest.of("Hi")
                .after(response)
                .toolResult(response.toolCalls().get(0), "1")
                .build();

        assertThat(response.toolCalls()).extracting(ToolCall::name).containsExactly("new");
        assertThat(written(next, OPUS))
                .contains("\"content\":[" + text("Half") + "," + fallback + "," + thinking("New", "bmV3") + ","
                        + tool("toolu_2", "new", "{}") + "]");
        assertThat(notes(next, OPUS))
                .extracting(Note::message)
                .containsExactly(
                        "1 block of type thinking was not sent to claude-opus-5-5 at api.anthropic.com: another model"
                                + " took over after it in the same turn.",
                        "1 block of type tool_use was not sent to claude-opus-5-5 at api.anthropic.com: another model"
                                + " took over after it in the same turn.");
    }

    @Test
    void calls_whose_ids_repeat_or_are_not_lawful_have_ids_of_their_own_and_their_results_know_them() {
        ToolCall first = new ToolCall("look:0", "look", "{}");
        ChatRequest request = ChatRequest.builder()
                .user("Look.")
                .message(Message.assistant("", null, List.of(first, first)))
                .toolResult(first, "one")
                .toolResult(first, "two")
                .message(Message.assistant("", null, List.of(first)))
                .toolResult(first, "three")
                .build();

        List<String> calls = new ArrayList<>();
        List<String> results = new ArrayList<>();
        for (Object turn : turns(written(request, OPUS))) {
            if (((Map<?, ?>) turn).get("content") instanceof List<?> blocks) {
                for (Object block : blocks) {
                    Map<?, ?> members = (Map<?, ?>) block;
                    if (members.get("type").equals("tool_use")) {
                        calls.add((String) members.get("id"));
                    } else {
                        results.add(members.get("tool_use_id") + "=" + members.get("content"));
                    }
                }
            }
        }
        Set<String> unique = new HashSet<>(calls);
        assertThat(unique).hasSize(3).allMatch(id -> id.matches("[a-zA-Z0-9_-]+"));
        assertThat(results).containsExactly(calls.get(0) + "=one", calls.get(1) + "=two", calls.get(2) + "=three");
    }

    @Test
    void a_turn_of_which_nothing_can_be_sent_is_left_out() {
        ChatResponse response = decoded(thinking("Hm.", "c2ln"), OPUS);
        ChatRequest next = ChatRequest.of("Hi").after(response).user("Go on.").build();

        assertThat(written(next, FACE))
                .contains("[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"user\",\"content\":\"Go on.\"}]");
        assertThat(notes(next, FACE)).hasSize(1);
    }

    private static List<Message> longConversation() {
        ToolCall ours = new ToolCall("look:0", "look", "{\"n\": 1}");
        List<Message> turns = new ArrayList<>();
        turns.add(Message.user("Hi"));
        turns.add(openAi("{\"content\":\"Hello\",\"reasoning_content\":\"Kimi thinks\"}")
                .message());
        turns.add(Message.user(List.of(ContentPart.image(PICTURE), ContentPart.text("And this?")))
                .cacheUpToHere());
        turns.add(decoded(
                        thinking("Hm.", "c2ln") + "," + text("Look.") + "," + tool("toolu_1", "look", "{\"n\":1.50}")
                                + "," + tool("toolu_2", "look", "{}"),
                        OPUS)
                .message());
        turns.add(Message.toolResult("toolu_1", "one"));
        turns.add(Message.toolResult("toolu_2", "two"));
        turns.add(decoded("{\"type\":\"new_block\", \"x\":null}," + text("Done."), SONNET)
                .message());
        turns.add(Message.user("Next."));
        turns.add(Message.system("Now in French."));
        turns.add(Message.of(Message.Role.ASSISTANT, List.of(Block.of(ours), Block.of(ours))));
        turns.add(Message.toolResult("look:0", "three"));
        turns.add(Message.toolResult("look:0", "four").cacheUpToHere());
        turns.add(decoded("{\"type\":\"thinking\",\"thinking\":\"Kimi's own\"}," + tool("look:0", "look", "{}"), FACE)
                .message());
        turns.add(Message.toolResult("look:0", "five"));
        turns.add(Message.user("").with("name", "Ann"));
        turns.add(Message.assistant("Bye."));
        turns.add(Message.user("Go on."));
        return turns;
    }

    private static ChatRequest request(List<Message> turns) {
        return ChatRequest.builder().system("Be kind.").messages(turns).build();
    }

    /** The member {@code messages}, byte for byte. */
    private static String messages(List<Message> turns, Provenance to) {
        String body = written(request(turns), to);
        return body.substring(body.indexOf("\"messages\":") + "\"messages\":".length(), body.length() - 1);
    }

    private static List<?> turns(String body) {
        try (JsonReader in = new JsonReader(body.getBytes(StandardCharsets.UTF_8))) {
            in.next();
            Map<String, ?> members = in.object();
            return (List<?>) (members == null ? List.of() : members.get("messages"));
        }
    }

    private static String written(ChatRequest request, Provenance to) {
        return text(encoded(request, to, CARDS));
    }

    private static List<Note> notes(ChatRequest request, Provenance to) {
        return encoded(request, to, CARDS).notes();
    }

    private static EncodedChat encoded(ChatRequest request, Provenance to, ModelCards cards) {
        return MESSAGES.encode(request, new EncodeTarget(to, true, false, cards.of(to.model())));
    }

    private static String text(EncodedChat written) {
        return new String(written.body(), StandardCharsets.UTF_8);
    }

    private static ModelCards cards(String signer, String other) {
        ModelCards.Settings settings = new ModelCards.Settings();
        settings.fact(signer, Fact.REASONING_SIGNED, "true");
        settings.fact(other, Fact.REASONING_SIGNED, "false");
        return settings.cards();
    }

    private static ChatResponse decoded(String blocks, Provenance origin) {
        return decoded(
                MESSAGES, "{\"type\":\"message\",\"content\":[" + blocks + "],\"stop_reason\":\"end_turn\"}", origin);
    }

    private static ChatResponse openAi(String message) {
        return decoded(OPENAI, "{\"choices\":[{\"message\":" + message + ",\"finish_reason\":\"stop\"}]}", KIMI);
    }

    private static ChatResponse decoded(Protocol protocol, String body, Provenance origin) {
        return protocol
                .decode(
                        Headers.empty(),
                        ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)),
                        new ErrorContext(1, Duration.ZERO, Instant.EPOCH))
                .toBuilder()
                .origin(origin)
                .build();
    }

    private static Provenance claude(String model) {
        return claude(model, "api.anthropic.com");
    }

    private static Provenance claude(String model, String service) {
        return new Provenance(Provenance.ANTHROPIC, service, model);
    }

    private static String thinking(String text, String signature) {
        return "{\"type\":\"thinking\",\"thinking\":\"" + text + "\",\"signature\":\"" + signature + "\"}";
    }

    private static String text(String text) {
        return "{\"type\":\"text\",\"text\":\"" + text + "\"}";
    }

    private static String tool(String id, String name, String input) {
        return "{\"type\":\"tool_use\",\"id\":\"" + id + "\",\"name\":\"" + name + "\",\"input\":" + input + "}";
    }
}
