package dev.kimi.internal.call;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.relay.RelayItem;
import dev.kimi.relay.RelayResponse;
import dev.kimi.transport.Headers;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The response to a relayed request as the program holds it. */
final class RelayHandle extends WatchedStream<RelayItem> implements RelayResponse {

    private final RelayBuffer items;
    private final ResponseHead head;
    private final ResponseMark mark;
    private final int attempts;
    private final @Nullable KimiException failure;

    /** @param failure what an error response means, null for a good one */
    RelayHandle(
            RelayBuffer items,
            ResponseHead head,
            ResponseMark mark,
            int attempts,
            @Nullable KimiException failure,
            Leaks leaks) {
        super(items, leaks);
        this.items = items;
        this.head = head;
        this.mark = mark;
        this.attempts = attempts;
        this.failure = failure;
    }

    @Override
    public int status() {
        return head.status();
    }

    @Override
    public Headers headers() {
        return head.headers();
    }

    @Override
    public String endpoint() {
        return mark.endpoint();
    }

    private Provenance origin() {
        return Objects.requireNonNull(mark.origin());
    }

    @Override
    public String protocol() {
        return origin().protocol();
    }

    @Override
    public String model() {
        return Objects.requireNonNull(origin().model());
    }

    @Override
    public boolean verbatim() {
        return mark.verbatim();
    }

    @Override
    public int attempts() {
        return attempts;
    }

    @Override
    public List<ChatResponse.Note> notes() {
        return mark.notes();
    }

    @Override
    public @Nullable KimiException failure() {
        return failure;
    }

    @Override
    public Usage usage() {
        return items.usage();
    }

    @Override
    public boolean errorRelayed() {
        return items.errorRelayed();
    }

    @Override
    public String toString() {
        return "RelayResponse[" + head.status() + " from " + mark.endpoint() + "]";
    }
}
