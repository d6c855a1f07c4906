package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.ClientFixture.Reply;
import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client can say what is open, and which line of the program opened it. */
class OpenCallsTest {

    private final ClientFixture service = new ClientFixture(body -> Reply.text("sky"));
    private KimiClient client = service.builder().build();

    @AfterEach
    void closeClient() {
        client.close();
    }

    @Test
    void a_call_is_open_until_it_has_ended() {
        service.hold = true;
        CompletableFuture<ChatResponse> call = client.chatAsync(ChatRequest.of("hello"));

        assertThat(client.openCalls()).singleElement().satisfies(open -> {
            assertThat(open.what()).isEqualTo("chat: sending");
            assertThat(open.madeAt()).contains("OpenCallsTest.a_call_is_open_until_it_has_ended");
        });
        service.held.get(0).run();

        assertThat(call).isCompleted();
        assertThat(client.openCalls()).isEmpty();
    }

    @Test
    void a_stream_is_open_after_its_call_until_it_is_closed() {
        ChatStream stream = client.stream(ChatRequest.of("hello"));
        assertThat(client.openCalls())
                .singleElement()
                .satisfies(open -> assertThat(open.what()).isEqualTo("stream: sending"));
        service.answerAll();
        assertThat(client.diagnostics().calls().total()).isZero();

        assertThat(client.openCalls()).singleElement().satisfies(open -> {
            assertThat(open.what()).isEqualTo("stream: not read to its end, and not closed");
            assertThat(open.madeAt()).contains("OpenCallsTest.a_stream_is_open_after_its_call");
        });
        stream.close();
        assertThat(client.openCalls()).isEmpty();
    }

    @Test
    void a_stream_that_was_read_to_its_end_is_not_open() {
        ChatStream stream = client.stream(ChatRequest.of("hello"));
        service.answerAll();

        stream.forEach(event -> {});

        assertThat(client.openCalls()).isEmpty();
    }

    @Test
    void each_has_a_number_of_its_own_that_grows() {
        service.hold = true;
        client.chatAsync(ChatRequest.of("one"));
        client.stream(ChatRequest.of("two"));
        client.chatAsync(ChatRequest.of("three"));

        assertThat(client.openCalls()).extracting(Diagnostics.OpenCall::number).containsExactly(0L, 1L, 2L);
    }

    @Test
    void without_leak_detection_only_calls_under_way_are_open() {
        client.close();
        client = service.builder().leakDetection(LeakDetection.OFF).build();
        client.stream(ChatRequest.of("hello"));
        assertThat(client.openCalls())
                .singleElement()
                .satisfies(open -> assertThat(open.madeAt()).isNull());

        service.answerAll();

        assertThat(client.openCalls()).isEmpty();
    }

    @Test
    void a_closed_client_has_nothing_open() {
        client.stream(ChatRequest.of("hello"));
        service.answerAll();

        client.close();

        assertThat(client.openCalls()).isEmpty();
    }

    @Test
    void the_places_are_remembered_again_after_a_reset() {
        service.hold = true;
        for (int i = 0; i < 300; i++) {
            client.chatAsync(ChatRequest.of("hello"));
        }
        assertThat(client.openCalls().get(299).madeAt()).isNull();

        client.resetLimits();
        client.chatAsync(ChatRequest.of("hello"));

        assertThat(client.openCalls().get(300).madeAt()).contains("OpenCallsTest");
    }

    @Test
    void it_knows_the_transport_that_it_sends_over() {
        assertThat(client.sharesPoolWith(service)).isTrue();
        assertThat(client.sharesPoolWith(new ClientFixture(body -> Reply.text(""))))
                .isFalse();
    }
}
