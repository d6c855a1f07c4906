package dev.kimi.internal.protocol;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.service.ModelCard;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a chat request goes.
 *
 * @param here protocol, service and model, each as that service calls it
 * @param own whether the protocol is that of the client, which fields without a protocol are meant for
 * @param stream whether the response is to be a stream
 * @param counted whether the service is only to count the tokens that the model would read
 * @param card what is known of the model
 */
public record EncodeTarget(Provenance here, boolean own, boolean stream, boolean counted, ModelCard card) {

    /** For a call. */
    public EncodeTarget(Provenance here, boolean own, boolean stream, ModelCard card) {
        this(here, own, stream, false, card);
    }

    public String model() {
        return here.model();
    }

    /** Whether the one who made the block gets it back, and so can read what it put into it. */
    public boolean isMaker(Message.Block block) {
        Provenance origin = block.origin();
        return origin != null && here.sameService(origin);
    }

    /** JSON by which the block goes back to the one who made it, or null when it goes elsewhere or has none. */
    public @Nullable String rawOf(Message.Block block) {
        return isMaker(block) ? block.raw() : null;
    }

    /** Whether reasoning may be sent: that of others may not, and what is signed only its own model can check. */
    public boolean reads(Message.Block block, ContentPart.Reasoning reasoning) {
        Provenance origin = block.origin();
        return origin == null
                || here.sameService(origin)
                        && (reasoning.signature() == null || here.model().equals(origin.model()));
    }

    /** Whether another service wrote the turn. */
    public boolean isForeign(Message message) {
        for (Message.Block block : message.blocks()) {
            if (block.origin() != null && !isMaker(block)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The further fields that go there.
     *
     * @param own those for the protocol of the client
     * @param tagged those for this protocol, which win
     */
    public Map<String, Object> fields(Map<String, Object> own, Map<String, Object> tagged) {
        if (!this.own || own.isEmpty()) {
            return tagged;
        }
        if (tagged.isEmpty()) {
            return own;
        }
        Map<String, Object> all = new LinkedHashMap<>(own);
        all.putAll(tagged);
        return all;
    }
}
