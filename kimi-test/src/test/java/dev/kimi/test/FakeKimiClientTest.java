package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.BatchOptions;
import dev.kimi.BatchResult;
import dev.kimi.BatchRun;
import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RejectedException;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayItem;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FakeKimiClientTest {

    private static final ChatRequest HELLO = ChatRequest.of("Hello");

    private final FakeKimiClient kimi = new FakeKimiClient();

    /** What an application has. */
    private record Assistant(KimiClient kimi) {
        String ask(String question) {
            try {
                return kimi.chat(question).text();
            } catch (OverloadedException e) {
                return "Please try again later.";
            }
        }
    }

    @Test
    void the_guide() {
        FakeKimiClient kimi = new FakeKimiClient();
        kimi.reply("Rayleigh scattering.").fail(new OverloadedException("busy", KimiException.Details.NONE, null));
        Assistant assistant = new Assistant(kimi);

        assertThat(assistant.ask("Why is the sky blue?")).isEqualTo("Rayleigh scattering.");
        assertThat(assistant.ask("And the sun?")).isEqualTo("Please try again later.");
        assertThat(kimi.requests()).hasSize(2);
    }

    @Test
    void replies_are_given_in_order_and_what_is_not_scripted_is_a_failure_that_says_so() {
        kimi.reply("one", "two");

        assertThat(kimi.chat(HELLO).text()).isEqualTo("one");
        assertThat(kimi.chatAsync(HELLO).join().text()).isEqualTo("two");
        assertThatThrownBy(() -> kimi.chat(HELLO))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nothing is scripted for this call");
        kimi.otherwise(request -> ChatResponse.builder(
                        Message.assistant(request.messages().get(0).text() + "!"))
                .build());
        assertThat(kimi.chat(HELLO).text()).isEqualTo("Hello!");
    }

    @Test
    void a_stream_hands_out_a_response_in_pieces() {
        ToolCall call = new ToolCall("call_1", "weather", "{}");
        kimi.reply(ChatResponse.builder(Message.assistant("Sunny and warm.", "Hm.", List.of(call)))
                .finishReason(FinishReason.TOOL_CALLS)
                .build());

        try (ChatStream stream = kimi.stream(HELLO)) {
            List<ChatEvent> events = new ArrayList<>();
            assertThatThrownBy(stream::response).isInstanceOf(IllegalStateException.class);
            stream.forEach(events::add);

            assertThat(events)
                    .startsWith(
                            new ChatEvent.Reasoning("Hm."),
                            new ChatEvent.Text("Sunny "),
                            new ChatEvent.Text("and "),
                            new ChatEvent.Text("warm."),
                            new ChatEvent.ToolFragment(0, "call_1", "weather", "{}"),
                            new ChatEvent.Finished(FinishReason.TOOL_CALLS));
            assertThat(stream.response().toolCalls()).containsExactly(call);
            assertThatThrownBy(stream::iterator).isInstanceOf(IllegalStateException.class);
        }
        assertThat(kimi.cancelledCalls()).isZero();
    }

    @Test
    void a_stream_breaks_off_where_the_script_says() {
        OverloadedException busy = new OverloadedException("busy", KimiException.Details.NONE, null);
        kimi.fail(busy, new ChatEvent.Text("Sun"));

        try (ChatStream stream = kimi.stream(HELLO)) {
            List<ChatEvent> events = new ArrayList<>();
            assertThatThrownBy(() -> stream.forEach(events::add)).isSameAs(busy);
            assertThat(events).containsExactly(new ChatEvent.Text("Sun"));
            assertThatThrownBy(stream::response).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void tokens_are_counted_as_scripted_and_what_was_counted_is_kept() {
        assertThatThrownBy(() -> kimi.countTokens(HELLO))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tokens(");

        kimi.tokens(7);
        assertThat(kimi.countTokens(HELLO)).isEqualTo(7);
        assertThat(kimi.countTokensAsync(HELLO)).isCompletedWithValue(7L);

        OverloadedException busy = new OverloadedException("busy", KimiException.Details.NONE, null);
        kimi.tokens(request -> {
            throw busy;
        });
        assertThatThrownBy(() -> kimi.countTokens(HELLO)).isSameAs(busy);
        assertThat(kimi.countTokensAsync(HELLO)).isCompletedExceptionally();
        assertThat(kimi.countedRequests()).hasSize(5).containsOnly(HELLO);
        assertThat(kimi.requests()).isEmpty();

        kimi.close();
        assertThatThrownBy(() -> kimi.countTokens(HELLO)).isInstanceOf(RejectedException.class);
    }

    @Test
    void a_subscriber_gets_what_it_asks_for_and_no_more() {
        kimi.reply("a b c");
        List<String> seen = new ArrayList<>();
        AtomicReference<Flow.Subscription> subscription = new AtomicReference<>();
        kimi.stream(HELLO).subscribe(recording(seen, subscription));

        subscription.get().request(2);
        assertThat(seen).containsExactly("a ", "b ");
        subscription.get().request(Long.MAX_VALUE);
        assertThat(seen).containsExactly("a ", "b ", "c", "other", "other", "complete");
    }

    @Test
    void a_subscriber_that_requests_nothing_is_notified_of_the_end_and_one_that_cancels_hears_no_more() {
        kimi.reply("a b", "a b");
        List<String> seen = new ArrayList<>();
        AtomicReference<Flow.Subscription> subscription = new AtomicReference<>();
        kimi.stream(HELLO).subscribe(recording(seen, subscription));
        subscription.get().request(0);
        assertThat(seen).containsExactly("IllegalArgumentException");

        seen.clear();
        kimi.stream(HELLO).subscribe(recording(seen, subscription));
        subscription.get().request(1);
        subscription.get().cancel();
        subscription.get().request(1);
        assertThat(seen).containsExactly("a ");
        assertThat(kimi.cancelledCalls()).isEqualTo(2);
    }

    @Test
    void what_hangs_ends_by_its_being_cancelled_interrupted_or_closed() throws InterruptedException {
        kimi.hang().hang().hang().hang();
        CompletableFuture<ChatResponse> cancelled = kimi.chatAsync(HELLO);
        cancelled.cancel(true);
        CompletableFuture<ChatResponse> cut = kimi.chatAsync(HELLO);
        ChatStream stream = kimi.stream(HELLO);

        CountDownLatch called = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread blocked = new Thread(() -> {
            called.countDown();
            try {
                kimi.chat(HELLO);
            } catch (CallCancelledException e) {
                failure.set(e);
            }
        });
        blocked.start();
        called.await();
        blocked.interrupt();
        blocked.join();
        assertThat(failure.get()).hasMessageContaining("interrupted");

        kimi.close();
        assertThat(cut).isCompletedExceptionally();
        assertThatThrownBy(() -> stream.iterator().hasNext()).isInstanceOf(CallCancelledException.class);
        assertThat(kimi.cancelledCalls()).isEqualTo(4);
        assertThatThrownBy(() -> kimi.chat(HELLO))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.CLOSED));
    }

    @Test
    void a_bulk_run_has_one_outcome_for_each_input() {
        kimi.reply("one").fail(new OverloadedException("busy", KimiException.Details.NONE, null));

        try (BatchRun run = kimi.batch(List.of(HELLO, HELLO), BatchOptions.fixed(2))) {
            List<BatchResult> results = new ArrayList<>();
            run.forEach(results::add);

            assertThat(results).extracting(BatchResult::index).containsExactly(0, 1);
            assertThat(results).extracting(BatchResult::succeeded).containsExactly(true, false);
            assertThat(run.progress().failed()).isEqualTo(1);
        }
    }

    @Test
    void models_and_other_endpoints_can_be_scripted_too() {
        ModelCard card = ModelCard.builder("kimi-k3")
                .contextLength(262_144)
                .reasoning(true)
                .build();
        kimi.models(card).endpoint("GET", "/v1/users/me/balance", "{}");
        ServiceRequest balance = ServiceRequest.get("/v1/users/me/balance");

        assertThat(kimi.models()).containsExactly(card);
        assertThat(kimi.modelsAsync().join()).containsExactly(card);
        assertThat(kimi.modelCard("kimi-k3")).isEqualTo(card);
        assertThat(kimi.modelCard("other")).isEqualTo(ModelCard.builder("other").build());
        assertThat(kimi.exchange(balance).text()).isEqualTo("{}");
        assertThat(kimi.exchangeAsync(balance).join().status()).isEqualTo(200);
        assertThat(kimi.serviceRequests()).containsExactly(balance, balance);
        assertThatThrownBy(() -> kimi.exchange(ServiceRequest.get("/v1/files")))
                .hasMessage("nothing is scripted for GET /v1/files: call endpoint(…) before");
    }

    @Test
    void a_relayed_request_gets_what_is_scripted_for_chats_in_translated_form() {
        ChatResponse.Note note = new ChatResponse.Note("dropped", "cache_control was dropped");
        RelayRequest streamed = RelayRequest.builder(target -> {
                    assertThat(target.model()).isEqualTo("kimi-k3");
                    return new RelayForm.Translated(ChatRequest.of("Why?"), List.of(note));
                })
                .model("kimi-k3")
                .streamed(true)
                .build();
        OverloadedException busy = new OverloadedException(
                "busy", KimiException.Details.builder().status(529).build(), null);
        kimi.reply("so blue").fail(busy).fail(busy, new ChatEvent.Text("so ")).hang();

        RelayResponse response = kimi.relay(streamed).join();
        assertThat(response.verbatim()).isFalse();
        assertThat(response.notes()).containsExactly(note);
        List<RelayItem> items = itemsOf(response);
        assertThat(items.subList(0, 2))
                .containsExactly(
                        new RelayItem.Event(new ChatEvent.Text("so ")),
                        new RelayItem.Event(new ChatEvent.Text("blue")));
        assertThat(items.get(items.size() - 1)).isInstanceOf(RelayItem.Whole.class);
        assertThat(kimi.requests().get(0).messages().get(0).text()).isEqualTo("Why?");

        RelayResponse error = kimi.relay(streamed).join();
        assertThat(error.status()).isEqualTo(529);
        assertThat(error.failure()).isSameAs(busy);
        assertThat(itemsOf(error)).isEmpty();
        RelayResponse cut = kimi.relay(streamed).join();
        assertThat(cut.status()).isEqualTo(200);
        assertThatThrownBy(() -> itemsOf(cut)).isSameAs(busy);
        assertThat(kimi.relay(streamed).cancel(true)).isTrue();
        assertThat(kimi.cancelledCalls()).isEqualTo(1);

        RelayRequest verbatim = RelayRequest.builder(
                        target -> new RelayForm.Verbatim("/v1/messages", Map.of(), new byte[0]))
                .build();
        assertThatThrownBy(() -> kimi.relay(verbatim)).isInstanceOf(IllegalStateException.class);
    }

    /** What a response brings, or what it fails with thrown. */
    private static List<RelayItem> itemsOf(RelayResponse response) {
        List<RelayItem> items = new ArrayList<>();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        response.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                given.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(RelayItem item) {
                items.add(item);
            }

            @Override
            public void onError(Throwable failure) {
                failed.set(failure);
            }

            @Override
            public void onComplete() {}
        });
        if (failed.get() instanceof KimiException failure) {
            throw failure;
        }
        return items;
    }

    @Test
    void an_error_response_may_be_wanted_as_such() {
        OverloadedException busy = new OverloadedException(
                "busy", KimiException.Details.builder().status(529).build(), null);
        kimi.endpoint("GET", "/v1/files", busy, "");
        ServiceRequest wanting = ServiceRequest.get("/v1/files").errorsAsResponses(true);

        assertThat(kimi.exchange(wanting).status()).isEqualTo(529);
        assertThat(kimi.exchangeStream(wanting).status()).isEqualTo(529);
        assertThatThrownBy(() -> kimi.exchange(ServiceRequest.get("/v1/files"))).isSameAs(busy);
    }

    @Test
    void a_streamed_exchange_gets_the_scripted_body_and_may_break_off() throws IOException {
        KimiException cut = new OverloadedException("cut", KimiException.Details.NONE, null);
        kimi.endpoint("GET", "/v1/files/a/content", "all of it")
                .endpoint("GET", "/v1/files/b/content", cut, "some")
                .endpoint("GET", "/v1/files/c/content", cut, "");

        try (ServiceStream whole = kimi.exchangeStream(ServiceRequest.get("/v1/files/a/content"))) {
            assertThat(whole.status()).isEqualTo(200);
            assertThat(whole.inputStream()).hasContent("all of it");
            assertThatThrownBy(whole::inputStream).isInstanceOf(IllegalStateException.class);
        }
        assertThat(kimi.cancelledCalls()).isZero();
        ServiceStream broken = kimi.exchangeStreamAsync(ServiceRequest.get("/v1/files/b/content"))
                .join();
        InputStream in = broken.inputStream();
        assertThat(in.readNBytes(4)).asString().isEqualTo("some");
        assertThatThrownBy(in::read).isSameAs(cut);
        assertThatThrownBy(() -> kimi.exchangeStream(ServiceRequest.get("/v1/files/c/content")))
                .isSameAs(cut);
        assertThatThrownBy(() -> kimi.exchange(ServiceRequest.get("/v1/files/b/content")))
                .isSameAs(cut);

        kimi.exchangeStream(ServiceRequest.get("/v1/files/a/content")).close();
        assertThat(kimi.cancelledCalls()).isEqualTo(1);
    }

    private static Flow.Subscriber<ChatEvent> recording(
            List<String> seen, AtomicReference<Flow.Subscription> subscription) {
        return new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription.set(given);
            }

            @Override
            public void onNext(ChatEvent event) {
                seen.add(event instanceof ChatEvent.Text text ? text.value() : "other");
            }

            @Override
            public void onError(Throwable failure) {
                seen.add(failure.getClass().getSimpleName());
            }

            @Override
            public void onComplete() {
                seen.add("complete");
            }
        };
    }
}
