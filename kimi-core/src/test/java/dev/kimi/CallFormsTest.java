package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Chats, models and exchanges each have a blocking and an asynchronous form that end alike. */
class CallFormsTest {

    private static final String MODELS = "{\"data\":[{\"id\":\"kimi-k3\"}]}";
    private static final ServiceRequest FILES = ServiceRequest.get("/v1/files");

    private static KimiClient client(ClientFixture.Reply reply) {
        return KimiClient.builder()
                .credentials(CredentialsProvider.apiKey("sk-test"))
                .transport(new InstantTransport(reply))
                .build();
    }

    @Test
    void both_forms_give_the_same() throws Exception {
        try (KimiClient client = client(ClientFixture.Reply.text("yes"))) {
            assertThat(client.chat("Well?").text()).isEqualTo("yes");
            assertThat(client.chatAsync(ChatRequest.of("Well?")).get().text()).isEqualTo("yes");
        }
        try (KimiClient client = client(new ClientFixture.Reply(200, MODELS))) {
            assertThat(client.models()).extracting(ModelCard::id).containsExactly("kimi-k3");
            assertThat(client.modelsAsync().get()).isEqualTo(client.models());
            ServiceResponse response = client.exchange(FILES);
            assertThat(response.text()).isEqualTo(MODELS);
            assertThat(client.exchangeAsync(FILES).get().text()).isEqualTo(MODELS);
        }
    }

    @Test
    void both_forms_fail_alike() {
        try (KimiClient client = client(new ClientFixture.Reply(400, "{\"error\":{\"message\":\"no\"}}"))) {
            assertThatThrownBy(client::models).isInstanceOf(InvalidRequestException.class);
            assertThatThrownBy(() -> client.exchange(FILES)).isInstanceOf(InvalidRequestException.class);
            assertThatThrownBy(() -> client.modelsAsync().get()).hasCauseInstanceOf(InvalidRequestException.class);
            assertThatThrownBy(() -> client.exchangeAsync(FILES).get())
                    .hasCauseInstanceOf(InvalidRequestException.class);
        }
    }

    @Test
    void an_interrupt_cancels_a_blocking_exchange_and_cancelling_its_future_the_other() {
        ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        fixture.hold = true;
        try (KimiClient client = fixture.builder().build()) {
            List<CompletableFuture<?>> calls = List.of(client.modelsAsync(), client.exchangeAsync(FILES));
            calls.forEach(call -> call.cancel(true));
            assertThat(fixture.aborted).isEqualTo(2);

            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> client.exchange(FILES)).isInstanceOf(CallCancelledException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
