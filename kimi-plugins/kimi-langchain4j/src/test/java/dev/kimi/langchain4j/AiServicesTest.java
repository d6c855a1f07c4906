package dev.kimi.langchain4j;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ChatMessageDeserializer;
import dev.langchain4j.data.message.ChatMessageSerializer;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.Result;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.store.memory.chat.ChatMemoryStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What applications write with LangChain4j, against the rules of the services. */
@Timeout(60)
class AiServicesTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator simulator = EXTENSION.simulator();
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

    interface Assistant {
        Result<String> chat(String message);

        TokenStream stream(String message);
    }

    interface Reader {
        Invoice read(String letter);
    }

    record Item(String name, double price) {}

    record Invoice(String number, List<Item> items) {}

    final class Weather {
        @Tool("The weather of a city")
        String weather(@P("the name of the city") String city) {
            ran.add(city);
            return "rain in " + city;
        }
    }

    /** Keeps what is said as JSON, as databases do. */
    private static final class JsonStore implements ChatMemoryStore {
        private final Map<Object, String> stored = new ConcurrentHashMap<>();

        @Override
        public List<ChatMessage> getMessages(Object memoryId) {
            return ChatMessageDeserializer.messagesFromJson(stored.getOrDefault(memoryId, "[]"));
        }

        @Override
        public void updateMessages(Object memoryId, List<ChatMessage> messages) {
            stored.put(memoryId, ChatMessageSerializer.messagesToJson(messages));
        }

        @Override
        public void deleteMessages(Object memoryId) {
            stored.remove(memoryId);
        }
    }

    private Assistant assistant(KimiClient client) {
        return AiServices.builder(Assistant.class)
                .chatModel(KimiChatModel.of(client))
                .streamingChatModel(KimiStreamingChatModel.of(client))
                .chatMemory(MessageWindowChatMemory.builder()
                        .maxMessages(20)
                        .chatMemoryStore(new JsonStore())
                        .build())
                .tools(new Weather())
                .build();
    }

    private ReceivedRequest last() {
        return simulator.requests().get(simulator.requests().size() - 1);
    }

    private void assertAllAccepted(int requests) {
        assertThat(simulator.requests())
                .hasSize(requests)
                .extracting(ReceivedRequest::status)
                .containsOnly(200);
    }

    @ParameterizedTest
    @EnumSource
    void a_tool_loop_sends_the_reasoning_of_each_round_back_as_it_was_even_through_a_store(Service service) {
        simulator.reply(
                reasoning("Bern first.")
                        .thenToolCall("weather", "{\"city\":\"Bern\"}")
                        .usage(10, 5, 4),
                reasoning("Now Rome.")
                        .thenToolCall("weather", "{\"city\":\"Rome\"}")
                        .usage(20, 5, 10),
                text("Rain in both.").usage(30, 5, 20));
        try (KimiClient client = EXTENSION.track(service.client(simulator))) {
            Result<String> result = assistant(client).chat("Where does it rain?");

            assertThat(result.content()).isEqualTo("Rain in both.");
            assertThat(result.tokenUsage()).isInstanceOfSatisfying(KimiTokenUsage.class, usage -> {
                assertThat(usage.inputTokenCount()).isEqualTo(60);
                assertThat(usage.outputTokenCount()).isEqualTo(15);
                assertThat(usage.cachedTokenCount()).isEqualTo(34);
            });
        }
        assertAllAccepted(3);
        assertThat(ran).containsExactly("Bern", "Rome");
        assertThat(service.results(last())).containsExactly("rain in Bern", "rain in Rome");
        assertThat(service.reasoning(last())).hasSize(2).doesNotContainNull();
        if (service != Service.CLAUDE) {
            assertThat(service.reasoning(last())).containsExactly("Bern first.", "Now Rome.");
        }
    }

    @ParameterizedTest
    @EnumSource
    void parallel_calls_of_a_streamed_turn_are_run_and_memory_has_all_of_them_later(Service service) throws Exception {
        simulator.reply(
                reasoning("Both.")
                        .thenToolCall("weather", "{\"city\":\"Bern\"}")
                        .thenToolCall("weather", "{\"city\":\"Rome\"}"),
                text("Rain in both."),
                text("As I said."));
        List<String> parts = Collections.synchronizedList(new ArrayList<>());
        try (KimiClient client = EXTENSION.track(service.client(simulator))) {
            Assistant assistant = assistant(client);
            CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
            assistant.stream("Where does it rain?")
                    .onPartialResponse(parts::add)
                    .onCompleteResponse(whole::complete)
                    .onError(whole::completeExceptionally)
                    .start();

            assertThat(whole.get(30, TimeUnit.SECONDS).aiMessage().text()).isEqualTo("Rain in both.");
            assertThat(assistant.chat("And again?").content()).isEqualTo("As I said.");
        }
        assertAllAccepted(3);
        assertThat(String.join("", parts)).isEqualTo("Rain in both.");
        assertThat(service.results(last())).containsExactly("rain in Bern", "rain in Rome");
        assertThat(service.reasoning(last())).isNotEmpty();
        assertThat(service.reasoning(last()).get(0)).isNotNull();
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_of_a_service_is_cancelled_from_within(Service service) throws Exception {
        simulator.reply(text("one two three four five six seven eight nine ten").stallAfterEvents(8));
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        List<Object> ends = Collections.synchronizedList(new ArrayList<>());
        try (KimiClient client = EXTENSION.track(service.client(simulator))) {
            assistant(client).stream("Count!")
                    .onPartialResponseWithContext((part, context) -> {
                        context.streamingHandle().cancel();
                        cancelled.complete(null);
                    })
                    .onCompleteResponse(ends::add)
                    .onError(ends::add)
                    .start();
            cancelled.get(30, TimeUnit.SECONDS);

            assertThat(simulator.awaitAborted(1).get(30, TimeUnit.SECONDS)).hasSize(1);
        }
        assertThat(ends).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_record_is_requested_by_schema_and_read(Service service) {
        simulator.reply(text("{\"number\":\"7\",\"items\":[{\"name\":\"tea\",\"price\":2.5}]}"));
        try (KimiClient client = EXTENSION.track(service.client(simulator))) {
            Reader reader = AiServices.create(Reader.class, KimiChatModel.of(client));

            assertThat(reader.read("Tea: 2.50")).isEqualTo(new Invoice("7", List.of(new Item("tea", 2.5))));
        }
        assertAllAccepted(1);
        assertThat(service.schema(last()))
                .containsEntry("type", "object")
                .containsEntry("additionalProperties", false)
                .containsKey("properties");
    }
}
