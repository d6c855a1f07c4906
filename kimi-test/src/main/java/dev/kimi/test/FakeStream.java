package dev.kimi.test;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The stream of a chat as it was scripted. */
final class FakeStream extends FakeItems<ChatEvent> implements ChatStream {

    private final FakeReply reply;

    /** @param onCancel notified, once, when it is closed before its end */
    FakeStream(FakeReply reply, Consumer<FakeItems<?>> onCancel) {
        super(reply.events(), reply.ends(), reply.failure(), onCancel);
        this.reply = reply;
    }

    @Override
    public Iterator<ChatEvent> iterator() {
        use();
        return new Iterator<>() {
            private @Nullable ChatEvent found;

            @Override
            public boolean hasNext() {
                if (found == null) {
                    found = await();
                }
                return found != null;
            }

            @Override
            public ChatEvent next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                ChatEvent event = Objects.requireNonNull(found);
                found = null;
                return event;
            }
        };
    }

    @Override
    public ChatResponse response() {
        ChatResponse response = reply.response();
        if (response == null || !endedAsScripted()) {
            throw new IllegalStateException("the stream has not ended, or not well: take its events first");
        }
        return response;
    }
}
