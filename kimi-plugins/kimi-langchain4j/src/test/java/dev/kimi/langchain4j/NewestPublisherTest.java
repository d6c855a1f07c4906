package dev.kimi.langchain4j;

import static dev.kimi.test.Reply.reasoning;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.ServerException;
import dev.kimi.test.FakeKimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The publisher that LangChain4j has since 1.20. */
@Timeout(60)
@Tag("newest")
class NewestPublisherTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final FakeKimiClient client = new FakeKimiClient();

    private static ChatRequest request() {
        return ChatRequest.builder().messages(UserMessage.from("hi")).build();
    }

    /** Remembers the kinds of what comes, and requests nothing by itself. */
    private static class Received implements Flow.Subscriber<ChatModelStreamingEvent> {
        final List<String> kinds = Collections.synchronizedList(new ArrayList<>());
        final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
        final CompletableFuture<@Nullable Throwable> ended = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscribed.complete(subscription);
        }

        @Override
        public void onNext(ChatModelStreamingEvent event) {
            kinds.add(event.getClass().getSimpleName());
        }

        @Override
        public void onError(Throwable failure) {
            ended.complete(failure);
        }

        @Override
        public void onComplete() {
            ended.complete(null);
        }

        void request(long n) {
            subscribed.join().request(n);
        }
    }

    private Received subscribe() {
        Received received = new Received();
        KimiStreamingChatModel.of(client).chat(request()).subscribe(received);
        return received;
    }

    private static ChatResponse toolCall() {
        return ChatResponse.builder(Message.of(
                        Message.Role.ASSISTANT,
                        List.of(
                                Message.Block.of(new ContentPart.Reasoning("Hm.", null)),
                                Message.Block.of(ContentPart.text("Well")),
                                Message.Block.of(new ToolCall("a", "weather", "{}")),
                                Message.Block.of(new ToolCall("b", "weather", "{}")))))
                .build();
    }

    @Test
    void events_come_one_by_one_as_they_are_requested_and_tool_calls_and_the_response_last() {
        client.reply(toolCall());
        Received received = subscribe();

        assertThat(received.kinds).isEmpty();
        for (String next : List.of(
                "PartialThinking",
                "PartialResponse",
                "PartialToolCall",
                "CompleteToolCall",
                "PartialToolCall",
                "CompleteToolCall",
                "CompleteResponse")) {
            assertThat(received.ended).isNotDone();
            received.request(1);
            assertThat(received.kinds).last().isEqualTo(next);
        }
        assertThat(received.kinds).hasSize(7);
        assertThat(received.ended).isCompletedWithValue(null);
    }

    @Test
    void each_subscription_is_a_call_of_its_own() {
        client.reply("one", "two");
        Flow.Publisher<ChatModelStreamingEvent> publisher =
                KimiStreamingChatModel.of(client).chat(request());
        assertThat(client.requests()).isEmpty();

        for (int i = 0; i < 2; i++) {
            Received received = new Received();
            publisher.subscribe(received);
            received.request(Long.MAX_VALUE);
            assertThat(received.kinds).containsExactly("PartialResponse", "CompleteResponse");
            assertThat(received.ended).isCompletedWithValue(null);
        }
        assertThat(client.requests()).hasSize(2);
    }

    @Test
    void nothing_comes_after_a_cancel_neither_amid_the_stream_nor_of_what_waits_at_its_end() {
        client.reply(toolCall()).reply(toolCall());
        Received amid = subscribe();
        amid.request(1);
        amid.subscribed.join().cancel();
        amid.request(10);
        assertThat(amid.kinds).containsExactly("PartialThinking");
        assertThat(client.cancelledCalls()).isEqualTo(1);

        Received atEnd = subscribe();
        atEnd.request(6);
        atEnd.subscribed.join().cancel();
        atEnd.request(10);
        assertThat(atEnd.kinds).hasSize(6);
        assertThat(List.of(amid.ended, atEnd.ended)).noneMatch(CompletableFuture::isDone);
    }

    @Test
    void demand_of_nothing_is_an_error_amid_the_stream_and_at_its_end() {
        client.reply(toolCall()).reply(toolCall());
        Received amid = subscribe();
        amid.request(0);
        assertThat(amid.ended).isCompletedWithValueMatching(e -> e instanceof IllegalArgumentException);

        Received atEnd = subscribe();
        atEnd.request(6);
        atEnd.request(-1);
        atEnd.request(1);
        assertThat(atEnd.ended).isCompletedWithValueMatching(e -> e instanceof IllegalArgumentException);
        assertThat(atEnd.kinds).hasSize(6);
    }

    @Test
    void a_failure_is_langchain4js_before_the_stream_and_amid_it() {
        client.fail(new ServerException("down", Details.NONE, null), new ChatEvent.Text("Hel"));
        Received amid = subscribe();
        amid.request(10);
        assertThat(amid.kinds).containsExactly("PartialResponse");
        assertThat(amid.ended).isCompletedWithValueMatching(e -> e instanceof InternalServerException);

        Received before = new Received();
        KimiStreamingChatModel.of(client)
                .chat(List.of(UserMessage.from(AudioContent.from("https://example.com/a.wav"))))
                .subscribe(before);
        assertThat(before.ended).isCompletedWithValueMatching(e -> e instanceof UnsupportedFeatureException);
    }

    @ParameterizedTest
    @EnumSource
    void a_cancelled_subscription_aborts_the_exchange_with_the_service(Service service) throws Exception {
        KimiSimulator simulator = EXTENSION.simulator();
        simulator.reply(reasoning("Hm.").thenText("one two three four five").stallAfterEvents(8));
        CompletableFuture<Void> begun = new CompletableFuture<>();
        Received received = new Received() {
            @Override
            public void onNext(ChatModelStreamingEvent event) {
                super.onNext(event);
                begun.complete(null);
            }
        };
        try (KimiClient real = EXTENSION.track(service.client(simulator))) {
            KimiStreamingChatModel.of(real).chat(request()).subscribe(received);
            received.request(Long.MAX_VALUE);
            begun.get(30, TimeUnit.SECONDS);
            received.subscribed.join().cancel();

            simulator.awaitAborted(1).get(30, TimeUnit.SECONDS);
        }
        assertThat(received.ended).isNotDone();
    }

    @ParameterizedTest
    @EnumSource
    void a_real_stream_ends_with_its_response(Service service) throws Exception {
        KimiSimulator simulator = EXTENSION.simulator();
        simulator.reply(Reply.reasoning("Hm.").thenText("one two three"));
        Received received = new Received();
        try (KimiClient real = EXTENSION.track(service.client(simulator))) {
            KimiStreamingChatModel.of(real).chat(request()).subscribe(received);
            received.request(Long.MAX_VALUE);

            assertThat(received.ended.get(30, TimeUnit.SECONDS)).isNull();
        }
        assertThat(received.kinds).contains("PartialResponse").last().isEqualTo("CompleteResponse");
    }
}
