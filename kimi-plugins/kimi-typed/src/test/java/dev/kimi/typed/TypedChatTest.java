package dev.kimi.typed;

import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.schema.Description;
import dev.kimi.simulated.Service;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@ParameterizedClass(name = "{0}")
@EnumSource(Service.class)
class TypedChatTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator kimi = EXTENSION.simulator();
    private final Service service;
    private final KimiClient client;
    private final TypedChat typed;

    TypedChatTest(Service service) {
        this.service = service;
        this.client = EXTENSION.track(service.client(kimi));
        this.typed = TypedChat.of(client);
    }

    enum Kind {
        @JsonProperty("big-town")
        TOWN,
        VILLAGE
    }

    record Place(
            @Description("As its people write it") String name,
            Kind kind,
            List<String> rivers,
            Optional<Integer> height,
            @Nullable String motto) {}

    record Trip(Place from, Place to, LocalDate day, Instant booked, double price, List<Place> stops) {}

    record Positive(int value) {
        Positive {
            if (value < 1) {
                throw new IllegalArgumentException("secret " + value);
            }
        }
    }

    record Node(String name, List<Node> children) {}

    record Open(Map<String, String> any) {}

    private static final String PLACE =
            "{\"name\":\"Bern\",\"kind\":\"big-town\",\"rivers\":[\"Aare\"]," + "\"height\":540,\"motto\":null}";

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void a_record_with_all_that_it_may_hold_is_asked_for_and_read() {
        kimi.reply(text("{\"from\":" + PLACE + ",\"to\":" + PLACE.replace("540", "null")
                + ",\"day\":\"2026-11-27\",\"booked\":\"2026-11-01T10:00:00Z\",\"price\":12.5,\"stops\":[]}"));

        Trip trip = typed.chat("Where to?", Trip.class).value();

        Place bern = new Place("Bern", Kind.TOWN, List.of("Aare"), Optional.of(540), null);
        assertThat(trip.from()).isEqualTo(bern);
        assertThat(trip.to().height()).isEmpty();
        assertThat(trip.day()).isEqualTo(LocalDate.of(2026, 11, 27));
        assertThat(trip.booked()).isEqualTo(Instant.parse("2026-11-01T10:00:00Z"));
        assertThat(kimi.requests().get(0).status()).isEqualTo(200);
        assertThat(kimi.requests().get(0).bodyText())
                .contains("\"json_schema\"", service.isMessages() ? "\"output_config\"" : "\"Trip\"");
    }

    @Test
    void the_schema_is_one_that_strict_services_accept() {
        assertThat(TypedFormat.of(Trip.class).responseFormat().schema())
                .isEqualTo("{\"type\":\"object\",\"properties\":{\"from\":{\"$ref\":\"#/$defs/Place\"},"
                        + "\"to\":{\"$ref\":\"#/$defs/Place\"},"
                        + "\"day\":{\"type\":\"string\",\"description\":\"ISO 8601 date, such as 2026-11-27\"},"
                        + "\"booked\":{\"type\":\"string\","
                        + "\"description\":\"ISO 8601 date and time, such as 2026-11-27T15:04:05Z\"},"
                        + "\"price\":{\"type\":\"number\"},"
                        + "\"stops\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/Place\"}}},"
                        + "\"required\":[\"from\",\"to\",\"day\",\"booked\",\"price\",\"stops\"],"
                        + "\"additionalProperties\":false,"
                        + "\"$defs\":{\"Place\":{\"type\":\"object\",\"properties\":{"
                        + "\"name\":{\"type\":\"string\",\"description\":\"As its people write it\"},"
                        + "\"kind\":{\"type\":\"string\",\"enum\":[\"big-town\",\"VILLAGE\"]},"
                        + "\"rivers\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
                        + "\"height\":{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]},"
                        + "\"motto\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}},"
                        + "\"required\":[\"name\",\"kind\",\"rivers\",\"height\",\"motto\"],"
                        + "\"additionalProperties\":false}}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "oops, secret | $: is not valid JSON",
                "[] | $: is missing or cannot be read as Place",
                "null | $: must not be null",
                "{'name':'secret'} | is missing",
                "{'name':7,'kind':'VILLAGE','rivers':[],'height':null,'motto':null} | $.name: ",
                "{'name':null,'kind':'VILLAGE','rivers':[],'height':null,'motto':null} | $.name: must not be missing",
                "{'name':'a','kind':'secret','rivers':[],'height':null,'motto':null} | $.kind: ",
                "{'name':'a','kind':'VILLAGE','rivers':['a',null],'height':null,'motto':null} | $.rivers",
                "{'name':'a','kind':'VILLAGE','rivers':[],'height':1.5,'motto':null} | $.height",
                "{'name':'a','kind':'VILLAGE','rivers':[],'height':null,'motto':null,'secret':1} | $: has a member",
                "{'name':'a','kind':'VILLAGE','rivers':[],'height':null,'motto':null} secret | $: is not valid JSON"
            })
    void a_text_that_does_not_fit_is_a_failure_that_carries_it(String text, String message) {
        kimi.reply(text(text.replace('\'', '"')));

        TypedResponseException.Mismatch failure =
                catchThrowableOfType(TypedResponseException.Mismatch.class, () -> typed.chat("Where?", Place.class));

        assertThat(failure).hasMessageContaining(message.strip()).hasNoCause();
        assertThat(failure.getMessage()).doesNotContain("secret");
        assertThat(failure.text()).isEqualTo(text.replace('\'', '"').strip());
        assertThat(failure.requestId()).isEqualTo(failure.response().requestId());
    }

    @Test
    void a_value_that_the_record_rejects_is_a_failure_without_its_words() {
        kimi.reply(text("{\"value\":0}"));

        assertThatThrownBy(() -> typed.chat("How many?", Positive.class))
                .isInstanceOf(TypedResponseException.Mismatch.class)
                .hasMessage("The response is no Positive: $: was rejected by Positive.")
                .hasNoCause();
    }

    @Test
    void a_response_that_was_cut_is_a_failure_of_its_own() {
        kimi.reply(text("{\"value\":").finishReason("length"));

        assertThatThrownBy(() -> typed.chat("How many?", Positive.class))
                .isInstanceOfSatisfying(
                        TypedResponseException.Cut.class,
                        failure -> assertThat(failure.text()).isEqualTo("{\"value\":"));
    }

    @Test
    void a_response_that_the_model_declined_is_a_failure_of_its_own() {
        kimi.reply(text("{\"value\":1}").finishReason("content_filter"));

        assertThatThrownBy(() -> typed.chat("How many?", Positive.class))
                .isInstanceOf(TypedResponseException.Declined.class);
    }

    @Test
    void a_response_that_calls_tools_holds_no_value() {
        kimi.reply(toolCall("weather", "{}"));

        assertThatThrownBy(() -> typed.chat("How many?", Positive.class))
                .isInstanceOf(TypedResponseException.Mismatch.class)
                .hasMessageContaining("calls 1 tools");
    }

    @Test
    void a_future_has_the_value_or_the_failure() {
        kimi.reply(text("{\"value\":3}"), text("{\"value\":\"3\"}"));
        ChatRequest request = ChatRequest.of("How many?");

        assertThat(typed.chatAsync(request, Positive.class).join().value()).isEqualTo(new Positive(3));
        assertThatThrownBy(() -> typed.chatAsync(request, Positive.class).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(TypedResponseException.Mismatch.class);
    }

    @Test
    void a_future_that_is_cancelled_cancels_the_call() throws Exception {
        kimi.reply(text("").stallBeforeHeaders());
        CompletableFuture<TypedResponse<Positive>> value = typed.chatAsync(ChatRequest.of("Hi"), Positive.class);
        kimi.awaitRequests(1).get(30, TimeUnit.SECONDS);

        value.cancel(true);

        kimi.awaitAborted(1).get(30, TimeUnit.SECONDS);
    }

    @Test
    void a_type_without_a_strict_schema_is_rejected_before_anything_is_sent() {
        assertThatThrownBy(() -> typed.chat("Hi", Node.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("contains itself");
        assertThatThrownBy(() -> typed.chat("Hi", Open.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("$.any")
                .hasMessageContaining("list of records");
        assertThatThrownBy(() -> typed.chat("Hi", String.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("put it into a record");
        assertThat(kimi.requests()).isEmpty();
    }

    record Five(
            Optional<String> a,
            Optional<Integer> b,
            @Nullable Kind c,
            Optional<List<String>> d,
            Optional<Double> e) {}

    record Twenty(Five first, Six second, Seven third, Eight fourth) {}

    record Six(
            Optional<String> a,
            Optional<Integer> b,
            @Nullable Kind c,
            Optional<List<String>> d,
            Optional<Double> e) {}

    record Seven(
            Optional<String> a,
            Optional<Integer> b,
            @Nullable Kind c,
            Optional<List<String>> d,
            Optional<Double> e) {}

    record Eight(
            String name,
            Optional<String> a,
            @Description("How many") Optional<Integer> b,
            @Nullable Kind c,
            Optional<List<String>> d,
            Optional<Double> e) {}

    @Test
    void more_members_that_may_be_absent_than_services_take_as_unions_may_be_left_out() {
        String all = "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}";
        kimi.reply(text("{\"first\":" + all + ",\"second\":" + all + ",\"third\":" + all
                + ",\"fourth\":{\"name\":\"Bern\",\"a\":\"x\"}}"));

        Twenty value = typed.chat("All?", Twenty.class).value();

        assertThat(value.fourth())
                .isEqualTo(new Eight(
                        "Bern", Optional.of("x"), Optional.empty(), null, Optional.empty(), Optional.empty()));
        assertThat(kimi.requests().get(0).status()).isEqualTo(200);
        assertThat(TypedFormat.of(Twenty.class).responseFormat().schema())
                .contains("\"b\":{\"type\":\"integer\",\"description\":\"How many\"}", "\"required\":[\"name\",\"a\"]");
    }

    record Absent(
            Optional<Five> a,
            Optional<Six> b,
            Optional<Seven> c,
            Optional<Eight> d,
            Optional<String> a1,
            Optional<String> a2,
            Optional<String> a3,
            Optional<String> a4,
            Optional<String> a5,
            Optional<String> b1,
            Optional<String> b2,
            Optional<String> b3,
            Optional<String> b4,
            Optional<String> b5,
            Optional<String> c1,
            Optional<String> c2,
            Optional<String> c3,
            Optional<String> c4,
            Optional<String> c5,
            Optional<String> d1,
            Optional<String> d2) {}

    @Test
    void more_absent_members_than_any_service_takes_are_rejected_before_anything_is_sent() {
        assertThatThrownBy(() -> typed.chat("All?", Absent.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has 41 members that may be absent, of which services take 40: divide it");
        assertThat(kimi.requests()).isEmpty();
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Bus.class, name = "bus"),
        @JsonSubTypes.Type(value = Walk.class, name = "walk")
    })
    sealed interface Means {}

    record Bus(int line) implements Means {}

    record Walk(double kilometres) implements Means {}

    record Way(List<Means> means) {}

    @Test
    void a_sealed_type_says_which_of_its_kinds_it_is() {
        kimi.reply(text("{\"means\":[{\"kind\":\"bus\",\"line\":10},{\"kind\":\"walk\",\"kilometres\":0.5}]}"));

        assertThat(typed.chat("How?", Way.class).value().means()).containsExactly(new Bus(10), new Walk(0.5));
        assertThat(TypedFormat.of(Way.class).responseFormat().schema())
                .contains("\"anyOf\":", "\"enum\":[\"bus\"]", "\"required\":[\"line\",\"kind\"]");
    }

    @Test
    void the_simulator_writes_what_the_schema_asks_for() {
        assertThat(typed.chat("Where to?", Trip2.class).value().stops()).isNotEmpty();
    }

    record Trip2(Place from, List<Place> stops) {}
}
