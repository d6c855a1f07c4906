package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.KimiException.Details;
import dev.kimi.error.OverloadedException;
import dev.kimi.test.FakeKimiClient;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The future that LangChain4j has since 1.20. */
@Tag("newest")
class NewestAsyncTest {

    private final FakeKimiClient client = new FakeKimiClient();
    private final List<String> listened = new ArrayList<>();
    private final KimiChatModel model = KimiChatModel.builder(client)
            .listeners(List.of(new ChatModelListener() {
                @Override
                public void onResponse(ChatModelResponseContext context) {
                    listened.add(context.chatResponse().aiMessage().text());
                }
            }))
            .build();

    private static ChatRequest request() {
        return ChatRequest.builder().messages(UserMessage.from("hi")).build();
    }

    @Test
    void a_response_arrives_without_a_thread_that_waits_and_listeners_are_notified_once() {
        client.reply("hello");

        CompletableFuture<ChatResponse> future = model.chatAsync(request());

        assertThat(future.join().aiMessage().text()).isEqualTo("hello");
        assertThat(listened).containsExactly("hello");
    }

    @Test
    void a_failure_is_langchain4js() {
        client.fail(new OverloadedException("busy", Details.NONE, null));

        assertThatThrownBy(() -> model.chatAsync(request()).join())
                .hasCauseInstanceOf(InternalServerException.class)
                .hasRootCauseInstanceOf(OverloadedException.class);
        assertThatThrownBy(() -> model.chatAsync(ChatRequest.builder()
                                .messages(UserMessage.from(AudioContent.from("https://example.com/a.wav")))
                                .build())
                        .join())
                .hasCauseInstanceOf(UnsupportedFeatureException.class);
    }

    @Test
    void a_cancelled_future_cancels_the_call() {
        client.hang();
        CompletableFuture<ChatResponse> future = model.chatAsync(request());
        assertThat(client.cancelledCalls()).isZero();

        future.cancel(true);

        assertThat(client.cancelledCalls()).isEqualTo(1);
        assertThat(listened).isEmpty();
    }
}
