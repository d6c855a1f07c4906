package dev.kimi.gateway.completions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayFixture;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What only shows at the running gateway. */
class CompletionsOverGatewayTest {

    private GatewayFixture gateway;

    @BeforeEach
    void gateway() {
        gateway = GatewayFixture.gateway();
    }

    @Test
    void what_cannot_be_translated_is_the_clients_error_and_goes_nowhere() {
        HttpResponse<String> response = gateway.post("/v1/chat/completions", """
                {"model":"claude-sonnet-5-5","n":2,"messages":[{"role":"user","content":"hi"}]}""");

        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode error = Targets.MAPPER.readTree(response.body()).path("error");
        assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
        assertThat(error.path("message").asString()).contains("\"n\" must be 1");
        assertThat(gateway.claude().requests()).isEmpty();
    }

    @Test
    void what_the_engine_rejects_before_sending_is_too() {
        HttpResponse<String> response = gateway.post("/v1/chat/completions", """
                {"model":"claude-sonnet-5-5","messages":[{"role":"assistant","content":"The"}]}""");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .contains("ends with a turn of the assistant")
                .contains("invalid_request_error");
        assertThat(gateway.claude().requests()).isEmpty();
    }
}
