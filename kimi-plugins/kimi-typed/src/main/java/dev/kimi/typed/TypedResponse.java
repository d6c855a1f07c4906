package dev.kimi.typed;

import dev.kimi.chat.ChatResponse;
import java.util.Objects;

/**
 * A response whose text was read into a value. Does not print the value.
 *
 * @param value what the text says; never null
 * @param response the whole response, with usage, notes and the turn for {@code ChatRequest.after}
 */
public record TypedResponse<T>(T value, ChatResponse response) {

    public TypedResponse {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(response, "response");
    }

    @Override
    public String toString() {
        return "TypedResponse[" + value.getClass().getSimpleName() + ", " + response + "]";
    }
}
