package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.protocol.ToolSchemas;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol.Mismatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A request that the service rejects for its reasoning is sent once more in another form, if that is wanted. */
class RewrittenRequestTest {

    private static final ChatRequest REQUEST = ChatRequest.builder()
            .model("claude-opus-5-5")
            .user("Hi")
            .message(Message.of(
                    Message.Role.ASSISTANT,
                    List.of(
                            Message.Block.of(new ContentPart.Reasoning("Hm.", "c2ln")),
                            Message.Block.of(ContentPart.text("Hello")))))
            .user("Go on.")
            .build();
    private static final String REJECTION = "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
            + "\"message\":\"messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a"
            + " different conversation.\"}}";
    private static final String DROPPED = "\"input_transformations\":[{\"type\":\"thinking_dropped\",\"reason\":"
            + "\"prefix_binding_mismatch\",\"path\":\"messages.1.content.0\"}]";
    private static final String RESPONSE = "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"Well\"}],"
            + "\"stop_reason\":\"end_turn\"," + DROPPED + "}";

    private final EngineFixture fixture = new EngineFixture();
    private final List<String> events = new ArrayList<>();
    private final CallObserver observer = event -> {
        if (event instanceof CallEvent.Noted note) {
            events.add(note.code());
        } else if (event instanceof CallEvent.AttemptStarted attempt) {
            events.add("attempt " + attempt.attempt());
        } else if (event instanceof CallEvent.AttemptFinished attempt) {
            events.add("status " + attempt.status());
        } else if (event instanceof CallEvent.RetryScheduled retry) {
            events.add(retry.source() + " after " + retry.delay());
        }
    };

    RewrittenRequestTest() {
        wanted(Mismatch.REPAIR);
    }

    private void wanted(Mismatch mismatch) {
        fixture.protocol =
                new MessagesProtocol(MessagesProtocol.LATEST_VERSION, List.of(), mismatch, ToolSchemas.AS_IS);
    }

    @Test
    void it_is_sent_once_more_and_the_notes_and_events_say_so_in_order() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = engine.chat(REQUEST, observer, Runnable::run);
        fixture.transport.last().answer(400, REJECTION);
        fixture.transport.last().answer(200, RESPONSE);

        assertThat(body(0)).doesNotContain("drop_block");
        assertThat(body(1)).contains("drop_block");
        assertThat(fixture.transport.sent(1).request().headers().first("anthropic-beta"))
                .isEqualTo("thinking-binding-controls-2026-08-01");
        assertThat(call.join().notes())
                .extracting(Note::code)
                .containsExactly(Note.REASONING_DROPPED, Note.REQUEST_REPAIRED);
        assertThat(events)
                .containsExactly(
                        "attempt 1",
                        "status 400",
                        "REPLAY after PT0S",
                        Note.REQUEST_REPAIRED,
                        "attempt 2",
                        Note.REASONING_DROPPED,
                        "status 200");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_second_rejection_ends_the_call() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = engine.chat(REQUEST, observer, Runnable::run);
        fixture.transport.last().answer(400, REJECTION);
        fixture.transport.last().answer(400, REJECTION);

        assertThat(EngineFixture.failureOf(call)).isInstanceOf(InvalidRequestException.class);
        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void what_fails_after_that_is_retried_in_the_new_form_and_noted_once() {
        CompletableFuture<ChatResponse> call = fixture.engine().chat(REQUEST, observer, Runnable::run);
        fixture.transport.last().answer(400, REJECTION);
        fixture.transport.last().answer(200, RESPONSE.substring(0, 60));
        fixture.time.advanceToNext();
        fixture.transport.last().answer(200, RESPONSE);

        assertThat(call.join().text()).isEqualTo("Well");
        assertThat(fixture.transport.count()).isEqualTo(3);
        assertThat(body(2)).isEqualTo(body(1));
        assertThat(events).containsOnlyOnce(Note.REQUEST_REPAIRED);
    }

    @Test
    void a_stream_is_sent_once_more_too() {
        ChatStream stream = fixture.engine().stream(REQUEST);
        fixture.transport.last().answer(400, REJECTION);
        fixture.transport
                .last()
                .headers(200, "content-type", "text/event-stream")
                .body("data: {\"type\":\"message_start\",\"message\":" + RESPONSE + "}\n\n"
                        + "data: {\"type\":\"message_stop\"}\n\n")
                .complete();
        stream.forEach(event -> {});

        assertThat(stream.response().notes())
                .extracting(Note::code)
                .containsExactly(Note.REASONING_DROPPED, Note.REQUEST_REPAIRED);
    }

    @Test
    void it_is_the_callers_to_mend_unless_the_client_is_to() {
        for (Mismatch mismatch : List.of(Mismatch.ERROR, Mismatch.DROP_BLOCK)) {
            wanted(mismatch);
            fixture.transport.clear();
            CompletableFuture<ChatResponse> call = fixture.engine().chat(REQUEST, observer, Runnable::run);
            fixture.transport.last().answer(400, REJECTION);

            assertThat(EngineFixture.failureOf(call))
                    .isInstanceOfSatisfying(
                            InvalidRequestException.class,
                            e -> assertThat(e.reason()).isEqualTo(InvalidRequestException.Reason.REASONING_MISMATCH));
            assertThat(fixture.transport.count()).isEqualTo(1);
        }
    }

    @Test
    void another_rejection_is_none_of_its_business() {
        CompletableFuture<ChatResponse> call = fixture.engine().chat(REQUEST, observer, Runnable::run);
        fixture.transport.last().answer(400, REJECTION.replace("bound", "tied"));

        assertThat(EngineFixture.failureOf(call)).isInstanceOf(InvalidRequestException.class);
        assertThat(fixture.transport.count()).isEqualTo(1);
    }

    private String body(int index) {
        byte[] bytes = Objects.requireNonNull(
                fixture.transport.sent(index).request().body().bytes());
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
