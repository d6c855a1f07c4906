package dev.kimi.springai;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.core.ParameterizedTypeReference;
import reactor.core.Disposable;

/** Spring AI's chat client over both services, held against their rules. */
@Timeout(60)
class ChatClientTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private static final int ROUNDS = 6;

    private final KimiSimulator simulator = EXTENSION.simulator();
    private KimiClient client;

    record City(String name, int inhabitants) {}

    enum Continent {
        EUROPE,
        ASIA
    }

    record Country(City capital, Continent continent, double area, LocalDate founded, List<String> languages) {}

    static class Weather {
        @Tool(description = "The weather of a city")
        String weather(String city) {
            return "rain in " + city;
        }
    }

    @AfterEach
    void close() {
        client.close();
    }

    private ChatClient.Builder chat(Service service) {
        client = EXTENSION.track(service.client(simulator).build());
        return ChatClient.builder(KimiChatModel.builder(client).build());
    }

    private static String run(ChatClient.ChatClientRequestSpec request, boolean streamed) {
        return streamed
                ? String.join("", request.stream().content().collectList().block())
                : request.call().content();
    }

    private ReceivedRequest last() {
        return simulator.requests().get(simulator.requests().size() - 1);
    }

    private void assertAllAccepted() {
        assertThat(simulator.requests()).extracting(ReceivedRequest::status).containsOnly(200);
    }

    private static Reply twoCalls(int round) {
        return reasoning("Step " + round)
                .thenText("I look up two. ")
                .thenToolCall("weather", "{\"city\":\"City " + round + "\"}")
                .thenToolCall("weather", "{\"city\":\"Town " + round + "\"}");
    }

    @ParameterizedTest
    @CsvSource({"KIMI, false", "KIMI, true", "CLAUDE, false", "CLAUDE, true"})
    void thinking_survives_a_loop_of_several_rounds(Service service, boolean streamed) {
        for (int round = 0; round < ROUNDS; round++) {
            simulator.reply(twoCalls(round));
        }
        simulator.reply(text("Rain everywhere."));

        String content = run(chat(service).build().prompt("Where does it rain?").tools(new Weather()), streamed);

        assertThat(content).endsWith("Rain everywhere.");
        assertThat(simulator.requests()).hasSize(ROUNDS + 1);
        assertAllAccepted();
        assertThat(service.thoughts(last())).hasSize(ROUNDS).doesNotContainNull();
        assertThat(last().bodyText()).contains("rain in Town 0", "rain in City 5");
    }

    @ParameterizedTest
    @CsvSource({"KIMI, false", "KIMI, true", "CLAUDE, false", "CLAUDE, true"})
    void a_prompt_only_grows_in_a_loop_so_that_the_cache_holds_it(Service service, boolean streamed) {
        for (int round = 0; round < ROUNDS; round++) {
            simulator.reply(twoCalls(round));
        }
        simulator.reply(text("Rain everywhere."));

        run(chat(service).build().prompt("Where does it rain?").tools(new Weather()), streamed);

        String before = "\"messages\":[";
        for (ReceivedRequest request : simulator.requests()) {
            String body = request.bodyText();
            String messages = body.substring(body.indexOf("\"messages\":["), body.indexOf("],\"tools\":"));
            assertThat(messages).startsWith(before);
            before = messages;
        }
    }

    @ParameterizedTest
    @CsvSource({"KIMI, false", "KIMI, true", "CLAUDE, false", "CLAUDE, true"})
    void a_memory_gives_reasoning_back_to_the_service(Service service, boolean streamed) {
        ChatMemory memory = MessageWindowChatMemory.builder().build();
        ChatClient chat = chat(service)
                .defaultAdvisors(MessageChatMemoryAdvisor.builder(memory).build())
                .build();
        simulator.reply(
                reasoning("A greeting.").thenText("Hello, Ann."),
                reasoning("I remember.").thenText("You are Ann."));

        for (String said : List.of("I am Ann.", "Who am I?")) {
            run(chat.prompt(said).advisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, "ann")), streamed);
        }

        assertAllAccepted();
        assertThat(Service.turns(last(), "user")).hasSize(2);
        assertThat(last().bodyText()).contains("Hello, Ann.");
        assertThat(service.thoughts(last())).hasSize(1).doesNotContainNull();
        assertThat(memory.get("ann")).hasSize(4);
    }

    private void run(ChatClient chat, boolean streamed, String system, List<String> questions) {
        for (String question : questions) {
            run(
                    chat.prompt(question)
                            .system(system.isEmpty() ? "Be kind." : system + question)
                            .tools(new Weather())
                            .advisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, "ann")),
                    streamed);
        }
    }

    /** The memory has what the model said in the end, without the calls and results that its reasoning follows. */
    @ParameterizedTest
    @CsvSource({"KIMI, false", "KIMI, true", "CLAUDE, false", "CLAUDE, true"})
    void a_memory_without_the_calls_of_tools_goes_on(Service service, boolean streamed) {
        ChatClient chat = chat(service)
                .defaultAdvisors(MessageChatMemoryAdvisor.builder(
                                MessageWindowChatMemory.builder().build())
                        .build())
                .build();
        for (int turn = 0; turn < 3; turn++) {
            simulator.reply(twoCalls(turn), reasoning("Now I know.").thenText("Rain. "));
        }

        run(chat, streamed, "", List.of("Where does it rain?", "And now?", "Still?"));

        assertThat(simulator.requests()).hasSize(6);
        assertAllAccepted();
        assertThat(service.thoughts(last())).last().isNotNull();
        assertThat(last().bodyText()).contains("And now?", "Rain. ");
    }

    @ParameterizedTest
    @CsvSource({"KIMI, false", "KIMI, true", "CLAUDE, false", "CLAUDE, true"})
    void a_system_text_that_changes_from_turn_to_turn_does_not_matter(Service service, boolean streamed) {
        ChatClient chat = chat(service)
                .defaultAdvisors(MessageChatMemoryAdvisor.builder(
                                MessageWindowChatMemory.builder().build())
                        .build())
                .build();
        for (int turn = 0; turn < 3; turn++) {
            simulator.reply(reasoning("Now I know.").thenText("Rain. "));
        }

        run(chat, streamed, "The user has just said ", List.of("Where does it rain?", "And now?", "Still?"));

        assertThat(simulator.requests()).hasSize(3);
        assertAllAccepted();
        assertThat(service.thoughts(last())).hasSize(service == Service.KIMI ? 2 : 0);
    }

    @Test
    void options_that_a_chat_client_has_combined_are_not_applied_twice() {
        simulator.reply(text("It is noon."));
        client = EXTENSION.track(Service.KIMI.client(simulator).build());
        ChatModel model = KimiChatModel.builder(client)
                .options(KimiChatOptions.builder()
                        .toolCallbacks(ToolCallbacks.from(new Weather()))
                        .request(request -> request.tool(dev.kimi.chat.Tool.builtin("$web_search")))
                        .build())
                .build();

        ChatClient.create(model).prompt("What time is it?").call().content();

        assertAllAccepted();
        assertThat((List<?>) last().body().get("tools")).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_memory_without_metadata_keeps_the_conversation(Service service) {
        simulator.reply(text("You are Ann."));

        chat(service)
                .build()
                .prompt()
                .messages(new UserMessage("I am Ann."), new AssistantMessage("Hello, Ann."))
                .user("Who am I?")
                .call()
                .content();

        assertAllAccepted();
        assertThat(last().bodyText()).contains("Hello, Ann.");
    }

    @Test
    void reasoning_of_one_service_does_not_go_to_another() {
        simulator.reply(reasoning("Quietly.").thenText("Hello, Ann."), text("You are Ann."));
        UserMessage first = new UserMessage("I am Ann.");
        AssistantMessage turn = chat(Service.KIMI)
                .build()
                .prompt()
                .messages(first)
                .call()
                .chatResponse()
                .getResult()
                .getOutput();
        client.close();

        ChatResponse response = chat(Service.CLAUDE)
                .build()
                .prompt()
                .messages(first, turn)
                .user("Who am I?")
                .call()
                .chatResponse();

        assertAllAccepted();
        assertThat(last().bodyText()).contains("Hello, Ann.").doesNotContain("Quietly.");
        assertThat(response.getMetadata().<List<Note>>get("notes"))
                .extracting(Note::code)
                .containsExactly(Note.REASONING_OMITTED);
    }

    @Test
    void a_tool_that_kimi_runs_itself_gets_its_arguments_back() {
        simulator.reply(toolCall("$web_search", "{\"query\":\"Bern\"}"), text("The capital."));
        ToolCallback search = FunctionToolCallback.builder("$web_search", (Map<String, Object> query) -> query)
                .inputType(new ParameterizedTypeReference<Map<String, Object>>() {})
                .build();

        chat(Service.KIMI).build().prompt("What is Bern?").tools(search).call().content();

        assertAllAccepted();
        assertThat(last().bodyText()).contains("builtin_function", "{\\\"query\\\":\\\"Bern\\\"}");
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_response_is_read_as_a_record(Service service) {
        simulator.reply(text("{\"name\":\"Bern\",\"inhabitants\":134000}"));

        City city = chat(service).build().prompt("The capital?").call().entity(City.class);

        assertThat(city).isEqualTo(new City("Bern", 134_000));
        assertAllAccepted();
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_record_can_be_the_response_format_of_the_service(Service service) {
        simulator.reply(text("{\"name\":\"Bern\",\"inhabitants\":134000}"));

        City city = chat(service)
                .build()
                .prompt("The capital?")
                .call()
                .entity(City.class, ChatClient.EntityParamSpec::useProviderStructuredOutput);

        assertThat(city).isEqualTo(new City("Bern", 134_000));
        assertAllAccepted();
        assertThat(last().body().toString()).contains("json_schema").contains("inhabitants");
    }

    @ParameterizedTest
    @CsvSource({"KIMI, true", "KIMI, false", "CLAUDE, true", "CLAUDE, false"})
    void a_record_of_all_kinds_of_members_is_read(Service service, boolean format) {
        simulator.reply(text("{\"capital\":{\"name\":\"Bern\",\"inhabitants\":134000},\"continent\":\"EUROPE\","
                + "\"area\":41285.5,\"founded\":\"1848-09-12\",\"languages\":[\"de\",\"fr\",\"it\",\"rm\"]}"));

        Country country = chat(service).build().prompt("Which country?").call().entity(Country.class, params -> {
            if (format) {
                params.useProviderStructuredOutput();
            }
        });

        assertThat(country)
                .isEqualTo(new Country(
                        new City("Bern", 134_000),
                        Continent.EUROPE,
                        41_285.5,
                        LocalDate.of(1848, 9, 12),
                        List.of("de", "fr", "it", "rm")));
        assertAllAccepted();
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_stream_that_is_disposed_of_amid_a_loop_aborts_the_exchange(Service service) throws Exception {
        simulator.reply(twoCalls(0), text("It rains in every one of them.").stallAfterEvents(6));
        CountDownLatch arrived = new CountDownLatch(1);

        Disposable stream = chat(service).build().prompt("Where does it rain?").tools(new Weather()).stream()
                .content()
                .filter(piece -> piece.contains("It"))
                .subscribe(piece -> arrived.countDown());
        arrived.await();
        stream.dispose();

        simulator.awaitAborted(1).get();
        assertThat(simulator.requests()).hasSize(2);
    }

    /** Spring AI counts the tokens of the cache in whole responses only. */
    @ParameterizedTest
    @CsvSource({"KIMI, false", "KIMI, true", "CLAUDE, false", "CLAUDE, true"})
    void the_usage_of_a_loop_is_that_of_all_its_rounds(Service service, boolean streamed) {
        simulator.reply(
                twoCalls(0).usage(100, 10, 0),
                twoCalls(1).usage(200, 20, 90),
                text("Rain.").usage(300, 30, 190));
        ChatClient.ChatClientRequestSpec request =
                chat(service).build().prompt("Where does it rain?").tools(new Weather());

        ChatResponse end = streamed
                ? request.stream().chatResponse().blockLast()
                : request.call().chatResponse();

        Usage usage = end.getMetadata().getUsage();
        assertThat(usage.getPromptTokens()).isEqualTo(600);
        assertThat(usage.getCompletionTokens()).isEqualTo(60);
        assertThat(usage.getTotalTokens()).isEqualTo(660);
        assertThat(usage.getCacheReadInputTokens()).isEqualTo(streamed ? 190 : 280);
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_system_message_without_text_is_left_out(Service service) {
        simulator.reply(text("Yes."));

        chat(service)
                .build()
                .prompt()
                .messages(new SystemMessage(""), new UserMessage("Is it?"))
                .call()
                .content();

        assertAllAccepted();
        assertThat(last().bodyText()).doesNotContain("system");
    }
}
