package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatRequest;
import dev.kimi.error.ConfigurationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import dev.kimi.service.ModelPrices;
import dev.kimi.time.VirtualTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cards as a program sets and sees them. */
class ModelCardSettingsTest {

    private static final String LISTED = """
            {"data":[{"id":"kimi-k3","context_length":2000000,"owned_by":"moonshot",
            "think_efforts":{"support":true,"valid_efforts":["low","ultra"],"default_effort":"ultra"}},
            {"id":"claude-opus-5","max_input_tokens":900000,"max_tokens":100,"retires_at":"2030-05-01T00:00:00Z"},
            {"id":"odd","max_tokens":-1,"think_efforts":{"support":true,"valid_efforts":[7]},"retires_at":"some day"}]}""";

    private final ClientFixture fixture = new ClientFixture(body -> new ClientFixture.Reply(200, LISTED));

    private KimiClientBuilder at(String instant) {
        VirtualTime time = new VirtualTime(Instant.parse(instant));
        return KimiClient.builder().apiKey("sk-test").transport(fixture).time(time, time);
    }

    private List<ModelCard> list(KimiClient client) {
        var models = client.modelsAsync();
        while (!models.isDone() && fixture.time.pending() > 0) {
            fixture.time.advanceToNext();
        }
        return models.join();
    }

    private static void assertRejected(KimiClient client, ChatRequest request) {
        var call = client.chatAsync(request);
        assertThat(call).isCompletedExceptionally();
        assertThatThrownBy(call::join).hasCauseInstanceOf(InvalidRequestException.class);
    }

    private static void assertPasses(KimiClient client, ChatRequest request) {
        var call = client.chatAsync(request);
        assertThat(call).isNotDone();
        call.cancel(true);
    }

    @Test
    void a_retired_default_model_stops_the_start_from_its_day_on_by_the_clients_clock() {
        at("2026-08-30T23:59:59Z").model("kimi-k2.5").build().close();

        assertThatThrownBy(() -> at("2026-08-31T00:00:00Z").model("kimi-k2.5").build())
                .isInstanceOfSatisfying(ConfigurationException.class, e -> {
                    assertThat(e.setting()).isEqualTo("kimi.model");
                    assertThat(e).hasMessageContainingAll("kimi-k2.5", "2026-08-31", "kimi-k3");
                });
        at("2026-08-31T00:00:00Z")
                .model("kimi-k2.5")
                .modelCard("kimi-k2.5", Fact.RETIRED, null)
                .build()
                .close();
    }

    @Test
    void the_default_model_is_no_k2() {
        try (KimiClient client = at("2030-01-01T00:00:00Z").build()) {
            assertThat(client.model()).isEqualTo("kimi-k3");
        }
    }

    @Test
    void a_program_reads_prices_and_limits_without_a_call() {
        try (KimiClient client = fixture.builder().build()) {
            ModelCard card = client.modelCard("kimi-k3.1-pro");
            ModelPrices prices = card.prices();

            assertThat(card.contextLength()).isEqualTo(1_048_576);
            assertThat(prices).isNotNull();
            assertThat(prices.input()).isEqualByComparingTo("2");
            assertThat(client.modelCard("nobody-knows").prices()).isNull();
            assertThat(fixture.sent).isEmpty();
        }
    }

    @Test
    void single_facts_and_files_change_what_is_checked() {
        ChatRequest hot = ChatRequest.builder().user("Why?").temperature(0.5).build();
        ChatRequest high =
                ChatRequest.builder().user("Why?").reasoningEffort("high").build();
        try (KimiClient client = fixture.builder()
                .modelCards("{\"cards\":[{\"models\":[\"kimi-k3\"],\"efforts\":[\"low\"],\"temperatures\":[\"1\"]}]}")
                .modelCard("kimi-k3", Fact.TEMPERATURES, "unknown")
                .build()) {
            assertPasses(client, hot);
            assertRejected(client, high);
        }
        try (KimiClient client = fixture.builder().build()) {
            assertPasses(client, high);
            assertRejected(client, hot);
        }
    }

    @Test
    void what_the_service_lists_is_merged_into_the_cards_and_checked_from_then_on() {
        ChatRequest ultra =
                ChatRequest.builder().user("Why?").reasoningEffort("ultra").build();
        try (KimiClient client =
                fixture.builder().modelCard("claude-opus-5", Fact.CONTEXT, "1M").build()) {
            assertRejected(client, ultra);

            List<ModelCard> models = list(client);

            ModelCard k3 = models.get(0);
            assertThat(k3.contextLength()).isEqualTo(2_000_000);
            assertThat(k3.efforts()).containsExactly("low", "ultra");
            assertThat(k3.text(Fact.EFFORT_DEFAULT)).isEqualTo("ultra");
            assertThat(k3.maxOutputTokens()).isEqualTo(1_048_576);
            assertThat(k3.extra()).containsEntry("owned_by", "moonshot").containsKey("think_efforts");
            ModelCard opus = models.get(1);
            assertThat(opus.contextLength()).isEqualTo(1_000_000);
            assertThat(opus.maxOutputTokens()).isEqualTo(100);
            assertThat(opus.retired()).hasToString("2030-05-01");
            assertThat(models.get(2).efforts()).isNull();
            assertThat(models.get(2).retired()).isNull();
            assertThat(client.modelCard("kimi-k3")).isEqualTo(k3);
            assertPasses(client, ultra);
        }
    }
}
