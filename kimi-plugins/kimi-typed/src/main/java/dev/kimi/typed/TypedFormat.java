package dev.kimi.typed;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.schema.internal.Schemas;
import dev.kimi.schema.internal.UnfitJsonException;
import dev.kimi.schema.internal.Values;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The form of responses that are values of a type: asks for it, and reads it. Use it where {@link TypedChat} does not
 * reach, as for streams and bulk runs. Immutable and thread-safe; the schema is made once per type.
 *
 * <pre>{@code
 * TypedFormat<Invoice> invoices = TypedFormat.of(Invoice.class);
 * try (ChatStream stream = kimi.stream(invoices.applyTo(request))) {
 *     stream.forEach(this::showProgress);
 *     Invoice invoice = invoices.read(stream.response()).value();
 * }
 * }</pre>
 *
 * <p>A type is a record, or a class as Jackson reads it; its members are simple types, enums, dates and times, lists,
 * arrays and optionals of such, and further records. All members are required. An {@code Optional}, and what an
 * annotation {@code Nullable} marks, may be null. Maps, {@code Object} and types that contain themselves have no schema
 * that strict services accept. Checks that schemas do not have belong into the record's constructor.
 */
public final class TypedFormat<T> {

    private static final int MAX_NAME = 64;

    private static final ClassValue<TypedFormat<?>> KNOWN = new ClassValue<>() {
        @Override
        protected TypedFormat<?> computeValue(Class<?> type) {
            return new TypedFormat<>(type);
        }
    };

    private final Class<T> type;
    private final ResponseFormat format;

    private TypedFormat(Class<T> type) {
        this.type = type;
        String name = type.getSimpleName().replaceAll("[^A-Za-z0-9_-]", "_");
        this.format = ResponseFormat.jsonSchema(name.substring(0, Math.min(MAX_NAME, name.length())), Schemas.of(type));
    }

    /**
     * The form for a type.
     *
     * @throws IllegalArgumentException if there is no strict schema for it; the message names the member
     */
    @SuppressWarnings("unchecked")
    public static <T> TypedFormat<T> of(Class<T> type) {
        return (TypedFormat<T>) KNOWN.get(type);
    }

    /** What to ask for. */
    public ResponseFormat responseFormat() {
        return format;
    }

    /** The request with this form; a form that it had is replaced. */
    public ChatRequest applyTo(ChatRequest request) {
        return request.toBuilder().responseFormat(format).build();
    }

    /**
     * Reads the value.
     *
     * @throws TypedResponseException if the response holds none: {@link TypedResponseException.Cut},
     *     {@link TypedResponseException.Declined} or {@link TypedResponseException.Mismatch}
     */
    public TypedResponse<T> read(ChatResponse response) {
        FinishReason reason = response.finishReason();
        if (reason.equals(FinishReason.LENGTH)) {
            throw new TypedResponseException.Cut(type, response);
        }
        if (reason.equals(FinishReason.CONTENT_FILTER)) {
            throw new TypedResponseException.Declined(type, response);
        }
        if (!response.toolCalls().isEmpty()) {
            String why = "it calls " + response.toolCalls().size() + " tools; run them with a ToolLoop";
            throw new TypedResponseException.Mismatch(type, why, response);
        }
        if (response.text().isBlank()) {
            throw new TypedResponseException.Mismatch(type, "it has no text (finish reason " + reason + ")", response);
        }
        try {
            return new TypedResponse<>(type.cast(Values.read(response.text(), type)), response);
        } catch (UnfitJsonException e) {
            throw new TypedResponseException.Mismatch(type, e.reason(), response);
        }
    }

    /**
     * Reads the value without blocking. The future fails with what the call fails with, or with what
     * {@link #read(ChatResponse)} throws; cancelling it cancels the call.
     *
     * @param call what the response comes from
     * @param response the response of it
     */
    public <R> CompletableFuture<TypedResponse<T>> read(
            CompletableFuture<R> call, Function<? super R, ChatResponse> response) {
        CompletableFuture<TypedResponse<T>> typed = call.newIncompleteFuture();
        call.whenComplete((result, failure) -> {
            if (failure != null) {
                typed.completeExceptionally(failure);
            } else {
                complete(typed, response.apply(result));
            }
        });
        typed.whenComplete((value, failure) -> {
            if (typed.isCancelled()) {
                call.cancel(true);
            }
        });
        return typed;
    }

    private void complete(CompletableFuture<TypedResponse<T>> typed, ChatResponse response) {
        try {
            typed.complete(read(response));
        } catch (TypedResponseException e) {
            typed.completeExceptionally(e);
        }
    }

    @Override
    public String toString() {
        return "TypedFormat[" + type.getSimpleName() + "]";
    }
}
