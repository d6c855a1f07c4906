package dev.kimi.relay;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import java.nio.ByteBuffer;

/** A piece of the response to a relayed request, in the order of arrival. Prints no content. */
public sealed interface RelayItem {

    /**
     * Bytes of the body as the service sent them, unpacked. They end where the service's own packets end, which need
     * not be the end of an event.
     *
     * @param bytes read-only, never empty, the subscriber's to keep
     */
    record Bytes(ByteBuffer bytes) implements RelayItem {
        @Override
        public String toString() {
            return "Bytes[" + bytes.remaining() + "]";
        }
    }

    /** An event of a streamed response that comes in another protocol than that of the request. */
    record Event(ChatEvent event) implements RelayItem {}

    /**
     * The response is whole: the last item of each that ends well. Its usage says what the call cost, its notes what
     * became of the request.
     */
    record Whole(ChatResponse response) implements RelayItem {
        @Override
        public String toString() {
            return "Whole[" + response.usage() + "]";
        }
    }
}
