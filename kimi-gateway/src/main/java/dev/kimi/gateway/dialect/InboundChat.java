package dev.kimi.gateway.dialect;

import dev.kimi.chat.ChatResponse;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import org.jspecify.annotations.Nullable;

/** A chat request as a client has sent it. Immutable and thread-safe; prints no content. */
public interface InboundChat {

    /**
     * Code of the {@linkplain ChatResponse.Note notes} of {@link RelayForm.Translated} that say what was left out: the
     * message is one of a closed list of names, such as {@code context_management} or {@code tools.strict}, which is
     * good for a header and as the value of a tag.
     */
    String DROPPED = "dropped";

    /** Code of such notes for what was changed, such as {@code max_tokens}. */
    String CHANGED = "changed";

    /** The model as the client names it; never empty. */
    String model();

    /** Whether the response is to be a stream. */
    boolean streamed();

    /** How many tokens the model will read, rather too many than too few. */
    long inputTokens();

    /** The most tokens that the model may write by the request; 0 when it does not say. */
    long outputCap();

    /** What the requests of one conversation have in common, or null. */
    @Nullable String sessionId();

    /**
     * What is sent to an endpoint: the client's bytes with the target's name of the model, where it speaks this
     * dialect, else a translation. The same target gives the same form. Never blocks.
     *
     * @throws GatewayException if the request cannot be said there
     */
    RelayForm formFor(RelayTarget target);
}
