package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the cards say is held against requests; what they do not say is not. */
class CardRulesTest {

    private static final ModelCards CARDS = new ModelCards.Settings().cards();

    private static void check(ChatRequest.Builder request, String model) {
        check(request, CARDS.named(model), model.startsWith("claude") ? Provenance.ANTHROPIC : Provenance.OPENAI);
    }

    private static void check(ChatRequest.Builder request, ModelCard card, String protocol) {
        Provenance here = new Provenance(protocol, "api.test", card.id());
        CardRules.check(request.build(), new EncodeTarget(here, true, false, card));
    }

    private static void assertRejected(ChatRequest.Builder request, String model, String field, String fix) {
        assertThatThrownBy(() -> check(request, model)).isInstanceOfSatisfying(InvalidRequestException.class, e -> {
            assertThat(e.param()).isEqualTo(field);
            assertThat(e.fix()).contains(fix);
            assertThat(e).hasMessageContaining(fix);
        });
    }

    private static void assertPasses(ChatRequest.Builder request, String model) {
        assertThatNoException().isThrownBy(() -> check(request, model));
    }

    private static ChatRequest.Builder ask() {
        return ChatRequest.builder().user("Why?");
    }

    @ParameterizedTest
    @CsvSource({
        "kimi-k3, 0.5, false",
        "kimi-k3, 1, true",
        "kimi-k3, 0.6, false",
        "kimi-k2.6, 0.7, false",
        "claude-opus-5-5, 1, false",
        "claude-haiku-5-5, 0.3, false",
        "claude-opus-4-7, 1, false",
        "claude-opus-4-6, 0.3, true",
        "claude-haiku-4-5, 0.3, true",
        "kimi-k3.1-pro, 0.3, true",
        "kimi-k9, 0.3, true",
        "claude-next, 0.3, true"
    })
    void temperature(String model, double value, boolean passes) {
        if (passes) {
            assertPasses(ask().temperature(value), model);
        } else {
            assertRejected(ask().temperature(value), model, "temperature", "Leave temperature unset.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kimi-k3", "kimi-k3.1-pro", "kimi-k3.1-pro-highspeed", "kimi-k2.7-code", "kimi-k2.6"})
    void kinds_of_content(String model) {
        ContentPart document = ContentPart.opaque(Provenance.ANTHROPIC, "document", "{}");
        ContentPart reference = ContentPart.opaque(Provenance.ANTHROPIC, "tool_reference", "{}");
        ContentPart search = ContentPart.opaque(Provenance.ANTHROPIC, "search_result", "{}");
        ModelCard card = CARDS.of(model);
        ChatRequest.Builder result = ask().message(
                        Message.assistant("", "Hm.", List.of(new ToolCall("call_1", "f", "{}"))))
                .message(Message.toolResult(new ContentPart.ToolResult("call_1", List.of(reference), false)));

        for (ChatRequest.Builder request : List.of(ask().message(Message.user(List.of(document))), result)) {
            assertThatThrownBy(() -> check(request, card, Provenance.ANTHROPIC))
                    .isInstanceOfSatisfying(InvalidRequestException.class, e -> {
                        assertThat(e.param()).isEqualTo("messages");
                        assertThat(e.fix()).isEqualTo("Give it as text.");
                    })
                    .hasMessageMatching("The model takes no content of type (document|tool_reference)\\. .*");
        }
        assertThatNoException()
                .isThrownBy(() -> check(ask().message(Message.user(List.of(search))), card, Provenance.ANTHROPIC));
        assertThatNoException()
                .isThrownBy(() -> check(
                        ask().message(Message.user(List.of(document))),
                        CARDS.of("claude-opus-5-5"),
                        Provenance.ANTHROPIC));
    }

    @Test
    void content_that_another_service_made_is_left_out_and_rejects_nothing() {
        ContentPart document = ContentPart.opaque(Provenance.ANTHROPIC, "document", "{}");
        ContentPart image = ContentPart.image("https://img.test/a.png");
        Provenance claude = new Provenance(Provenance.ANTHROPIC, "api.anthropic.com", "claude-opus-5-5");
        Provenance kimi = new Provenance(Provenance.ANTHROPIC, "api.test", "kimi-k3");

        assertThatNoException().isThrownBy(() -> check(ask().message(by(claude, document)), "kimi-k3", kimi));
        for (Message rejected : List.of(by(kimi, document), by(claude, image))) {
            assertThatThrownBy(() -> check(ask().message(rejected), "kimi-k3", kimi))
                    .isInstanceOf(InvalidRequestException.class);
        }
    }

    private static Message by(Provenance maker, ContentPart part) {
        return Message.of(Message.Role.ASSISTANT, List.of(new Message.Block(part, maker, null)));
    }

    private static void check(ChatRequest.Builder request, String model, Provenance here) {
        CardRules.check(request.build(), new EncodeTarget(here, true, false, CARDS.of(model)));
    }

    @Test
    void temperature_without_thinking_may_be_another() {
        assertPasses(ask().thinking(false).temperature(0.6), "kimi-k2.6");
        assertRejected(ask().thinking(false).temperature(0.7), "kimi-k2.6", "temperature", "unset");
    }

    @Test
    void top_p() {
        assertPasses(ask().topP(0.95), "kimi-k3");
        assertRejected(ask().topP(0.9), "kimi-k3", "top_p", "Leave topP unset.");
        assertRejected(ask().topP(0.95), "claude-sonnet-5-5", "top_p", "Leave topP unset.");
        assertPasses(ask().topP(0.9), "claude-sonnet-4-6");
        assertPasses(ask().topP(0.9), "kimi-k3.1-pro");
    }

    @ParameterizedTest
    @CsvSource({
        "kimi-k3, true",
        "kimi-k2.6, true",
        "kimi-k2.7-code, false",
        "kimi-k3.1-pro, true",
        "claude-fable-5-2, false",
        "claude-mythos-5-1, false",
        "claude-opus-5-5, false",
        "claude-fable-5, false",
        "claude-haiku-5-5, true",
        "claude-opus-5, true",
        "claude-opus-4-8, true",
        "claude-haiku-4-5, true",
        "unknown, true"
    })
    void disabled_thinking(String model, boolean passes) {
        if (passes) {
            assertPasses(ask().thinking(false), model);
        } else {
            assertRejected(ask().thinking(false), model, "thinking", "Leave thinking unset.");
        }
        assertPasses(ask().thinking(false).extra("thinking", "mine"), model);
    }

    @Test
    void thinking_of_a_model_that_needs_a_budget_for_it() {
        for (String model : List.of("claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5")) {
            assertRejected(ask().thinking(true), model, "thinking", "budget_tokens");
            assertPasses(ask().thinking(true).extra("thinking", "mine"), model);
        }
        for (String model : List.of("claude-opus-4-6", "claude-fable-5-2", "kimi-k2.6", "kimi-k3", "unknown")) {
            assertPasses(ask().thinking(true), model);
        }
    }

    @Test
    void disabled_thinking_of_a_model_that_thinks_between_tools_instead() {
        assertRejected(ask().thinking(false), "claude-sonnet-5-5", "thinking", "between_tools");
    }

    @Test
    void efforts() {
        assertPasses(ask().reasoningEffort("max"), "kimi-k3");
        assertRejected(ask().reasoningEffort("medium"), "kimi-k3", "reasoning_effort", "low, high, max");
        assertRejected(ask().reasoningEffort("huge"), "claude-opus-5-5", "output_config", "low, medium, high");
        assertRejected(ask().reasoningEffort("low"), "claude-haiku-4-5", "output_config", "Leave reasoningEffort");
        assertPasses(ask().reasoningEffort("low"), "claude-opus-4-5");
        assertPasses(ask().reasoningEffort("medium"), "kimi-k3.1-pro");
        assertPasses(ask().reasoningEffort("medium"), "kimi-k2.6");
        assertPasses(ask().reasoningEffort("medium").extra("reasoning_effort", "medium"), "kimi-k3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"claude-opus-5", "claude-haiku-5-5"})
    void high_efforts_without_thinking(String model) {
        assertRejected(ask().thinking(false).reasoningEffort("xhigh"), model, "output_config", "low, medium, high");
        assertPasses(ask().thinking(false).reasoningEffort("high"), model);
        assertPasses(ask().reasoningEffort("xhigh"), model);
        assertPasses(ask().thinking(false), model);
    }

    @ParameterizedTest
    @CsvSource({
        "kimi-k3, without",
        "kimi-k2.6, without",
        "claude-fable-5-1, never",
        "claude-mythos-5-1, never",
        "claude-opus-5-5, never",
        "claude-sonnet-5-5, never",
        "claude-haiku-5-5, always",
        "claude-fable-5-2, always",
        "claude-opus-5, always",
        "kimi-k3.1-pro, always",
        "unknown, always"
    })
    void forced_tools(String model, String when) {
        Tool tool = Tool.function("add", "Adds.", "");
        for (Tool.Choice choice : List.of(Tool.Choice.REQUIRED, Tool.Choice.named("add"))) {
            ChatRequest.Builder request = ask().tool(tool).toolChoice(choice);
            if (when.equals("always")) {
                assertPasses(request, model);
            } else {
                assertRejected(request, model, "tool_choice", "Leave toolChoice at auto");
            }
            if (when.equals("without")) {
                assertPasses(request.thinking(false), model);
            }
        }
        assertPasses(ask().tool(tool).toolChoice(Tool.Choice.AUTO), model);
    }

    @Test
    void a_model_that_does_not_think_unless_asked_may_force_a_tool_by_a_card_that_says_so() {
        ModelCard card = ModelCard.builder("x")
                .fact(Fact.THINKING, "when-enabled")
                .fact(Fact.FORCED_TOOL_CHOICE, "without-thinking")
                .build();
        ChatRequest.Builder request = ask().toolChoice(Tool.Choice.REQUIRED);

        assertThatNoException().isThrownBy(() -> check(request, card, Provenance.OPENAI));
        assertThatThrownBy(() -> check(request.thinking(true), card, Provenance.OPENAI))
                .isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void output_cap() {
        assertPasses(ask().maxCompletionTokens(1_048_576), "kimi-k3");
        assertRejected(ask().maxCompletionTokens(1_048_577), "kimi-k3", "max_completion_tokens", "at most 1048576");
        assertRejected(ask().maxCompletionTokens(1_048_577), "kimi-k3.1-pro", "max_completion_tokens", "1048576");
        assertRejected(ask().maxCompletionTokens(128_001), "claude-opus-5", "max_tokens", "at most 128000");
        assertRejected(ask().maxCompletionTokens(64_001), "claude-opus-4-5", "max_tokens", "at most 64000");
        assertPasses(ask().maxCompletionTokens(64_001), "claude-sonnet-4-6");
        assertPasses(ask().maxCompletionTokens(1_000_000), "kimi-k2.6");
        assertPasses(ask().maxCompletionTokens(1_000_000).extra("max_tokens", 1), "claude-opus-5");
    }

    @Test
    void prefill() {
        ChatRequest.Builder request = ask().message(Message.assistant("Because"));

        assertRejected(request, "claude-opus-4-6", "messages", "End it with a message of the user.");
        assertRejected(request, "claude-fable-5-2", "messages", "End it");
        assertPasses(request, "claude-opus-4-5");
        assertPasses(request, "kimi-k3");
        assertPasses(request, "unknown");
        assertPasses(request.user("Go on."), "claude-fable-5-2");
    }

    @Test
    void a_turn_that_was_paused_in_a_tool_of_the_service_is_no_prefill() {
        ContentPart.Opaque tool = new ContentPart.Opaque(
                Provenance.ANTHROPIC, "server_tool_use", "{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_1\"}");

        assertPasses(
                ask().message(Message.of(Message.Role.ASSISTANT, List.of(Message.Block.of(tool)))), "claude-opus-5-5");
    }

    @Test
    void image_sources() {
        ChatRequest.Builder fetched = ChatRequest.builder()
                .message(Message.user(List.of(new ContentPart.Image("https://images.test/1.png"))));

        assertRejected(fetched, "kimi-k3", "messages", "data: or ms:");
        assertRejected(fetched, "kimi-k3.1-pro", "messages", "data: or ms:");
        assertPasses(fetched, "claude-opus-5-5");
        assertPasses(fetched, "unknown");
        for (String url : List.of("data:image/png;base64,AA==", "ms://file_1")) {
            assertPasses(ChatRequest.builder().message(Message.user(List.of(new ContentPart.Image(url)))), "kimi-k3");
        }
    }

    @Test
    void stop_texts_and_tools_are_limited_where_the_card_says_so() {
        assertRejected(ask().stop(List.of("1", "2", "3", "4", "5", "6")), "kimi-k3.1-pro", "stop", "at most 5");
        assertPasses(ask().stop(List.of("1", "2", "3", "4", "5", "6")), "claude-opus-5");
        ChatRequest.Builder many = ask();
        for (int i = 0; i < 129; i++) {
            many.tool(Tool.function("t" + i, "", ""));
        }
        assertRejected(many, "kimi-k9", "tools", "at most 128");
        assertPasses(many, "unknown");
    }

    @Test
    void a_field_given_as_an_extra_is_the_callers_own_affair() {
        Object own = List.of();
        List<String> six = List.of("1", "2", "3", "4", "5", "6");
        ChatRequest.Builder prefill = ask().message(Message.assistant("Because"));
        ChatRequest.Builder forced = ask().tool(Tool.function("f", "", "")).toolChoice(Tool.Choice.REQUIRED);

        assertPasses(prefill.extra("messages", own), "claude-opus-5");
        assertPasses(forced.build().toBuilder().extra("thinking", own), "kimi-k3");
        assertPasses(forced.extra("tool_choice", own), "claude-opus-5-5");
        assertPasses(ask().thinking(false).reasoningEffort("max").extra("thinking", own), "claude-opus-5");
        assertPasses(ask().temperature(0.6).extra("thinking", own), "kimi-k3");
        assertRejected(ask().temperature(0.6), "kimi-k3", "temperature", "unset");
        Message bare = Message.assistant("", null, List.of(new ToolCall("c", "f", "{}")));
        assertPasses(ask().message(bare.with("reasoning_content", "Hm.")), "kimi-k3");
        assertPasses(ask().stop(six).extra("stop", own), "kimi-k3");
        assertRejected(ask().stop(six).extra("stop_sequences", own), "kimi-k3", "stop", "at most 5");
        Provenance face = new Provenance(Provenance.ANTHROPIC, "api.test", "kimi-k3");
        assertThatNoException().isThrownBy(() -> check(ask().stop(six).extra("stop_sequences", own), "kimi-k3", face));
        assertThatThrownBy(() -> check(ask().stop(six).extra("stop", own), "kimi-k3", face))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        e -> assertThat(e.param()).isEqualTo("stop_sequences"));
    }

    @Test
    void the_address_of_an_image_is_rejected_in_other_words_where_some_can_be_fetched() {
        ModelCard card = ModelCard.builder("x")
                .fact(Fact.IMAGE_SOURCES, List.of("data", "https"))
                .build();
        ChatRequest.Builder plain = ask().message(Message.user(List.of(ContentPart.image("http://img.test/a.png"))));

        assertThatThrownBy(() -> check(plain, card, Provenance.ANTHROPIC))
                .hasMessage("The service does not take images from such an address. Give images as bytes, or by URLs"
                        + " that begin with data: or https:.");
        assertThatThrownBy(() -> check(plain, "kimi-k3"))
                .hasMessage("The service does not fetch images by address. Give images as bytes, or by URLs that begin"
                        + " with data: or ms:.");
    }

    @Test
    void reasoning_is_owed_only_while_the_model_thinks_and_where_the_card_says_so() {
        Message bare = Message.assistant("", null, List.of(new ToolCall("c", "f", "{}")));
        ChatRequest.Builder request = ask().message(bare).message(Message.toolResult("c", "1"));
        ModelCard lenient =
                CARDS.of("kimi-k3").toBuilder().fact(Fact.REASONING_OWED, false).build();

        assertRejected(request, "kimi-k3", "messages", "Keep turns as they came");
        assertThatNoException().isThrownBy(() -> check(request, lenient, Provenance.OPENAI));
        assertPasses(request.thinking(false), "kimi-k3");
    }

    @Test
    void instructions_amid_a_conversation_stand_behind_the_user_and_before_the_assistant() {
        Message turn = Message.assistant("Because.");
        Message calls =
                Message.assistant("", null, List.of(new ToolCall("a", "f", "{}"), new ToolCall("b", "f", "{}")));
        Message searched = Message.of(
                Message.Role.ASSISTANT,
                List.of(Message.Block.of(ContentPart.opaque(Provenance.ANTHROPIC, "web_search_tool_result", "{}"))));
        List<ChatRequest.Builder> good = List.of(
                ChatRequest.builder().system("A").system("B").user("Hi"),
                ask().system("A"),
                ask().system("A").message(turn).user("Hi"),
                ask().message(searched).system("A"),
                ask().message(calls)
                        .message(Message.toolResult("a", "1"))
                        .message(Message.toolResult("b", "2"))
                        .system("A"));
        List<ChatRequest.Builder> bad = List.of(
                ask().message(turn).system("A").user("Hi"),
                ask().message(turn).system("A"),
                ask().system("A").user("Hi"),
                ask().system("A").system("B"),
                ask().message(calls).system("A").message(Message.toolResult("a", "1")),
                ask().message(calls)
                        .message(Message.toolResult("a", "1"))
                        .system("A")
                        .message(Message.toolResult("b", "2")));

        for (ChatRequest.Builder request : good) {
            assertPasses(request, "claude-opus-5-5");
        }
        for (ChatRequest.Builder request : bad) {
            assertRejected(request, "claude-opus-5-5", "messages", "Put it behind the user's message");
            assertPasses(request, "claude-sonnet-4-6");
            assertPasses(request, "claude-sonnet-5");
            assertPasses(request.extra("messages", List.of()), "claude-opus-5-5");
        }
        assertPasses(ask().message(turn).system("A").user("Hi"), "kimi-k3");
    }
}
