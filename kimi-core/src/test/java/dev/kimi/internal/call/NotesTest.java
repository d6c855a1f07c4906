package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A call says what its request lost on the way, and its response who made it. */
class NotesTest {

    private static final Provenance HERE = new Provenance(Provenance.OPENAI, "kimi.test", "kimi-k3");
    private static final Provenance ELSEWHERE = new Provenance(Provenance.OPENAI, "other.test", "other");
    static final ChatRequest MOVED = ChatRequest.builder()
            .user("Hi")
            .message(Message.of(
                    Message.Role.ASSISTANT,
                    List.of(
                            new Message.Block(new ContentPart.Reasoning("Hm.", null), ELSEWHERE, null),
                            new Message.Block(ContentPart.text("Hello"), ELSEWHERE, null))))
            .user("Go on.")
            .build();
    private static final String BODY =
            "{\"choices\":[{\"message\":{\"content\":\"Well\"},\"finish_reason\":\"stop\"}]}";

    private final EngineFixture fixture = new EngineFixture();
    private final List<String> told = new ArrayList<>();

    NotesTest() {
        fixture.protocol = new OpenAiProtocol();
    }

    private final CallObserver observer = event -> {
        if (event instanceof CallEvent.Noted note) {
            told.add(note.code());
        } else if (event instanceof CallEvent.AttemptStarted attempt) {
            told.add("attempt " + attempt.attempt());
        }
    };

    @Test
    void the_response_and_an_event_say_what_was_left_out_once_for_all_attempts() {
        CompletableFuture<ChatResponse> call = fixture.engine().chat(MOVED, observer, Runnable::run);
        fixture.transport.last().answer(500, "");
        fixture.time.advanceToNext();
        fixture.transport.last().answer(200, BODY);

        assertThat(call.join().notes()).extracting(Note::code).containsExactly(Note.REASONING_OMITTED);
        assertThat(told).containsExactly(Note.REASONING_OMITTED, "attempt 1", "attempt 2");
        assertThat(call.join().message().blocks())
                .containsExactly(new Message.Block(ContentPart.text("Well"), HERE, null));
    }

    @Test
    void so_does_the_response_of_a_stream() {
        ChatStream stream = fixture.engine().stream(MOVED);
        fixture.transport
                .last()
                .headers(200, "content-type", "text/event-stream")
                .body("data: {\"choices\":[{\"delta\":{\"content\":\"Well\"},\"finish_reason\":\"stop\"}]}\n\n"
                        + "data: [DONE]\n\n")
                .complete();
        stream.forEach(event -> {});

        assertThat(stream.response().notes()).extracting(Note::code).containsExactly(Note.REASONING_OMITTED);
        assertThat(stream.response().message().blocks().get(0).origin()).isEqualTo(HERE);
    }

    @Test
    void a_conversation_that_stays_loses_nothing() {
        CompletableFuture<ChatResponse> call = fixture.engine().chat(ChatRequest.of("Hi"), observer, Runnable::run);
        fixture.transport.last().answer(200, BODY);

        assertThat(call.join().notes()).isEmpty();
        assertThat(told).containsExactly("attempt 1");
    }
}
