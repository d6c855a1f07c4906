package dev.kimi.typed;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Asks a client for values instead of texts. Thread-safe; costs nothing to make and needs no closing.
 *
 * <pre>{@code
 * record City(String name, @Description("In millions") double inhabitants) {}
 *
 * City city = TypedChat.of(kimi).chat("The largest city of Japan?", City.class).value();
 * }</pre>
 *
 * <p>See {@link TypedFormat} for the types that there are.
 */
public final class TypedChat {

    private final KimiClient client;

    private TypedChat(KimiClient client) {
        this.client = Objects.requireNonNull(client, "client");
    }

    /** Asks that client, which stays the caller's to close. */
    public static TypedChat of(KimiClient client) {
        return new TypedChat(client);
    }

    /** Sends one user message to the default model; see {@link #chat(ChatRequest, Class)}. */
    public <T> TypedResponse<T> chat(String userText, Class<T> type) {
        return chat(ChatRequest.of(userText), type);
    }

    /**
     * Asks, blocking until the value is there. Fails as {@link KimiClient#chat(ChatRequest)} does, and further:
     *
     * @throws TypedResponseException if the response is not such a value
     * @throws IllegalArgumentException if the type has no strict schema; nothing is sent
     */
    public <T> TypedResponse<T> chat(ChatRequest request, Class<T> type) {
        TypedFormat<T> format = TypedFormat.of(type);
        return format.read(client.chat(format.applyTo(request)));
    }

    /**
     * Asks without blocking. The future fails with what {@link #chat(ChatRequest, Class)} throws; cancelling it cancels
     * the call.
     *
     * @throws IllegalArgumentException if the type has no strict schema; nothing is sent
     */
    public <T> CompletableFuture<TypedResponse<T>> chatAsync(ChatRequest request, Class<T> type) {
        TypedFormat<T> format = TypedFormat.of(type);
        return format.read(client.chatAsync(format.applyTo(request)), response -> response);
    }
}
