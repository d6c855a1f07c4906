package dev.kimi.test;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayItem;
import dev.kimi.relay.RelayResponse;
import dev.kimi.relay.RelayTarget;
import dev.kimi.transport.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The response to a relayed request as it was scripted, in the events of a chat. */
final class FakeRelayResponse extends FakeItems<RelayItem> implements RelayResponse {

    /** One that no program writes, so that the request has to be translated. */
    static final String PROTOCOL = "fake";

    private final RelayTarget here;
    private final List<ChatResponse.Note> notes;
    private final @Nullable ChatResponse response;
    private final @Nullable KimiException error;

    private FakeRelayResponse(
            RelayTarget here,
            RelayForm.Translated asked,
            FakeReply reply,
            List<RelayItem> items,
            Consumer<FakeItems<?>> onCancel) {
        super(items, true, items.isEmpty() ? null : reply.failure(), onCancel);
        this.here = here;
        this.notes = asked.notes();
        this.response = reply.response();
        this.error = items.isEmpty() ? reply.failure() : null;
    }

    /**
     * A response, or the error that is scripted without events before it.
     *
     * @param onCancel notified, once, when it is closed before its end
     */
    static FakeRelayResponse of(
            RelayTarget here,
            RelayForm.Translated asked,
            FakeReply reply,
            boolean streamed,
            Consumer<FakeItems<?>> onCancel) {
        List<RelayItem> items = new ArrayList<>();
        if (streamed) {
            for (ChatEvent event : reply.events()) {
                items.add(new RelayItem.Event(event));
            }
        }
        if (reply.response() != null) {
            items.add(new RelayItem.Whole(reply.response()));
        }
        return new FakeRelayResponse(here, asked, reply, List.copyOf(items), onCancel);
    }

    static RelayForm.Translated translated(RelayForm form) {
        if (form instanceof RelayForm.Translated asked) {
            return asked;
        }
        throw new IllegalStateException("a fake has no service that reads what another program wrote: translate the"
                + " request where the protocol of its target is not the program's, or use KimiSimulator");
    }

    @Override
    public int status() {
        return error == null ? 200 : error.status();
    }

    @Override
    public Headers headers() {
        return Headers.empty();
    }

    @Override
    public String endpoint() {
        return here.endpoint();
    }

    @Override
    public String protocol() {
        return here.protocol();
    }

    @Override
    public String model() {
        return here.model();
    }

    @Override
    public boolean verbatim() {
        return false;
    }

    @Override
    public int attempts() {
        return 1;
    }

    @Override
    public List<ChatResponse.Note> notes() {
        return notes;
    }

    @Override
    public @Nullable KimiException failure() {
        return error;
    }

    @Override
    public Usage usage() {
        return response == null ? Usage.NONE : response.usage();
    }

    @Override
    public boolean errorRelayed() {
        return false;
    }
}
