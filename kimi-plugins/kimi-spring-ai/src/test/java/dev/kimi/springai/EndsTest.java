package dev.kimi.springai;

import static dev.kimi.test.Reply.contentFiltered;
import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.metadata.RateLimit;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.prompt.Prompt;

/** How a response can end, whole and streamed. */
@Timeout(60)
class EndsTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private static final String SEARCH = "{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_01\",\"name\":\"web_search\","
            + "\"input\":{\"query\":\"Bern\"}}";

    private final KimiSimulator simulator = EXTENSION.simulator();
    private final KimiClient kimi =
            EXTENSION.track(Service.KIMI.client(simulator).build());
    private final KimiClient claude =
            EXTENSION.track(Service.CLAUDE.client(simulator).build());

    @AfterEach
    void close() {
        kimi.close();
        claude.close();
    }

    private ChatResponse run(Service service, Prompt prompt, boolean streamed) {
        KimiChatModel model =
                KimiChatModel.builder(service == Service.KIMI ? kimi : claude).build();
        return streamed ? Objects.requireNonNull(model.stream(prompt).blockLast()) : model.call(prompt);
    }

    private static String reason(ChatResponse response) {
        return Objects.requireNonNull(response.getResult()).getMetadata().getFinishReason();
    }

    @ParameterizedTest
    @CsvSource({"KIMI, false", "KIMI, true", "CLAUDE, false", "CLAUDE, true"})
    void a_response_that_was_withheld_says_so_and_reports_no_tools(Service service, boolean streamed) {
        simulator.reply(text("I look.")
                .thenToolCall("weather", "{}")
                .finishReason(service == Service.KIMI ? "content_filter" : "refusal"));

        ChatResponse response = run(service, new Prompt("?"), streamed);

        assertThat(reason(response)).isEqualTo("CONTENT_FILTER");
        assertThat(response.hasToolCalls()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void claudes_reason_to_decline_is_in_the_metadata(boolean streamed) {
        simulator.reply(text("I would rather not.").thenRefusal("bio", "This is about pathogens."));

        ChatResponse response = run(Service.CLAUDE, new Prompt("?"), streamed);

        assertThat(reason(response)).isEqualTo("CONTENT_FILTER");
        assertThat(response.getMetadata().<String>get("stop_reason")).isEqualTo("refusal");
        assertThat(response.getMetadata().<Object>get("stop_details").toString())
                .contains("bio");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_prompt_that_kimi_rejects_for_its_content_fails(boolean streamed) {
        simulator.otherwise(contentFiltered());

        assertThatThrownBy(() -> run(Service.KIMI, new Prompt("?"), streamed))
                .isInstanceOf(ContentFilteredException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_turn_that_claude_paused_goes_on_when_it_is_sent_back(boolean streamed) {
        simulator.reply(
                reasoning("Let me look.").thenText("Looking.").thenBlock(SEARCH).finishReason("pause_turn"),
                text("The capital."));
        KimiChatModel model = KimiChatModel.builder(claude).build();
        UserMessage question = new UserMessage("What is Bern?");

        ChatResponse paused = streamed ? aggregated(model, question) : model.call(new Prompt(question));
        ChatResponse end = run(
                Service.CLAUDE, new Prompt(List.of(question, paused.getResult().getOutput())), streamed);

        assertThat(reason(paused)).isEqualTo("PAUSE_TURN");
        assertThat(reason(end)).isEqualTo("STOP");
        assertThat(simulator.requests()).extracting(ReceivedRequest::status).containsOnly(200);
        assertThat(simulator.requests().get(1).bodyText()).contains("\"signature\":", SEARCH + "]}]");
    }

    private static ChatResponse aggregated(KimiChatModel model, UserMessage question) {
        ChatResponse[] whole = new ChatResponse[1];
        new MessageAggregator()
                .aggregate(model.stream(new Prompt(question)), each -> whole[0] = each)
                .blockLast();
        return whole[0];
    }

    @ParameterizedTest
    @CsvSource({
        "KIMI, false, x-ratelimit-limit-requests, x-ratelimit-remaining-tokens",
        "KIMI, true, x-ratelimit-limit-requests, x-ratelimit-remaining-tokens",
        "CLAUDE, false, anthropic-ratelimit-requests-limit, anthropic-ratelimit-tokens-remaining",
        "CLAUDE, true, anthropic-ratelimit-requests-limit, anthropic-ratelimit-tokens-remaining"
    })
    void rate_limits_are_those_of_the_headers(Service service, boolean streamed, String requests, String tokens) {
        simulator.reply(text("Yes.").header(requests, "500").header(tokens, "9000"));

        RateLimit limits = run(service, new Prompt("?"), streamed).getMetadata().getRateLimit();

        assertThat(limits.getRequestsLimit()).isEqualTo(500);
        assertThat(limits.getTokensRemaining()).isEqualTo(9000);
    }

    @ParameterizedTest
    @CsvSource({"KIMI, length", "CLAUDE, max_tokens"})
    void a_stream_that_was_cut_reports_no_tools(Service service, String reason) {
        simulator.reply(toolCall("weather", "{\"city\":\"Bern\"}").finishReason(reason));

        ChatResponse end = run(service, new Prompt("Where?"), true);

        assertThat(end.hasToolCalls()).isFalse();
        assertThat(reason(end)).isEqualTo("LENGTH");
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_response_without_text_has_empty_text(Service service) {
        simulator.reply(Reply.text(""));

        assertThat(run(service, new Prompt("?"), false).getResult().getOutput().getText())
                .isEmpty();
    }
}
