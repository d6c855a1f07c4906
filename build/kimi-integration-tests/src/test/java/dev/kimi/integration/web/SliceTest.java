package dev.kimi.integration.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Message;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.OverloadedException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.autoconfigure.json.JsonTest;
import org.springframework.boot.test.json.JacksonTester;
import org.springframework.boot.webflux.test.autoconfigure.WebFluxTest;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tests of controllers in Spring Boot's slices see what the application does. */
class SliceTest {

    @Nested
    @WebMvcTest
    @ContextConfiguration(classes = Application.class)
    class Mvc {

        @Autowired
        MockMvcTester mvc;

        @Test
        void a_failed_call_is_a_problem_detail_and_a_response_is_json() {
            assertThat(mvc.get().uri("/failed"))
                    .hasStatus(503)
                    .hasContentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .hasHeader("Retry-After", "5");
            assertThat(mvc.get().uri("/response"))
                    .hasStatus(200)
                    .bodyJson()
                    .extractingPath("$.text")
                    .isEqualTo("Sunny.");
        }
    }

    @Nested
    @WebFluxTest
    @ContextConfiguration(classes = Application.class)
    class WebFlux {

        @Autowired
        WebTestClient web;

        @Test
        void a_failed_call_is_a_problem_detail_and_a_response_is_json() {
            web.get()
                    .uri("/failed")
                    .exchange()
                    .expectStatus()
                    .isEqualTo(503)
                    .expectHeader()
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .expectHeader()
                    .valueEquals("Retry-After", "5");
            web.get()
                    .uri("/response")
                    .exchange()
                    .expectBody()
                    .jsonPath("$.text")
                    .isEqualTo("Sunny.");
        }
    }

    @Nested
    @JsonTest
    @ContextConfiguration(classes = Application.class)
    class Json {

        @Autowired
        JacksonTester<ChatResponse> json;

        @Test
        void a_response_is_json() throws Exception {
            assertThat(json.write(Controller.RESPONSE))
                    .extractingJsonPathStringValue("$.text")
                    .isEqualTo("Sunny.");
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import(Controller.class)
    static class Application {}

    @RestController
    static class Controller {

        static final ChatResponse RESPONSE =
                ChatResponse.builder(Message.assistant("Sunny.")).build();

        @GetMapping("/failed")
        String failed() {
            throw new OverloadedException("no capacity", Details.NONE, null);
        }

        @GetMapping("/response")
        ChatResponse response() {
            return RESPONSE;
        }
    }
}
