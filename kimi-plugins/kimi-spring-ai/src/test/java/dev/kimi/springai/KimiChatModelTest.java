package dev.kimi.springai;

import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.chat.Tool;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.metadata.EmptyRateLimit;
import org.springframework.ai.chat.metadata.RateLimit;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.util.MimeTypeUtils;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

@Timeout(60)
class KimiChatModelTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

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

    private KimiChatModel model(Service service) {
        return KimiChatModel.builder(service == Service.KIMI ? kimi : claude).build();
    }

    private ReceivedRequest last() {
        return simulator.requests().get(simulator.requests().size() - 1);
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_call_gives_text_and_usage_with_the_tokens_of_the_cache(Service service) {
        simulator.reply(text("Blue.").usage(100, 20, 64));

        ChatResponse response = model(service).call(new Prompt("Why?"));

        assertThat(response.getResult().getOutput().getText()).isEqualTo("Blue.");
        assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
        assertThat(response.getMetadata().getModel()).isEqualTo(service.model());
        assertThat(response.getMetadata().getId()).isNotEmpty();
        Usage usage = response.getMetadata().getUsage();
        assertThat(usage.getPromptTokens()).isEqualTo(100);
        assertThat(usage.getCompletionTokens()).isEqualTo(20);
        assertThat(usage.getTotalTokens()).isEqualTo(120);
        assertThat(usage.getCacheReadInputTokens()).isEqualTo(64);
        assertThat(usage.getCacheWriteInputTokens()).isZero();
        assertThat(usage.getNativeUsage()).isInstanceOf(dev.kimi.chat.Usage.class);
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_stream_gives_pieces_and_then_the_rest(Service service) {
        simulator.reply(text("The sky is blue since the air scatters light.").usage(100, 20, 64));

        List<ChatResponse> pieces =
                model(service).stream(new Prompt("Why?")).collectList().block();

        assertThat(pieces).hasSizeGreaterThan(2);
        assertThat(String.join(
                        "",
                        pieces.stream()
                                .map(piece -> piece.getResult().getOutput().getText())
                                .toList()))
                .isEqualTo("The sky is blue since the air scatters light.");
        ChatResponse end = pieces.get(pieces.size() - 1);
        assertThat(end.getResult().getOutput().getText()).isEmpty();
        assertThat(end.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
        assertThat(end.getMetadata().getUsage().getTotalTokens()).isEqualTo(120);
        assertThat(end.getMetadata().getUsage().getCacheReadInputTokens()).isEqualTo(64);
        assertThat(end.getMetadata().getModel()).isEqualTo(service.model());
    }

    @Test
    void reasoning_is_in_the_metadata_and_not_in_the_text() {
        simulator.reply(
                reasoning("Light scatters.").thenText("Blue."),
                reasoning("It does.").thenText("Yes."));

        AssistantMessage whole =
                model(Service.KIMI).call(new Prompt("Why?")).getResult().getOutput();
        List<ChatResponse> pieces =
                model(Service.KIMI).stream(new Prompt("Sure?")).collectList().block();

        assertThat(whole.getText()).isEqualTo("Blue.");
        assertThat(whole.getMetadata()).containsEntry(KimiChatModel.REASONING, "Light scatters.");
        assertThat(pieces.get(0).getResult().getOutput().getMetadata()).containsKey(KimiChatModel.REASONING);
        assertThat(pieces.get(pieces.size() - 1).getResult().getOutput().getMetadata())
                .containsEntry(KimiChatModel.REASONING, "It does.");
    }

    @Test
    void rate_limits_are_those_of_the_headers() {
        simulator.reply(
                text("Yes.")
                        .header("x-ratelimit-limit-requests", "500")
                        .header("x-ratelimit-remaining-requests", "499")
                        .header("x-ratelimit-reset-requests", "1m30s")
                        .header("x-ratelimit-remaining-tokens", "9000"),
                text("No."));

        RateLimit limits =
                model(Service.KIMI).call(new Prompt("?")).getMetadata().getRateLimit();

        assertThat(limits.getRequestsLimit()).isEqualTo(500);
        assertThat(limits.getRequestsRemaining()).isEqualTo(499);
        assertThat(limits.getRequestsReset()).isEqualTo(Duration.ofSeconds(90));
        assertThat(limits.getTokensRemaining()).isEqualTo(9000);
        assertThat(limits.getTokensLimit()).isZero();
        assertThat(model(Service.KIMI).call(new Prompt("?")).getMetadata().getRateLimit())
                .isInstanceOf(EmptyRateLimit.class);
    }

    @Test
    void portable_options_and_those_of_requests_are_sent() {
        KimiChatModel model = KimiChatModel.builder(kimi)
                .options(KimiChatOptions.builder()
                        .maxTokens(500)
                        .request(request -> request.reasoningEffort("low"))
                        .build())
                .build();
        simulator.reply(text("Yes."));

        model.call(new Prompt(
                List.of(new SystemMessage("Be short."), new UserMessage("Is it?")),
                ChatOptions.builder().stopSequences(List.of("END")).build()));

        assertThat(last().body())
                .containsEntry("model", "kimi-k3")
                .containsEntry("max_completion_tokens", 500)
                .containsEntry("reasoning_effort", "low")
                .containsEntry("stop", List.of("END"));
        assertThat(Service.turns(last(), "system")).hasSize(1);
    }

    @Test
    void a_prompt_chooses_another_model() {
        simulator.reply(text("Yes."));

        model(Service.KIMI)
                .call(new Prompt("?", ChatOptions.builder().model("kimi-k2.6").build()));

        assertThat(last().body()).containsEntry("model", "kimi-k2.6");
        assertThat(model(Service.KIMI).getOptions().getModel()).isEqualTo("kimi-k3");
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void images_are_sent_and_other_media_are_rejected(Service service) {
        simulator.reply(text("A cat."));
        Media image = Media.builder()
                .mimeType(MimeTypeUtils.IMAGE_PNG)
                .data(new byte[] {1, 2, 3})
                .build();
        Media text = Media.builder()
                .mimeType(MimeTypeUtils.TEXT_PLAIN)
                .data(new byte[] {1})
                .build();

        model(service)
                .call(new Prompt(
                        UserMessage.builder().text("What is it?").media(image).build()));

        assertThat(last().bodyText()).contains("image/png").contains("AQID");
        assertThatThrownBy(() -> model(service)
                        .call(new Prompt(UserMessage.builder()
                                .text("And this?")
                                .media(text)
                                .build())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("media of type text/plain cannot be sent: only images can");
        assertThat(simulator.requests()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void failures_are_those_of_the_client(Service service) {
        simulator.otherwise(rateLimited(Duration.ofHours(1)));

        assertThatThrownBy(() -> model(service).call(new Prompt("?")))
                .isInstanceOfSatisfying(
                        RateLimitException.class,
                        failure -> assertThat(failure.retryAt()).isNotNull());
        assertThatThrownBy(() -> model(service).stream(new Prompt("?")).blockLast())
                .isInstanceOf(RateLimitException.class);
    }

    @Test
    void a_stream_that_is_cut_fails_with_what_had_arrived() {
        simulator.reply(text("The sky is blue since the air scatters light.").cutAfterEvents(4));

        assertThatThrownBy(() -> model(Service.KIMI).stream(new Prompt("Why?")).blockLast())
                .isInstanceOfSatisfying(
                        TruncatedStreamException.class,
                        failure -> assertThat(failure.partial().text()).startsWith("The"));
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void a_stream_that_is_disposed_of_aborts_the_exchange(Service service) throws Exception {
        simulator.reply(text("The sky is blue since the air scatters light.").stallAfterEvents(6));
        CountDownLatch arrived = new CountDownLatch(1);

        Disposable stream = model(service).stream(new Prompt("Why?")).subscribe(piece -> arrived.countDown());
        arrived.await();
        stream.dispose();

        simulator.awaitAborted(1).get();
        assertThat(simulator.requests()).hasSize(1);
    }

    @Test
    void no_more_events_are_requested_than_pieces_are() throws Exception {
        simulator.reply(Reply.flood(64L << 20));
        List<Long> requested = Collections.synchronizedList(new ArrayList<>());
        KimiChatModel model =
                KimiChatModel.builder(RecordedDemand.of(kimi, requested)).build();
        CountDownLatch three = new CountDownLatch(3);
        BaseSubscriber<ChatResponse> slow = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnNext(ChatResponse piece) {
                three.countDown();
                if (three.getCount() > 0) {
                    request(1);
                }
            }
        };

        model.stream(new Prompt("All of it.")).subscribe(slow);
        three.await();

        assertThat(requested).containsOnly(1L);
        slow.cancel();
        simulator.awaitAborted(1).get();
    }

    @Test
    void a_stream_that_nobody_reads_stops_at_the_service_and_can_be_cancelled() throws Exception {
        simulator.reply(Reply.flood(64L << 20));
        BaseSubscriber<ChatResponse> idle = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}
        };

        model(Service.KIMI).stream(new Prompt("All of it.")).subscribe(idle);
        simulator.awaitBlocked(1).get();
        idle.cancel();

        simulator.awaitAborted(1).get();
        assertThat(simulator.bytesSent()).isLessThan(64L << 20);
    }

    @Test
    void on_a_thread_that_must_not_wait_only_a_stream_calls() {
        simulator.reply(text("Yes."));
        KimiChatModel model = model(Service.KIMI);

        assertThatThrownBy(() -> Mono.fromSupplier(() -> model.call("Is it?"))
                        .subscribeOn(Schedulers.parallel())
                        .block())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("event loop thread 'parallel-");
        ChatResponse last = model.stream(new Prompt("Is it?"))
                .subscribeOn(Schedulers.parallel())
                .blockLast();

        assertThat(last.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
        assertThat(simulator.requests()).hasSize(1);
    }

    @Test
    void an_image_of_the_service_is_sent_by_its_address() {
        simulator.reply(text("A cat."));

        model(Service.KIMI)
                .call(new Prompt(UserMessage.builder()
                        .text("What is it?")
                        .media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("ms://file-1")))
                        .build()));

        assertThat(last().bodyText()).contains("\"url\":\"ms://file-1\"");
    }

    @Test
    void each_subscription_is_a_call() {
        simulator.reply(text("One."), text("Two."));
        var stream = model(Service.KIMI).stream(new Prompt("?"));
        assertThat(simulator.requests()).isEmpty();

        stream.blockLast();
        stream.blockLast();

        assertThat(simulator.requests()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void tools_of_a_response_that_was_cut_are_not_reported(Service service) {
        simulator.reply(
                toolCall("weather", "{\"city\":\"Bern\"}")
                        .finishReason(service == Service.KIMI ? "length" : "max_tokens"),
                text("Rain."));

        ChatResponse cut = model(service).call(new Prompt("Where?"));

        assertThat(cut.hasToolCalls()).isFalse();
        assertThat(cut.getResult().getMetadata().getFinishReason()).isEqualTo("LENGTH");
    }

    @Test
    void a_choice_that_forces_a_tool_holds_until_there_is_a_result() {
        KimiChatModel model = KimiChatModel.builder(kimi)
                .options(KimiChatOptions.builder()
                        .model("kimi-k2.6")
                        .request(request -> request.thinking(false)
                                .tool(Tool.function("now", "The time", "{\"type\":\"object\",\"properties\":{}}"))
                                .toolChoice(Tool.Choice.REQUIRED))
                        .build())
                .build();
        simulator.reply(toolCall("now", "{}"), text("Noon."));

        AssistantMessage call =
                model.call(new Prompt("What time is it?")).getResult().getOutput();
        model.call(new Prompt(List.of(
                new UserMessage("What time is it?"),
                call,
                ToolResponseMessage.builder()
                        .responses(List.of(new ToolResponseMessage.ToolResponse(
                                call.getToolCalls().get(0).id(), "now", "12:00")))
                        .build())));

        assertThat(simulator.requests())
                .extracting(request -> request.body().get("tool_choice"))
                .containsExactly("required", "auto");
        assertThat(simulator.requests())
                .extracting(request -> ((List<?>) request.body().get("tools")).size())
                .containsExactly(1, 1);
    }

    @Test
    void penalties_and_top_k_go_to_the_protocol_that_has_them() {
        KimiChatOptions options = KimiChatOptions.builder()
                .topK(40)
                .frequencyPenalty(0.0)
                .presencePenalty(0.0)
                .build();

        assertThat(Requests.of(new Prompt("?"), options, kimi).extra("anthropic"))
                .isEqualTo(Map.of("top_k", 40));
        assertThat(Requests.of(new Prompt("?"), options, kimi).extra("openai"))
                .isEqualTo(Map.of("frequency_penalty", 0.0, "presence_penalty", 0.0));
    }
}
