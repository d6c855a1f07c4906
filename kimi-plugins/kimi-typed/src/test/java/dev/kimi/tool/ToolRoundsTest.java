package dev.kimi.tool;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.schema.Description;
import dev.kimi.simulated.Service;
import dev.kimi.test.FakeKimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.kimi.time.VirtualTime;
import dev.kimi.typed.TypedResponse;
import dev.kimi.typed.TypedResponseException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@ParameterizedClass(name = "{0}")
@EnumSource(Service.class)
class ToolRoundsTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator kimi = EXTENSION.simulator();
    private final Service service;
    private final KimiClient client;
    private final VirtualTime time = EXTENSION.track(new VirtualTime());
    private final List<ToolLoopEvent> events = new ArrayList<>();
    private final CompletableFuture<Thread> stuck = new CompletableFuture<>();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    record City(String name) {}

    static class Weather {
        @ToolMethod("The weather of a city on a day")
        String weather(@Description("Such as Paris") String city, Optional<LocalDate> day) {
            return "rain in " + city + day.map(date -> " on " + date).orElse("");
        }

        @ToolMethod(value = "Fails", name = "broken")
        void fails() {
            throw new IllegalStateException("jdbc://secret");
        }

        @ToolMethod("All cities")
        List<City> cities() {
            return List.of(new City("Bern"));
        }
    }

    private final Tools tools = Tools.builder()
            .methodsOf(new Weather())
            .function("choosy", "Takes Bern only", City.class, city -> {
                throw new IllegalArgumentException("Only Bern is known.");
            })
            .function("stuck", "Never ends", City.class, city -> waitForInterrupt())
            .build();

    private ToolLoop loop;

    ToolRoundsTest(Service service) {
        this.service = service;
        this.client = EXTENSION.track(service.client(kimi));
        this.loop = loop(20);
    }

    private ToolLoop loop(int rounds) {
        return ToolLoop.builder(client)
                .tools(tools)
                .maxRounds(rounds)
                .time(time)
                .observer(events::add)
                .build();
    }

    private String waitForInterrupt() throws InterruptedException {
        stuck.complete(Thread.currentThread());
        try {
            new CountDownLatch(1).await();
            return "never";
        } finally {
            interrupted.countDown();
        }
    }

    @AfterEach
    void close() {
        loop.close();
        client.close();
    }

    private ToolLoopResult run(boolean streamed) {
        ChatRequest request = ChatRequest.of("Where does it rain?");
        if (!streamed) {
            return loop.run(request);
        }
        try (ToolLoopStream stream = loop.stream(request)) {
            stream.forEach(event -> {});
            return stream.result();
        }
    }

    private ReceivedRequest last() {
        return kimi.requests().get(kimi.requests().size() - 1);
    }

    private List<Object> results() {
        return service.results(last());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void results_go_back_in_the_order_of_the_calls_with_the_reasoning(boolean streamed) {
        kimi.reply(
                reasoning("Let me see.")
                        .thenToolCall("weather", "{\"city\":\"Rome\",\"day\":\"2026-11-27\"}")
                        .thenToolCall("cities", "{}"),
                toolCall("weather", "{\"city\":\"Oslo\",\"day\":null}"),
                text("Take an umbrella."));

        ToolLoopResult result = run(streamed);

        assertThat(result.text()).isEqualTo("Take an umbrella.");
        assertThat(result.rounds()).isEqualTo(3);
        assertThat(results()).containsExactly("rain in Rome on 2026-11-27", "[{\"name\":\"Bern\"}]", "rain in Oslo");
        assertThat(service.reasoning(last()).get(0)).isEqualTo(service == Service.CLAUDE ? "" : "Let me see.");
        assertThat(kimi.requests()).extracting(request -> request.status()).containsOnly(200);
        assertThat(result.conversation().messages()).hasSize(7);
    }

    @Test
    void usage_is_summed_over_rounds() {
        kimi.reply(toolCall("cities", "{}").usage(10, 5, 2), text("Bern.").usage(20, 7, 3));

        Usage usage = run(false).usage();

        assertThat(usage.promptTokens()).isEqualTo(30);
        assertThat(usage.completionTokens()).isEqualTo(12);
        assertThat(usage.cachedTokens()).isEqualTo(5);
    }

    @Test
    void what_goes_wrong_in_a_tool_goes_to_the_model_without_foreign_words() {
        kimi.reply(
                toolCall("broken", "{}")
                        .thenToolCall("choosy", "{\"name\":\"Rome\"}")
                        .thenToolCall("made_up", "{}")
                        .thenToolCall("weather", "{\"city\":7,\"day\":null}")
                        .thenToolCall("weather", "{}"),
                text("Sorry."));

        run(false);

        assertThat(results())
                .containsExactly(
                        "Error: The tool failed (IllegalStateException).",
                        "Error: Only Bern is known.",
                        "Error: There is no such tool. The tools are: broken, cities, weather, choosy, stuck",
                        "Error: Invalid arguments: $.city: is missing or cannot be read as String.",
                        "Error: Invalid arguments: $.city: must not be missing or null.");
        assertThat(events)
                .filteredOn(ToolLoopEvent.ToolEnded.class::isInstance)
                .allSatisfy(event -> assertThat(
                                ((ToolLoopEvent.ToolEnded) event).result().error())
                        .isTrue());
    }

    @Test
    void tools_of_one_response_run_at_the_same_time() {
        CyclicBarrier both = new CyclicBarrier(2);
        Tools meeting = Tools.builder()
                .function("meet", "", City.class, city -> both.await(30, TimeUnit.SECONDS) >= 0 ? city.name() : "")
                .build();
        kimi.reply(toolCall("meet", "{\"name\":\"a\"}").thenToolCall("meet", "{\"name\":\"b\"}"), text("Met."));

        try (ToolLoop two = ToolLoop.builder(client).tools(meeting).build()) {
            two.run(ChatRequest.of("Meet."));
        }

        assertThat(results()).containsExactly("a", "b");
    }

    @Test
    void a_tool_that_takes_too_long_is_interrupted_and_the_model_notified() throws Exception {
        kimi.reply(toolCall("stuck", "{\"name\":\"a\"}"), text("Never mind."));
        CompletableFuture<ToolLoopResult> result = loop.runAsync(ChatRequest.of("Wait."));
        stuck.get(30, TimeUnit.SECONDS);

        time.advance(Duration.ofSeconds(60));

        assertThat(result.get(30, TimeUnit.SECONDS).text()).isEqualTo("Never mind.");
        interrupted.await();
        assertThat(results()).containsExactly("Error: The tool took longer than 60000 ms and was stopped.");
    }

    @Test
    void a_tool_has_a_timeout_of_its_own() throws Exception {
        Tools impatient = Tools.builder()
                .function("stuck", "", City.class, city -> waitForInterrupt())
                .timeout("stuck", Duration.ofSeconds(5))
                .build();
        kimi.reply(toolCall("stuck", "{\"name\":\"a\"}"), text("Never mind."));
        try (ToolLoop held =
                ToolLoop.builder(client).tools(impatient).time(time).build()) {
            CompletableFuture<ToolLoopResult> result = held.runAsync(ChatRequest.of("Wait."));
            stuck.get(30, TimeUnit.SECONDS);

            time.advance(Duration.ofSeconds(5));

            assertThat(result.get(30, TimeUnit.SECONDS).text()).isEqualTo("Never mind.");
        }
        interrupted.await();
        assertThat(results()).containsExactly("Error: The tool took longer than 5000 ms and was stopped.");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_response_that_was_cut_ends_the_loop_and_runs_no_tools(boolean streamed) {
        kimi.reply(toolCall("stuck", "{\"name\":\"a\"}").finishReason("length"));

        ToolLoopResult result = run(streamed);

        assertThat(result.response().finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(result.conversation().messages()).hasSize(1);
        assertThat(stuck).isNotDone();
    }

    @Test
    void a_future_has_the_value_after_all_rounds_or_the_failure() {
        kimi.reply(toolCall("cities", "{}"), text("{\"name\":\"Bern\"}"), text("Bern."));
        ChatRequest request = ChatRequest.of("Where?");

        assertThat(loop.runAsync(request, City.class).join().value()).isEqualTo(new City("Bern"));
        assertThatThrownBy(() -> loop.runAsync(request, City.class).join())
                .hasCauseInstanceOf(TypedResponseException.Mismatch.class);
    }

    @Test
    void cancelling_the_future_of_a_value_cancels_the_call() throws Exception {
        kimi.reply(text("").stallBeforeHeaders());
        CompletableFuture<TypedResponse<City>> value = loop.runAsync(ChatRequest.of("Where?"), City.class);
        kimi.awaitRequests(1).get(30, TimeUnit.SECONDS);

        value.cancel(true);

        kimi.awaitAborted(1).get(30, TimeUnit.SECONDS);
        assertThat(time.pending()).isZero();
    }

    @Test
    void the_last_round_runs_no_tools_and_says_so() {
        loop.close();
        loop = loop(2);
        kimi.reply(toolCall("cities", "{}"), toolCall("stuck", "{\"name\":\"a\"}"));

        ToolLoopException.RoundsExhausted failure =
                catchThrowableOfType(ToolLoopException.RoundsExhausted.class, () -> run(false));

        assertThat(failure).hasMessageContaining("2 rounds");
        assertThat(failure.rounds()).isEqualTo(2);
        assertThat(failure.conversation()).isNotNull();
        assertThat(stuck).isNotDone();
    }

    @Test
    void the_deadline_of_the_loop_stops_tools_and_carries_the_conversation() throws Exception {
        loop.close();
        loop = ToolLoop.builder(client)
                .tools(tools)
                .time(time)
                .deadline(Duration.ofSeconds(5))
                .build();
        kimi.reply(toolCall("stuck", "{\"name\":\"a\"}"));
        CompletableFuture<ToolLoopResult> result = loop.runAsync(ChatRequest.of("Wait."));
        stuck.get(30, TimeUnit.SECONDS);

        time.advance(Duration.ofSeconds(5));

        interrupted.await();
        assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ToolLoopException.TimedOut.class)
                .hasMessageContaining("5000 ms");
    }

    @Test
    void cancelling_the_future_cancels_the_call() throws Exception {
        kimi.reply(text("").stallBeforeHeaders());
        CompletableFuture<ToolLoopResult> result = loop.runAsync(ChatRequest.of("Hi"));
        kimi.awaitRequests(1).get(30, TimeUnit.SECONDS);

        result.cancel(true);

        kimi.awaitAborted(1).get(30, TimeUnit.SECONDS);
        assertThat(time.pending()).isZero();
    }

    @Test
    void closing_the_loop_interrupts_tools_and_fails_the_run() throws Exception {
        kimi.reply(toolCall("stuck", "{\"name\":\"a\"}"));
        CompletableFuture<ToolLoopResult> result = loop.runAsync(ChatRequest.of("Wait."));
        stuck.get(30, TimeUnit.SECONDS);

        loop.close();

        interrupted.await();
        assertThat(result)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(CallCancelledException.class);
        assertThatThrownBy(() -> loop.run(ChatRequest.of("Hi"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_stream_has_the_events_of_all_rounds_in_order() {
        kimi.reply(toolCall("cities", "{}"), text("Bern."));
        List<String> seen = new ArrayList<>();

        try (ToolLoopStream stream = loop.stream(ChatRequest.of("Where?"))) {
            for (ToolLoopEvent event : stream) {
                if (!(event instanceof ToolLoopEvent.Chat chat)) {
                    seen.add(event.round() + event.getClass().getSimpleName());
                } else if (chat.event() instanceof ChatEvent.Text text) {
                    seen.add(text.value());
                }
            }
        }

        assertThat(String.join(" ", seen))
                .matches("1RoundStarted 1RoundEnded 1ToolStarted 1ToolEnded 2RoundStarted .*n\\. 2RoundEnded");
    }

    @Test
    void closing_a_stream_interrupts_tools_and_ends_its_iteration() throws Exception {
        kimi.reply(toolCall("stuck", "{\"name\":\"a\"}"));
        ToolLoopStream stream = loop.stream(ChatRequest.of("Wait."));
        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> stream.forEach(event -> {}));
        stuck.get(30, TimeUnit.SECONDS);

        stream.close();

        interrupted.await();
        assertThat(reading)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(CallCancelledException.class);
        assertThat(time.pending()).isZero();
    }

    @Test
    void closing_a_stream_in_the_middle_of_a_response_cancels_the_call() throws Exception {
        kimi.reply(text("one two three four").stallAfterEvents(6));

        try (ToolLoopStream stream = loop.stream(ChatRequest.of("Count."))) {
            Iterator<ToolLoopEvent> events = stream.iterator();
            while (!(events.next() instanceof ToolLoopEvent.Chat)) {
                assertThat(events).hasNext();
            }
        }

        kimi.awaitAborted(1).get(30, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_an_observer_throws_ends_the_run(boolean streamed) {
        loop.close();
        loop = ToolLoop.builder(client)
                .tools(tools)
                .time(time)
                .observer(event -> {
                    throw new UnsupportedOperationException("observer");
                })
                .build();

        assertThatThrownBy(() -> run(streamed)).isInstanceOf(UnsupportedOperationException.class);
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_tool_that_ends_after_the_run_was_cancelled_begins_no_further_call() throws Exception {
        CompletableFuture<String> later = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        Tools slow = Tools.builder()
                .function("slow", "", City.class, city -> {
                    begun.countDown();
                    return later.minimalCompletionStage();
                })
                .build();
        kimi.reply(toolCall("slow", "{\"name\":\"a\"}"));
        try (ToolLoop held = ToolLoop.builder(client).tools(slow).time(time).build()) {
            CompletableFuture<ToolLoopResult> result = held.runAsync(ChatRequest.of("Go."));
            begun.await();

            result.cancel(true);
            later.complete("late");
        }

        assertThat(kimi.requests()).hasSize(1);
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_run_that_is_cancelled_while_a_call_is_made_runs_no_tools() {
        FakeKimiClient fake = new FakeKimiClient();
        ToolLoop faked = ToolLoop.builder(fake)
                .tools(tools)
                .time(time)
                .executor(Runnable::run)
                .build();
        fake.reply(request -> calling("cities", "{}"));
        fake.reply(request -> {
            faked.close();
            return calling("stuck", "{\"name\":\"a\"}");
        });

        CompletableFuture<ToolLoopResult> result = faked.runAsync(ChatRequest.of("Go."));

        assertThatThrownBy(result::join).hasCauseInstanceOf(CallCancelledException.class);
        assertThat(fake.requests()).hasSize(2);
        assertThat(stuck).isNotDone();
        assertThat(time.pending()).isZero();
    }

    private static ChatResponse calling(String tool, String arguments) {
        Message message = Message.assistant("", null, List.of(new ToolCall("id", tool, arguments)));
        return ChatResponse.builder(message)
                .finishReason(FinishReason.TOOL_CALLS)
                .build();
    }

    @Test
    void a_tool_may_give_an_image_or_a_stage() {
        Tools drawing = Tools.builder()
                .function("draw", "", City.class, city -> ContentPart.image("image/png", new byte[] {1}))
                .function("later", "", City.class, CompletableFuture::completedFuture)
                .build();
        kimi.reply(toolCall("draw", "{\"name\":\"a\"}").thenToolCall("later", "{\"name\":\"b\"}"), text("Nice."));

        try (ToolLoop drawn = ToolLoop.builder(client).tools(drawing).build()) {
            drawn.run(ChatRequest.of("Draw."));
        }

        assertThat(results().get(0).toString()).contains(service.isMessages() ? "base64" : "image_url");
        assertThat(results().get(1)).isEqualTo("{\"name\":\"b\"}");
    }

    @Test
    void a_tool_choice_holds_for_the_first_round() {
        kimi.reply(toolCall("cities", "{}"), text("Bern."));

        loop.run(ChatRequest.builder()
                .user("Where?")
                .thinking(false)
                .model(service.forced())
                .toolChoice(Tool.Choice.REQUIRED)
                .build());

        assertThat(kimi.requests().get(0).body())
                .containsEntry("tool_choice", service.isMessages() ? Map.of("type", "any") : "required");
        assertThat(kimi.requests().get(1).body())
                .containsEntry("tool_choice", service.isMessages() ? Map.of("type", "auto") : "auto");
    }

    @Test
    void a_call_that_the_model_makes_of_the_schema_fits() {
        Tools sizes = Tools.builder()
                .function("size", "", City.class, city -> city.name().length() > 0)
                .build();
        try (ToolLoop loop = ToolLoop.builder(client).tools(sizes).build()) {
            loop.run(ChatRequest.builder()
                    .user("How large?")
                    .thinking(false)
                    .model(service.forced())
                    .toolChoice(Tool.Choice.named("size"))
                    .build());
        }

        assertThat(results()).containsExactly("true");
    }

    @Test
    void a_service_s_own_tool_gets_its_arguments_back() {
        kimi.reply(toolCall("$web_search", "{\"search_result\":{\"id\":1}}"), text("Found."));
        ChatRequest request = ChatRequest.builder()
                .user("Look.")
                .tool(Tool.builtin("$web_search"))
                .build();

        if (service.isMessages()) {
            assertThatThrownBy(() -> loop.run(request)).isInstanceOf(InvalidRequestException.class);
            return;
        }
        loop.run(request);

        assertThat(results()).containsExactly("{\"search_result\":{\"id\":1}}");
    }

    @Test
    void a_subscriber_gets_no_more_than_it_asked_for() {
        kimi.reply(toolCall("cities", "{}"), text("Bern."));
        List<ToolLoopEvent> got = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Void> ended = new CompletableFuture<>();
        CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
        Semaphore arrived = new Semaphore(0);
        try (ToolLoopStream stream = loop.stream(ChatRequest.of("Where?"))) {
            stream.subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscribed.complete(subscription);
                }

                @Override
                public void onNext(ToolLoopEvent event) {
                    got.add(event);
                    arrived.release();
                }

                @Override
                public void onError(Throwable failure) {
                    ended.completeExceptionally(failure);
                }

                @Override
                public void onComplete() {
                    ended.complete(null);
                }
            });
            for (int i = 1; !ended.isDone() && i < 5; i++) {
                subscribed.join().request(1);
                arrived.acquireUninterruptibly();
                assertThat(got).hasSize(i);
            }
            subscribed.join().request(Long.MAX_VALUE);
            ended.join();
            assertThat(stream.result().text()).isEqualTo("Bern.");
        }
    }

    @Test
    void a_stream_that_is_never_used_sends_nothing() {
        loop.stream(ChatRequest.of("Hi")).close();

        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void a_tool_of_the_request_that_nothing_runs_is_rejected_before_anything_is_sent() {
        ChatRequest request = ChatRequest.builder()
                .user("Hi")
                .tool(Tool.function("other", "", "{\"type\":\"object\",\"properties\":{}}"))
                .build();

        assertThatThrownBy(() -> loop.run(request))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'other'");
        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void a_conversation_goes_on_with_the_same_tools_and_ends_in_a_value() {
        kimi.reply(text("Hello."), toolCall("cities", "{}"), text("{\"name\":\"Bern\"}"));
        ChatRequest next = loop.run(ChatRequest.of("Hi")).conversation().toBuilder()
                .user("Where?")
                .build();

        assertThat(loop.run(next, City.class).value()).isEqualTo(new City("Bern"));
        assertThat(kimi.requests()).extracting(request -> request.status()).containsOnly(200);
    }
}
