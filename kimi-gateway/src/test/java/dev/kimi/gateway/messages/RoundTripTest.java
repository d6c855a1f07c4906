package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.DIALECT;
import static dev.kimi.gateway.messages.MessagesFixture.read;
import static dev.kimi.gateway.messages.MessagesFixture.text;
import static dev.kimi.gateway.messages.MessagesFixture.translated;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.gateway.dialect.ResponseWriter;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What the engine makes of translated requests, and what it reads of written responses, at random. */
class RoundTripTest {

    private static final int TALKS = 200;
    private static final CannedService SERVICE = new CannedService();
    private static final KimiClient OPENAI = SERVICE.client(Provenance.OPENAI);
    private static final KimiClient ANTHROPIC = SERVICE.client(Provenance.ANTHROPIC);

    @AfterAll
    static void close() {
        OPENAI.close();
        ANTHROPIC.close();
    }

    @Test
    void any_lawful_conversation_arrives_as_it_was_meant() {
        CannedService service = new CannedService();
        try (KimiClient client = service.client(Provenance.OPENAI)) {
            for (int seed = 0; seed < TALKS; seed++) {
                RandomTalk talk = new RandomTalk(seed);
                ObjectNode request = MessagesFixture.JSON.createObjectNode().put("model", "m");
                request.put("max_tokens", 1_000).set("messages", talk.messages);

                ChatRequest chat = translated(request.toString()).chat();

                assertThat(service.bodyOf(client, chat).path("messages"))
                        .as("seed " + seed)
                        .isEqualTo(talk.expected);
            }
        }
    }

    @Test
    void a_longer_conversation_begins_with_the_same_messages() {
        CannedService service = new CannedService();
        try (KimiClient client = service.client(Provenance.OPENAI)) {
            for (int seed = 0; seed < 50; seed++) {
                RandomTalk talk = new RandomTalk(seed);
                ObjectNode request = MessagesFixture.JSON.createObjectNode().put("model", "m");
                request.set("messages", talk.messages);
                String shorter = service.bodyOf(
                                client, translated(request.toString()).chat())
                        .path("messages")
                        .toString();
                talk.messages.addObject().put("role", "user").put("content", "more");

                String longer = service.bodyOf(
                                client, translated(request.toString()).chat())
                        .path("messages")
                        .toString();

                assertThat(longer).as("seed " + seed).startsWith(shorter.substring(0, shorter.length() - 1));
            }
        }
    }

    @Test
    void any_response_is_read_back_as_it_was_streamed() {
        for (int seed = 0; seed < TALKS; seed++) {
            RandomResponse random = new RandomResponse(seed);
            ResponseWriter writer = DIALECT.writer(read("{\"model\":\"m\",\"messages\":[]}"), "req_" + seed);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(writer.start());
            random.events.forEach(event -> bytes.writeBytes(writer.event(event)));
            bytes.writeBytes(writer.end(random.response));
            StreamReader.of(text(bytes.toByteArray()));

            SERVICE.response("text/event-stream", bytes.toByteArray());
            ChatResponse back;
            try (ChatStream stream = ANTHROPIC.stream(ChatRequest.of("Hi"))) {
                stream.iterator().forEachRemaining(event -> {});
                back = stream.response();
            }

            random.compare(back, "seed " + seed);
        }
    }

    @Test
    void any_response_is_read_back_as_it_was_written_whole() {
        for (int seed = 0; seed < TALKS; seed++) {
            RandomResponse random = new RandomResponse(seed);
            ResponseWriter writer = DIALECT.writer(read("{\"model\":\"m\",\"messages\":[]}"), "req_" + seed);

            SERVICE.response("application/json", writer.whole(random.response));

            random.compare(ANTHROPIC.chat(ChatRequest.of("Hi")), "seed " + seed);
        }
    }

    /** A response at random, and events that it came in. */
    private static final class RandomResponse {

        final List<ChatEvent> events = new ArrayList<>();
        final ChatResponse response;

        RandomResponse(long seed) {
            Random random = new Random(seed);
            RandomTalk words = new RandomTalk(seed);
            String reasoning = random.nextBoolean() ? words.text() : "";
            String said = random.nextBoolean() ? words.text() : "";
            cut(reasoning, random).forEach(piece -> events.add(new ChatEvent.Reasoning(piece)));
            cut(said, random).forEach(piece -> events.add(new ChatEvent.Text(piece)));
            List<ToolCall> calls = new ArrayList<>();
            List<List<ChatEvent>> lanes = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                ObjectNode arguments = MessagesFixture.JSON.createObjectNode();
                if (random.nextBoolean()) {
                    arguments
                            .put("a", words.text())
                            .putArray("b")
                            .add(1)
                            .addObject()
                            .put("c", "}]");
                }
                ToolCall call = new ToolCall("f." + i + ":" + calls.size(), "tool" + i, arguments.toString());
                lanes.add(lane(calls.size(), call, random));
                calls.add(call);
            }
            while (lanes.stream().anyMatch(lane -> !lane.isEmpty())) {
                int begun = Math.min(lanes.size(), 1 + random.nextInt(lanes.size()));
                List<ChatEvent> lane = lanes.get(random.nextInt(begun));
                // calls begin in their order
                boolean mayBegin = lanes.subList(0, lanes.indexOf(lane)).stream()
                        .allMatch(other -> other.isEmpty()
                                || !(first(other) instanceof ChatEvent.ToolFragment piece)
                                || piece.name().isEmpty());
                if (!lane.isEmpty() && mayBegin) {
                    events.add(lane.remove(0));
                }
            }
            response = ChatResponse.builder(Message.assistant(said, reasoning.isEmpty() ? null : reasoning, calls))
                    .finishReason(calls.isEmpty() ? FinishReason.STOP : FinishReason.TOOL_CALLS)
                    .usage(Usage.builder()
                            .promptTokens(1_000 + random.nextInt(100))
                            .cachedTokens(random.nextInt(500))
                            .cacheWriteTokens(random.nextInt(400))
                            .completionTokens(1 + random.nextInt(100))
                            .reasoningTokens(random.nextInt(50))
                            .build())
                    .build();
        }

        private static ChatEvent first(List<ChatEvent> lane) {
            return lane.get(0);
        }

        private static List<ChatEvent> lane(int index, ToolCall call, Random random) {
            List<ChatEvent> lane = new ArrayList<>();
            String name = call.name();
            String id = call.id();
            for (String piece : cut(call.arguments(), random)) {
                lane.add(new ChatEvent.ToolFragment(index, id, name, piece));
                name = "";
                id = random.nextBoolean() ? id : "";
            }
            return lane;
        }

        private static List<String> cut(String text, Random random) {
            List<String> pieces = new ArrayList<>();
            int from = 0;
            while (from < text.length()) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(12));
                if (to < text.length() && Character.isLowSurrogate(text.charAt(to))) {
                    to++;
                }
                pieces.add(text.substring(from, to));
                from = to;
            }
            return pieces;
        }

        void compare(ChatResponse back, String name) {
            assertThat(back.text()).as(name).isEqualTo(response.text());
            assertThat(back.reasoning()).as(name).isEqualTo(response.reasoning());
            assertThat(back.finishReason()).as(name).isEqualTo(response.finishReason());
            assertThat(back.toolCalls().stream()
                            .map(call -> new ToolCall(CallIds.inward(call.id()), call.name(), call.arguments())))
                    .as(name)
                    .containsExactlyElementsOf(response.toolCalls());
            assertThat(back.usage().promptTokens())
                    .as(name)
                    .isEqualTo(response.usage().promptTokens());
            assertThat(back.usage().cachedTokens())
                    .as(name)
                    .isEqualTo(response.usage().cachedTokens());
            assertThat(back.usage().cacheWriteTokens())
                    .as(name)
                    .isEqualTo(response.usage().cacheWriteTokens());
            assertThat(back.usage().completionTokens())
                    .as(name)
                    .isEqualTo(response.usage().completionTokens());
            assertThat(back.usage().reasoningTokens())
                    .as(name)
                    .isEqualTo(response.usage().reasoningTokens());
        }
    }
}
