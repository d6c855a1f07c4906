package dev.kimi.integration.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.integration.web.WebServer.Stack;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Values that controllers return, as a browser gets them. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ReturnedValuesTest {

    private final KimiSimulator service = KimiSimulator.start();

    @AfterEach
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @EnumSource
    void a_response_is_what_its_methods_say(Stack stack) {
        service.otherwise(Reply.reasoning("Hm.").thenText("Sunny.").usage(10, 20, 4));
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            for (String path : new String[] {"/future", "/mono"}) {
                JsonNode response = json(server.get(path).body());

                assertThat(response.propertyNames())
                        .containsExactly(
                                "id",
                                "model",
                                "text",
                                "reasoning",
                                "toolCalls",
                                "cutToolCalls",
                                "finishReason",
                                "usage");
                assertThat(response.path("id").asString()).isNotBlank();
                assertThat(response.path("model").asString()).isEqualTo("kimi-k3");
                assertThat(response.path("text").asString()).isEqualTo("Sunny.");
                assertThat(response.path("reasoning").asString()).isEqualTo("Hm.");
                assertThat(response.path("finishReason").asString()).isEqualTo("stop");
                assertThat(response.path("usage").path("cachedTokens").asInt()).isEqualTo(4);
            }
            assertThat(server.get("/message").body())
                    .isEqualTo("{\"role\":\"assistant\",\"text\":\"Sunny.\",\"reasoning\":\"Hm.\"}");
        }
    }

    @ParameterizedTest
    @EnumSource
    void events_are_an_array_or_a_stream_and_say_their_type(Stack stack) {
        service.otherwise(Reply.text("Sunny."));
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            JsonNode array =
                    json(server.get("/flux", "Accept", "application/json").body());
            Events events = Events.read(server.open("/events"));

            assertThat(array.isArray()).isTrue();
            assertThat(array)
                    .allSatisfy(
                            event -> assertThat(event.path("type").asString()).isNotBlank());
            assertThat(events.data())
                    .hasSameSizeAs(array)
                    .first()
                    .asString()
                    .startsWith("{\"type\":\"text\",\"value\":");
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_models_are_a_list(Stack stack) {
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            JsonNode models = json(server.get("/models").body());

            assertThat(models.isArray()).isTrue();
            assertThat(models.get(0).propertyNames())
                    .containsExactlyInAnyOrder("id", "contextLength", "reasoning", "imageInput");
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_has_no_json_is_an_error_that_says_what_to_return(Stack stack, CapturedOutput log) {
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            HttpResponse<String> response = server.get("/request");

            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).doesNotContain(Controllers.QUESTION);
            assertThat(log)
                    .contains("A dev.kimi.chat.ChatRequest has no JSON. Return what your callers need of it")
                    .doesNotContain(Controllers.QUESTION);
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
