package dev.kimi.internal.endpoint;

import dev.kimi.chat.ChatRequest;
import dev.kimi.relay.RelayRequest;
import dev.kimi.service.ServiceRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a caller asks for, in the form of no protocol yet: each endpoint encodes it for its own service. */
public sealed interface CallRequest {

    /**
     * The name of the operation in events: {@code chat}, {@code stream}, {@code relay}, {@code relay-stream},
     * {@code count-tokens}, {@code models}, {@code exchange} or {@code exchange-stream}.
     */
    String operation();

    /** The deadline that the caller set, or null for the client's. */
    @Nullable Duration deadline();

    /** The model that the caller named, or null. */
    default @Nullable String model() {
        return null;
    }

    /** Whether the response is to be a stream. */
    default boolean streamed() {
        return false;
    }

    /** Whether a model writes the response: what goes to any endpoint of a route, and has a circuit and a price. */
    default boolean isChat() {
        return false;
    }

    /** What calls of the same conversation have in common, or null. */
    default @Nullable String sessionId() {
        return null;
    }

    /** How long the caller asks the service to keep the prompt in its cache, or null. */
    default @Nullable Duration cacheLifetime() {
        return null;
    }

    /**
     * A chat completion.
     *
     * @param chat what the model is asked
     * @param streamed whether the response is to be a stream
     */
    record Chat(ChatRequest chat, boolean streamed) implements CallRequest {

        @Override
        public String operation() {
            return streamed ? "stream" : "chat";
        }

        @Override
        public boolean isChat() {
            return true;
        }

        @Override
        public @Nullable Duration deadline() {
            return chat.deadline();
        }

        @Override
        public @Nullable String model() {
            return chat.model();
        }

        @Override
        public @Nullable String sessionId() {
            return chat.sessionId();
        }

        @Override
        public @Nullable Duration cacheLifetime() {
            return chat.cacheLifetime();
        }
    }

    /**
     * A chat completion that another program asks for.
     *
     * @param relay what is known of it, and what is sent to which endpoint
     */
    record Relay(RelayRequest relay) implements CallRequest {

        @Override
        public String operation() {
            return streamed() ? "relay-stream" : "relay";
        }

        @Override
        public boolean isChat() {
            return true;
        }

        @Override
        public boolean streamed() {
            return relay.streamed();
        }

        @Override
        public @Nullable Duration deadline() {
            return relay.deadline();
        }

        @Override
        public @Nullable String model() {
            return relay.model();
        }

        @Override
        public @Nullable String sessionId() {
            return relay.sessionId();
        }
    }

    /**
     * The count of the tokens of a chat completion.
     *
     * @param chat what the model would be asked
     */
    record Count(ChatRequest chat) implements CallRequest {

        @Override
        public String operation() {
            return "count-tokens";
        }

        @Override
        public @Nullable Duration deadline() {
            return chat.deadline();
        }

        @Override
        public @Nullable String model() {
            return chat.model();
        }
    }

    /**
     * A page of the list of models.
     *
     * @param after where it begins, null for the first
     * @param deadline what is left of the time for the whole list, null for the first page
     */
    record Models(@Nullable String after, @Nullable Duration deadline) implements CallRequest {

        @Override
        public String operation() {
            return "models";
        }
    }

    /**
     * A request that the caller wrote.
     *
     * @param service method, path, headers and body
     * @param streamed whether the body of the response is handed over as it comes
     */
    record Raw(ServiceRequest service, boolean streamed) implements CallRequest {

        @Override
        public String operation() {
            return streamed ? "exchange-stream" : "exchange";
        }

        @Override
        public @Nullable Duration deadline() {
            return service.deadline();
        }
    }
}
