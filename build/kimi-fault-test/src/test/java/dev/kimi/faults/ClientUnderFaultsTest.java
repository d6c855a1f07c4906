package dev.kimi.faults;

import static dev.kimi.test.Reply.events;
import static dev.kimi.test.Reply.flood;
import static dev.kimi.test.Reply.gatewayTimeout;
import static dev.kimi.test.Reply.overloaded;
import static dev.kimi.test.Reply.quotaExceeded;
import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.redirectTo;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.unavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.BatchOptions;
import dev.kimi.BatchResult;
import dev.kimi.BatchRun;
import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Tool;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.service.ServiceRequest;
import dev.kimi.test.FaultMix;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@ParameterizedClass
@EnumSource
class ClientUnderFaultsTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Parameter
    Wire wire = Wire.OPENAI_HTTP1;

    private KimiSimulator kimi;
    private KimiClient client;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
        client = builder().build();
    }

    private KimiClientBuilder builder() {
        return wire.client().baseUrl(kimi.baseUrl()).apiKey("sk-test");
    }

    @AfterEach
    void nothingIsLeft() {
        kimi.awaitIdle(SOON);
        // the last bytes after an end mark may still be on their way, which the caller does not wait for
        assertThat(Eventually.holds(SOON, () -> client.pool().exchanges() == 0))
                .as("no exchange is under way")
                .isTrue();
        assertThat(client.pool().pending()).as("waiting for a connection").isZero();
        client.close();
        kimi.awaitDisconnected(SOON);
        kimi.close();
    }

    @Test
    void chats() {
        kimi.reply(reasoning("Light scatters.").thenText("Rayleigh scattering."));
        ChatResponse response = client.chat("Why is the sky blue?");
        assertThat(response.text()).isEqualTo("Rayleigh scattering.");
        assertThat(response.reasoning()).isEqualTo("Light scatters.");
        assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(response.usage().totalTokens()).isPositive();
        assertThat(kimi.requests().get(0).protocol()).contains(wire.transport.isMultiplexed() ? "2" : "1.1");
    }

    @Test
    void streams() {
        kimi.reply(reasoning("Light scatters.").thenText("Rayleigh scattering."));
        StringBuilder text = new StringBuilder();
        StringBuilder thought = new StringBuilder();
        try (ChatStream stream = client.stream(ChatRequest.of("Why is the sky blue?"))) {
            for (ChatEvent event : stream) {
                if (event instanceof ChatEvent.Text piece) {
                    text.append(piece.value());
                } else if (event instanceof ChatEvent.Reasoning piece) {
                    thought.append(piece.value());
                }
            }
            assertThat(text).hasToString("Rayleigh scattering.");
            assertThat(thought).hasToString("Light scatters.");
            assertThat(stream.response().text()).isEqualTo("Rayleigh scattering.");
            assertThat(stream.response().usage().totalTokens()).isPositive();
        }
    }

    @Test
    void carries_reasoning_and_tool_results_back() {
        kimi.reply(reasoning("I need the weather.").thenToolCall("weather", "{\"city\":\"Beijing\"}"), text("Sunny."));
        Tool weather = Tool.function(
                "weather",
                "The weather in a city",
                "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}");
        ChatRequest first =
                ChatRequest.builder().user("Weather in Beijing?").tool(weather).build();

        ChatResponse wants = client.chat(first);
        assertThat(wants.toolCalls()).singleElement().satisfies(call -> {
            assertThat(call.name()).isEqualTo("weather");
            assertThat(call.arguments()).isEqualTo("{\"city\":\"Beijing\"}");
        });
        ChatRequest second =
                first.after(wants).toolResult(wants.toolCalls().get(0), "24 °C").build();

        assertThat(client.chat(second).text()).isEqualTo("Sunny.");
        assertThat(kimi.requests().get(1).bodyText()).contains("I need the weather.", "24 °C");
    }

    @Test
    void lists_models_and_calls_any_endpoint() {
        assertThat(client.models())
                .isNotEmpty()
                .allSatisfy(model -> assertThat(model.contextLength()).isPositive());
        String path = wire.isAnthropic() ? "/v1/messages/batches" : "/v1/users/me/balance";
        assertThat(client.exchangeAsync(ServiceRequest.get(path)).join().text())
                .contains(wire.isAnthropic() ? "has_more" : "available_balance");
    }

    @Test
    void survives_rejections_that_pass() {
        kimi.reply(unavailable(), gatewayTimeout(), text("Rayleigh scattering."));
        assertThat(client.chat("Why?").text()).isEqualTo("Rayleigh scattering.");
        assertThat(kimi.requests()).hasSize(3);
    }

    @Test
    void waits_as_long_as_the_service_asks() {
        kimi.reply(rateLimited(Duration.ofSeconds(1)), text("yes"));
        assertThat(client.chat("Why?").text()).isEqualTo("yes");
        long waited =
                kimi.requests().get(1).arrivalNanos() - kimi.requests().get(0).arrivalNanos();
        assertThat(Duration.ofNanos(waited)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void does_not_wait_an_hour() {
        kimi.reply(rateLimited(Duration.ofHours(1)));
        RateLimitException limited = catchThrowableOfType(RateLimitException.class, () -> client.chat("Why?"));
        assertThat(limited.retryAfter()).isEqualTo(Duration.ofHours(1));
        assertThat(limited.retryAt()).isNotNull();
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void does_not_retry_what_only_money_can_repair() {
        kimi.reply(quotaExceeded());
        assertThatThrownBy(() -> client.chat("Why?")).isInstanceOf(QuotaExceededException.class);
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void does_not_follow_redirects() {
        kimi.reply(redirectTo("http://127.0.0.1:" + kimi.port() + "/v1/models"));
        assertThatThrownBy(() -> client.chat("Why?")).isInstanceOf(KimiException.class);
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void a_cancel_before_headers_reaches_the_service() {
        kimi.reply(text("never").stallBeforeHeaders());
        CompletableFuture<ChatResponse> call = client.chatAsync(ChatRequest.of("Why?"));
        kimi.awaitRequests(1).join();
        call.cancel(true);
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void closing_a_stalled_stream_reaches_the_service() {
        kimi.reply(text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            stream.iterator().next();
        }
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void an_interrupt_of_a_blocked_caller_reaches_the_service() throws InterruptedException {
        kimi.reply(text("never").stallBeforeHeaders());
        AtomicReference<Throwable> ended = new AtomicReference<>();
        CountDownLatch began = new CountDownLatch(1);
        Thread caller = new Thread(() -> {
            began.countDown();
            try {
                client.chat("Why?");
            } catch (KimiException e) {
                ended.set(e);
            }
        });
        caller.start();
        began.await();
        kimi.awaitRequests(1).join();
        caller.interrupt();
        caller.join();
        assertThat(ended.get()).isInstanceOf(CallCancelledException.class);
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void a_stream_without_end_mark_is_truncated() {
        kimi.reply(text("one two three").withoutDone());
        assertThat(truncated().partial().text()).isEqualTo("one two three");
    }

    @Test
    void a_stream_that_is_cut_is_truncated() {
        kimi.reply(text("one two three four five six").cutAfterEvents(wire.eventsUntilText(3)));
        assertThat(truncated().partial().text()).startsWith("one");
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void a_half_tool_call_is_never_handed_out_as_whole() {
        kimi.otherwise(reasoning("")
                .thenToolCall("pay", "{\"amount\":1000000,\"to\":\"someone far away\"}")
                .cutAfterEvents(wire.eventsUntilText(2)));
        try (ChatStream stream = client.stream(ChatRequest.builder()
                .user("Pay")
                .tool(Tool.function("pay", "", "{\"type\":\"object\",\"properties\":{}}"))
                .build())) {
            assertThatThrownBy(() -> stream.forEach(event -> {})).isInstanceOf(TruncatedStreamException.class);
            assertThatThrownBy(stream::response).isInstanceOf(IllegalStateException.class);
        }
    }

    private TruncatedStreamException truncated() {
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            return catchThrowableOfType(TruncatedStreamException.class, () -> stream.forEach(event -> {}));
        }
    }

    @Test
    void an_error_event_in_a_200_is_tried_again() {
        kimi.reply(dev.kimi.test.Reply.errorEvent("engine_overloaded_error", "The engine is currently overloaded"));
        kimi.reply(text("yes"));
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            stream.forEach(event -> {});
            assertThat(stream.response().text()).isEqualTo("yes");
        }
        assertThat(kimi.requests()).hasSize(2);
    }

    @Test
    void an_error_event_after_content_is_what_it_says_and_is_not_tried_again() {
        kimi.otherwise(text("one two three four")
                .errorEventAfter(
                        wire.eventsUntilText(2), "engine_overloaded_error", "The engine is currently overloaded"));
        List<ChatEvent> heard = new ArrayList<>();
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            OverloadedException failure =
                    catchThrowableOfType(OverloadedException.class, () -> stream.forEach(heard::add));
            assertThat(failure.status()).isEqualTo(200);
            assertThat(failure.requestId()).matches(wire.requestId());
        }
        assertThat(heard).hasSize(2);
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void silence_within_a_stream_is_noticed() {
        client.close();
        client = builder()
                .timeouts(Timeouts.builder().idle(Duration.ofMillis(300)).build())
                .build();
        kimi.reply(text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            DeadlineExceededException silent =
                    catchThrowableOfType(DeadlineExceededException.class, () -> stream.forEach(event -> {}));
            assertThat(silent.phase()).isEqualTo(DeadlineExceededException.Phase.IDLE);
        }
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void a_consumer_that_waits_stops_the_socket() {
        long size = 71L << 20;
        kimi.reply(flood(size));
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            stream.iterator().next();
            kimi.awaitBlocked(1).join();
            assertThat(kimi.bytesSent()).isLessThan(16L << 20);
        }
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void reads_a_long_stream_to_its_end() {
        kimi.reply(events(20_000, 200));
        int[] count = new int[1];
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            stream.forEach(event -> count[0]++);
        }
        assertThat(count[0]).isGreaterThanOrEqualTo(20_000);
    }

    @Test
    void a_thousand_streams_at_once_end_well() {
        List<ChatStream> streams = new ArrayList<>();
        client.close();
        client = builder()
                .set(Part.TRANSPORT, "max-connections", "1000")
                // a thousand at once overflow the backlog of a listening socket, whose SYNs then come again
                .timeouts(Timeouts.builder().connect(Duration.ofSeconds(30)).build())
                .build();
        for (int i = 0; i < 1000; i++) {
            streams.add(client.stream(ChatRequest.of("Why " + i + "?")));
        }
        for (ChatStream stream : streams) {
            stream.forEach(event -> {});
            assertThat(stream.response().text()).isNotEmpty();
        }
    }

    @Test
    void a_bulk_run_under_faults_loses_and_doubles_nothing_and_its_window_gets_each_attempt()
            throws InterruptedException {
        kimi.faults(FaultMix.seeded(7).with(0.05, overloaded()).with(0.02, unavailable()));
        List<ChatRequest> questions = IntStream.range(0, 200)
                .mapToObj(i -> ChatRequest.of("Question " + i))
                .toList();
        List<BatchResult> results = new ArrayList<>();
        SamplingWindow window = new SamplingWindow(200);
        try (BatchRun run = client.batch(questions, BatchOptions.window(window))) {
            run.forEach(results::add);
            window.succeeded.await();
            assertThat(window.throttled)
                    .hasValue((int) run.progress().throttled())
                    .hasPositiveValue();
        }
        assertThat(window.inconsistent).isEmpty();
        assertThat(results)
                .extracting(BatchResult::index)
                .doesNotHaveDuplicates()
                .hasSize(200);
        assertThat(results).allMatch(BatchResult::succeeded);
    }

    @Test
    void closing_the_client_ends_its_streams() {
        kimi.reply(text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));
        ChatStream stream = client.stream(ChatRequest.of("Why?"));
        Iterator<ChatEvent> events = stream.iterator();
        events.next();
        client.close();
        assertThatThrownBy(() -> events.forEachRemaining(event -> {})).isInstanceOf(KimiException.class);
        kimi.awaitDisconnected(SOON);
    }

    @Test
    void a_request_says_once_what_it_accepts() {
        kimi.otherwise(text("x"));
        client.chat(ChatRequest.of("Why?"));
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            stream.forEach(event -> {});
        }
        client.exchangeAsync(ServiceRequest.get("/v1/models")).join();
        client.exchangeAsync(ServiceRequest.get("/v1/models").header("Accept", "text/csv"))
                .handle((response, failure) -> failure)
                .join();

        assertThat(kimi.requests())
                .extracting(request -> request.headers("accept"))
                .containsExactly(
                        List.of("application/json"),
                        List.of("text/event-stream"),
                        List.of("application/json"),
                        List.of("text/csv"));
    }
}
