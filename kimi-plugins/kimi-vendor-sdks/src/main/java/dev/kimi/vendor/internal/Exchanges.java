package dev.kimi.vendor.internal;

import dev.kimi.KimiClient;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Sends an SDK's requests over a Kimi client. Thread-safe.
 *
 * @param <R> the SDK's type of a response
 */
public final class Exchanges<R> {

    private final KimiClient client;
    private final VendorSdk<R> sdk;
    private final @Nullable CallScope scope;

    /** @param scope what ends the exchanges together, or null when they have nothing to do with each other */
    public Exchanges(KimiClient client, VendorSdk<R> sdk, @Nullable CallScope scope) {
        this.client = client;
        this.sdk = sdk;
        this.scope = scope;
    }

    /** Blocks until status and headers are there; an interrupt ends it. The body of the request is closed then. */
    public R execute(VendorRequest request) {
        try (SentBody body = SentBody.of(request.body())) {
            ServiceStream stream = client.exchangeStream(written(request, body));
            inScope(stream::close);
            return sdk.response(VendorResponse.of(stream));
        } catch (IOException e) {
            throw sdk.ioFailure(e.getMessage(), e);
        } catch (KimiException e) {
            R response = responseOf(e);
            if (response == null) {
                throw exception(e);
            }
            return response;
        }
    }

    /** Does not block. The future, and each that depends on it, cancels the exchange. */
    public CompletableFuture<R> executeAsync(VendorRequest request) {
        SentBody body = SentBody.of(request.body());
        boolean begun = false;
        try {
            CompletableFuture<R> response = begun(request, body);
            begun = true;
            response.whenComplete((done, failure) -> body.close());
            return response;
        } catch (IOException e) {
            return CompletableFuture.failedFuture(sdk.ioFailure(e.getMessage(), e));
        } finally {
            if (!begun) {
                body.close();
            }
        }
    }

    private CompletableFuture<R> begun(VendorRequest request, SentBody body) throws IOException {
        CompletableFuture<ServiceStream> head = client.exchangeStreamAsync(written(request, body));
        CallScope call = new CallScope();
        ResponseFuture<R> response = new ResponseFuture<>(call::cancel);
        call.add(() -> head.cancel(true));
        inScope(call::cancel);
        head.whenComplete((stream, failure) -> {
            if (failure != null) {
                fail(response, failure);
            } else {
                call.add(stream::close);
                arrived(stream, response);
            }
        });
        return response;
    }

    private ServiceRequest written(VendorRequest request, SentBody body) throws IOException {
        RequestWriter writer = RequestWriter.of(request, body.read(), client.baseUrl());
        if (writer.isRetry()) {
            throw sdk.failure(
                    "Not sent again: the Kimi client retries by its own settings, and had ended the call. Set the"
                            + " SDK's maxRetries to 0.",
                    null);
        }
        return writer.request();
    }

    private void arrived(ServiceStream stream, ResponseFuture<R> response) {
        if (!VendorResponse.isJson(stream.headers())) {
            VendorResponse opened = VendorResponse.of(stream);
            if (!response.complete(sdk.response(opened))) {
                opened.close();
            }
            return;
        }
        WholeBody.of(stream).whenComplete((body, failure) -> {
            if (failure != null) {
                fail(response, failure);
            } else {
                response.complete(sdk.response(VendorResponse.of(stream.status(), stream.headers(), body)));
            }
        });
    }

    private void inScope(Runnable cancel) {
        if (scope != null) {
            scope.add(cancel);
        }
    }

    private void fail(ResponseFuture<R> future, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        R response = cause instanceof KimiException known ? responseOf(known) : null;
        if (response != null) {
            future.complete(response);
        } else {
            future.completeExceptionally(
                    cause instanceof KimiException known ? exception(known) : sdk.ioFailure(cause.getMessage(), cause));
        }
    }

    /** The response that the failure was, or null when it was none. */
    private @Nullable R responseOf(KimiException failure) {
        int status = isResponse(failure) ? VendorResponse.statusOf(failure) : 0;
        return status == 0 ? null : sdk.response(VendorResponse.of(failure, status, sdk.errorBody(failure)));
    }

    /** Whether the failure was a response; one that came before the failure is none. */
    private static boolean isResponse(KimiException failure) {
        return !isIo(failure) && !(failure instanceof CallCancelledException);
    }

    private static boolean isIo(KimiException failure) {
        return failure instanceof TransportException
                || failure instanceof DeadlineExceededException
                || failure instanceof TruncatedStreamException;
    }

    private RuntimeException exception(KimiException failure) {
        return isIo(failure)
                ? sdk.ioFailure(failure.getMessage(), failure)
                : sdk.failure(failure.getMessage(), failure);
    }
}
