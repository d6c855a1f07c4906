package dev.kimi;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one outcome of one request of a bulk run: a response or a failure. */
public final class BatchResult {

    private final int index;
    private final ChatRequest request;
    private final @Nullable ChatResponse response;
    private final @Nullable KimiException failure;

    private BatchResult(
            int index, ChatRequest request, @Nullable ChatResponse response, @Nullable KimiException failure) {
        this.index = index;
        this.request = request;
        this.response = response;
        this.failure = failure;
    }

    /** For runs and fakes of them. */
    public static BatchResult succeeded(int index, ChatRequest request, ChatResponse response) {
        return new BatchResult(index, request, Objects.requireNonNull(response), null);
    }

    /** For runs and fakes of them. */
    public static BatchResult failed(int index, ChatRequest request, KimiException failure) {
        return new BatchResult(index, request, null, Objects.requireNonNull(failure));
    }

    /** The request's place in the input, from 0. */
    public int index() {
        return index;
    }

    /** What was asked. */
    public ChatRequest request() {
        return request;
    }

    /** The response, empty when it failed. */
    public Optional<ChatResponse> response() {
        return Optional.ofNullable(response);
    }

    /**
     * Why it failed.
     *
     * @throws IllegalStateException if it did not
     */
    public KimiException failure() {
        if (failure == null) {
            throw new IllegalStateException("request " + index + " succeeded");
        }
        return failure;
    }

    /** True when there is a response. */
    public boolean succeeded() {
        return response != null;
    }
}
