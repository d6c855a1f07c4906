package dev.kimi.starter.web.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import dev.kimi.KimiClient;
import dev.kimi.auth.Credentials;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.OverloadedException;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;

class KimiJsonTest {

    private static final Usage USAGE = Usage.builder()
            .promptTokens(10)
            .completionTokens(20)
            .totalTokens(30)
            .cachedTokens(4)
            .cacheWriteTokens(1)
            .reasoningTokens(5)
            .build();
    private static final ToolCall CALL = new ToolCall("call_1", "weather", "{\"city\":\"Rome\"}");
    private static final ChatResponse RESPONSE = ChatResponse.builder(
                    Message.assistant("Sunny.", "Hm.", List.of(CALL)).with("partial", true))
            .id("chat-1")
            .model("kimi-k3")
            .finishReason(FinishReason.STOP)
            .usage(USAGE)
            .requestId("request-1")
            .cutToolCall(new ChatResponse.CutToolCall("call_2", "time", "{\"zo"))
            .extra("system_fingerprint", "internal")
            .build();

    private static final String USAGE_JSON = """
            {"promptTokens":10,"completionTokens":20,"totalTokens":30,"cachedTokens":4,"cacheWriteTokens":1,"reasoningTokens":5}""";
    private static final String CALL_JSON = """
            {"id":"call_1","name":"weather","arguments":"{\\"city\\":\\"Rome\\"}"}""";
    private static final String RESPONSE_JSON = """
            {"id":"chat-1","model":"kimi-k3","text":"Sunny.","reasoning":"Hm.","toolCalls":[%s],\
            "cutToolCalls":[{"id":"call_2","name":"time","arguments":"{\\"zo"}],"finishReason":"stop","usage":%s}""".formatted(CALL_JSON, USAGE_JSON);

    private final JsonMapper json =
            JsonMapper.builder().addModule(new KimiJson()).build();

    @Test
    void a_response_has_what_its_methods_say_and_nothing_internal() {
        assertJson(json.writeValueAsString(RESPONSE), RESPONSE_JSON);
    }

    @Test
    void a_response_says_what_its_request_lost() {
        ChatResponse.Note note = new ChatResponse.Note(ChatResponse.Note.REASONING_OMITTED, "1 block of reasoning.");

        assertThat(json.writeValueAsString(
                        RESPONSE.toBuilder().notes(List.of(note)).build()))
                .endsWith(",\"notes\":[{\"code\":\"reasoning-omitted\",\"message\":\"1 block of reasoning.\"}]}");
    }

    @Test
    void every_event_says_its_type() {
        assertJson(json.writeValueAsString(events()), """
                [{"type":"text","value":"Sun"},{"type":"reasoning","value":"Hm."},
                 {"type":"tool-fragment","index":0,"id":"call_1","name":"weather","arguments":"{"},
                 {"type":"tokens","usage":%s},{"type":"finished","reason":"new_reason"},
                 {"type":"other","kind":"video_url","json":"{\\"url\\":1}"}]""".formatted(USAGE_JSON));
    }

    @Test
    void an_event_says_its_type_wherever_it_stands_and_every_kind_has_one() {
        assertThat(json.writeValueAsString(Map.of("event", new ChatEvent.Text("Sun"))))
                .isEqualTo("{\"event\":{\"type\":\"text\",\"value\":\"Sun\"}}");
        assertThat(events()).extracting(Object::getClass).isEqualTo(List.of(ChatEvent.class.getPermittedSubclasses()));
        assertThat(JsonForms.OfEvent.class.getAnnotation(JsonSubTypes.class).value())
                .extracting(JsonSubTypes.Type::value)
                .containsExactlyInAnyOrder(ChatEvent.class.getPermittedSubclasses());
    }

    @Test
    void events_can_be_read_again() {
        ChatEvent[] events = events();

        assertThat(json.readValue(json.writeValueAsString(events), ChatEvent[].class))
                .isEqualTo(events);
    }

    @Test
    void a_tool_call_can_be_read_again_without_a_type() {
        assertThat(json.readValue(CALL_JSON, ToolCall.class)).isEqualTo(CALL);
    }

    @Test
    void a_message_has_what_there_is_of_it() {
        assertThat(json.writeValueAsString(Message.user(""))).isEqualTo("{\"role\":\"user\",\"text\":\"\"}");
        assertThat(json.writeValueAsString(Message.user(List.of(
                        ContentPart.text("What?"),
                        ContentPart.image("ms://file"),
                        ContentPart.opaque("openai", "video_url", "{}")))))
                .isEqualTo("{\"role\":\"user\",\"text\":\"What?\",\"parts\":[{\"type\":\"text\",\"text\":\"What?\"},"
                        + "{\"type\":\"image\",\"url\":\"ms://file\"},"
                        + "{\"type\":\"opaque\",\"protocol\":\"openai\",\"kind\":\"video_url\",\"json\":\"{}\"}]}");
        assertJson(json.writeValueAsString(RESPONSE.message()), """
                {"role":"assistant","text":"Sunny.","reasoning":"Hm.","toolCalls":[%s]}""".formatted(CALL_JSON));
        assertThat(json.writeValueAsString(Message.toolResult("call_1", "25 degrees")))
                .isEqualTo("{\"role\":\"tool\",\"text\":\"25 degrees\",\"toolCallId\":\"call_1\"}");
    }

    @Test
    void a_model_has_what_this_library_knows_of_it() {
        ModelCard card = ModelCard.builder("kimi-k3")
                .contextLength(262144)
                .reasoning(true)
                .build();

        assertJson(
                json.writeValueAsString(card.toBuilder()
                        .extra(Map.of("owned_by", "someone"))
                        .fact(ModelCard.Fact.OUTPUT_MAX, "1M")
                        .build()),
                "{\"id\":\"kimi-k3\",\"contextLength\":262144,\"reasoning\":true,\"imageInput\":false}");
        assertThat(json.readValue(json.writeValueAsString(card), ModelCard.class))
                .isEqualTo(card.toBuilder().imageInput(false).build());
    }

    @Test
    void settings_of_the_application_apply_but_open_nothing() {
        JsonMapper application = JsonMapper.builder()
                .addModule(new KimiJson())
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .changeDefaultVisibility(all -> all.withVisibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.ANY))
                .build();

        assertThat(application.writeValueAsString(RESPONSE))
                .contains("\"finish_reason\":\"stop\"", "\"prompt_tokens\":10")
                .doesNotContain("internal", "request-1", "partial");
    }

    @Test
    void what_has_no_json_is_rejected_with_what_to_return_instead() {
        List<Object> rejected = List.of(
                ChatRequest.of("a prompt"),
                Credentials.bearer("sk-secret"),
                Tool.builtin("$web_search"),
                ResponseFormat.TEXT,
                ServiceRequest.get("/v1/files"),
                new OverloadedException("no capacity", Details.NONE, null));

        assertThat(rejected)
                .allSatisfy(value -> assertThatThrownBy(() -> json.writeValueAsString(value))
                        .isInstanceOf(InvalidDefinitionException.class)
                        .hasMessageContaining(
                                "A " + value.getClass().getName() + " has no JSON. Return what your callers")
                        .hasMessageNotContainingAny("a prompt", "sk-secret"));
        try (KimiClient client = KimiClient.builder().apiKey("sk-test").build()) {
            assertThatThrownBy(() -> json.writeValueAsString(client)).hasMessageContaining("has no JSON");
        }
    }

    private static ChatEvent[] events() {
        return new ChatEvent[] {
            new ChatEvent.Text("Sun"),
            new ChatEvent.Reasoning("Hm."),
            new ChatEvent.ToolFragment(0, "call_1", "weather", "{"),
            new ChatEvent.Tokens(USAGE),
            new ChatEvent.Finished(FinishReason.of("new_reason")),
            new ChatEvent.Other("video_url", "{\"url\":1}")
        };
    }

    private void assertJson(String actual, String expected) {
        assertThat(json.readTree(actual)).isEqualTo(json.readTree(expected));
    }
}
