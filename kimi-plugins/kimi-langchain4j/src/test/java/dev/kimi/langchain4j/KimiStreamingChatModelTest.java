package dev.kimi.langchain4j;

import static dev.kimi.test.Reply.reasoning;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.ServerException;
import dev.kimi.test.FakeKimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class KimiStreamingChatModelTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final FakeKimiClient client = new FakeKimiClient();

    /** What a handler is notified of, in a word each. */
    private static class Notified implements StreamingChatResponseHandler {
        final List<String> events = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void onPartialResponse(String text) {
            events.add("text " + text);
        }

        @Override
        public void onPartialThinking(PartialThinking thinking) {
            events.add("thinking " + thinking.text());
        }

        @Override
        public void onPartialToolCall(PartialToolCall call) {
            events.add("part of " + call.index() + " " + call.name() + " " + call.partialArguments());
        }

        @Override
        public void onCompleteToolCall(CompleteToolCall call) {
            events.add(
                    "call " + call.index() + " " + call.toolExecutionRequest().arguments());
        }

        @Override
        public void onUnmappedRawEvent(Object event) {
            events.add("raw " + event);
        }

        @Override
        public void onCompleteResponse(dev.langchain4j.model.chat.response.ChatResponse response) {
            events.add("complete " + response.finishReason());
        }

        @Override
        public void onError(Throwable failure) {
            events.add("error " + failure.getClass().getSimpleName());
        }
    }

    private static ChatResponse response() {
        Message message = Message.of(
                Message.Role.ASSISTANT,
                List.of(
                        Message.Block.of(new ContentPart.Reasoning("Hm.", null)),
                        Message.Block.of(ContentPart.text("I see.")),
                        Message.Block.of(ContentPart.opaque(Provenance.ANTHROPIC, "search", "{}")),
                        Message.Block.of(new ToolCall("a", "weather", "{\"city\":\"Bern\"}")),
                        Message.Block.of(new ToolCall("b", "weather", "{\"city\":\"Rome\"}"))));
        return ChatResponse.builder(message)
                .finishReason(FinishReason.TOOL_CALLS)
                .build();
    }

    @Test
    void a_handler_is_notified_of_everything_in_order_and_of_tool_calls_once_they_are_complete() {
        client.reply(response());
        Notified handler = new Notified();

        KimiStreamingChatModel.of(client).chat("hi", handler);

        assertThat(handler.events)
                .containsExactly(
                        "thinking Hm.",
                        "text I ",
                        "text see.",
                        "raw Other[search, 2 characters]",
                        "part of 0 weather {\"city\":\"Bern\"}",
                        "call 0 {\"city\":\"Bern\"}",
                        "part of 1 weather {\"city\":\"Rome\"}",
                        "call 1 {\"city\":\"Rome\"}",
                        "complete TOOL_EXECUTION");
    }

    @Test
    void what_a_handler_throws_goes_to_its_on_error_and_the_stream_goes_on() {
        client.reply("one two");
        Notified handler = new Notified() {
            @Override
            public void onPartialResponse(String text) {
                super.onPartialResponse(text);
                throw new IllegalStateException("not today");
            }
        };

        KimiStreamingChatModel.of(client).chat("hi", handler);

        assertThat(handler.events)
                .containsExactly(
                        "text one ",
                        "error IllegalStateException",
                        "text two",
                        "error IllegalStateException",
                        "complete STOP");
    }

    @Test
    void a_failure_amid_a_stream_and_one_before_it_reach_handler_and_listener_once() {
        List<String> listened = new ArrayList<>();
        ChatModelListener listener = new ChatModelListener() {
            @Override
            public void onRequest(ChatModelRequestContext context) {
                listened.add("request");
            }

            @Override
            public void onResponse(ChatModelResponseContext context) {
                listened.add("response");
            }

            @Override
            public void onError(ChatModelErrorContext context) {
                listened.add("error");
            }
        };
        KimiStreamingChatModel model = KimiStreamingChatModel.builder(client)
                .listeners(List.of(listener))
                .build();
        client.fail(new ServerException("down", Details.NONE, null), new ChatEvent.Text("Hel"))
                .reply("hello");
        Notified handler = new Notified();

        model.chat("hi", handler);
        model.chat(List.of(UserMessage.from(AudioContent.from("https://example.com/a.wav"))), handler);
        model.chat("hi", handler);

        assertThat(handler.events)
                .containsExactly(
                        "text Hel",
                        "error " + InternalServerException.class.getSimpleName(),
                        "error " + UnsupportedFeatureException.class.getSimpleName(),
                        "text hello",
                        "complete STOP");
        assertThat(listened).containsExactly("request", "error", "request", "error", "request", "response");
    }

    @Test
    void a_handler_that_cancels_is_notified_of_nothing_more_not_even_of_what_it_throws() {
        client.reply("one two three");
        Notified handler = new Notified() {
            @Override
            public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
                super.onPartialResponse(text, context);
                assertThat(context.streamingHandle().isCancelled()).isFalse();
                context.streamingHandle().cancel();
                assertThat(context.streamingHandle().isCancelled()).isTrue();
                throw new IllegalStateException("not today");
            }
        };

        KimiStreamingChatModel.of(client).chat("hi", handler);

        assertThat(handler.events).containsExactly("text one ");
        assertThat(client.cancelledCalls()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_cancel_from_another_thread_aborts_the_exchange_with_the_service(Service service) throws Exception {
        KimiSimulator simulator = EXTENSION.simulator();
        simulator.reply(reasoning("Hm.").thenText("one two three four five").stallAfterEvents(8));
        CompletableFuture<StreamingHandle> begun = new CompletableFuture<>();
        Notified handler = new Notified() {
            @Override
            public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
                super.onPartialResponse(text, context);
                begun.complete(context.streamingHandle());
            }

            @Override
            public void onError(Throwable failure) {
                super.onError(failure);
                begun.completeExceptionally(failure);
            }
        };
        try (KimiClient real = EXTENSION.track(service.client(simulator))) {
            KimiStreamingChatModel.of(real).chat("hi", handler);
            begun.get(30, TimeUnit.SECONDS).cancel();

            List<ReceivedRequest> aborted = simulator.awaitAborted(1).get(30, TimeUnit.SECONDS);
            assertThat(aborted.get(0).ending().byClient()).isTrue();
        }
        assertThat(handler.events).noneMatch(event -> event.startsWith("error") || event.startsWith("complete"));
    }
}
