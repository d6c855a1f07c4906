package dev.kimi.vendor.openai;

import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientAsync;
import com.openai.client.OpenAIClientImpl;
import com.openai.core.ClientOptions;
import com.openai.core.http.AsyncStreamResponse;
import dev.kimi.KimiClient;
import dev.kimi.vendor.internal.CallScope;
import dev.kimi.vendor.internal.Target;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's own client ({@code openai-java}) over a Kimi client: its calls get the connections, credentials, limits,
 * retries, cancellation, events and metrics of that client, as calls of {@link KimiClient#exchangeStream} do.
 *
 * <pre>{@code
 * OpenAIClient client = KimiOpenAi.client(kimi);
 * }</pre>
 *
 * <ul>
 *   <li>The Kimi client's credentials go with each request; those of the SDK never leave the program.
 *   <li>The Kimi client retries. The SDK does not, whatever its {@code maxRetries}: a request that it sends again is
 *       rejected.
 *   <li>The SDK's {@code Timeout.request} is the deadline of the whole call, with all of its attempts and its body. Its
 *       other timeouts are not used: those of the Kimi client are.
 *   <li>A response with an error status is the SDK's exception for that status, with type, request id,
 *       {@code retry-after} and the message of the {@link dev.kimi.error.KimiException}, and without the service's own
 *       text. Where there is no response, or it breaks off, or time is up, it is {@code OpenAIIoException} with that
 *       exception among its causes; a cancelled or rejected call is {@code OpenAIException}, likewise.
 *   <li>Interrupting a thread that waits in the SDK cancels the call. So does closing a stream.
 *   <li>What blocks must not be called on a thread of an event loop; see {@link KimiClient}.
 *   <li>Closing the SDK's client leaves the Kimi client open.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class KimiOpenAi {

    private KimiOpenAi() {}

    /**
     * A client of the SDK.
     *
     * @throws IllegalArgumentException if the Kimi client speaks another protocol than {@code openai}
     */
    public static OpenAIClient client(KimiClient kimi) {
        return new OpenAIClientImpl(options(kimi).build());
    }

    /**
     * Options to make a client of the SDK from, for those who want to set more of them.
     *
     * @throws IllegalArgumentException as {@link #client} does
     */
    public static ClientOptions.Builder options(KimiClient kimi) {
        ClientOptions.Builder options = ClientOptions.builder();
        over(kimi).accept(options);
        return options;
    }

    /**
     * Moves a client of the SDK to the Kimi client, as in {@code sdk.withOptions(KimiOpenAi.over(kimi))}. It sets
     * transport, base URL, a credential that is never sent, retries and the timeout, which is the Kimi client's total
     * timeout unless a call brings its own.
     *
     * @throws IllegalArgumentException as {@link #client} does
     */
    public static Consumer<ClientOptions.Builder> over(KimiClient kimi) {
        String baseUrl = Target.baseUrl(kimi, "openai", "openai-java");
        return options -> options.httpClient(new OpenAiHttpClient(kimi, null))
                .baseUrl(baseUrl + "/v1")
                .apiKey("unused")
                .maxRetries(0)
                .timeout(kimi.timeouts().total());
    }

    /**
     * Makes an asynchronous call whose future, when it is cancelled, cancels the exchange. The SDK's own future does
     * not: its stages do not pass a cancel on.
     *
     * <pre>{@code
     * CompletableFuture<ChatCompletion> response =
     *         KimiOpenAi.cancellable(kimi, client.async(), sdk -> sdk.chat().completions().create(params));
     * response.cancel(true);
     * }</pre>
     *
     * @param sdk a client over the Kimi client
     * @param call makes a call of the client that it is given, and returns its future
     */
    public static <T extends @Nullable Object> CompletableFuture<T> cancellable(
            KimiClient kimi, OpenAIClientAsync sdk, Function<OpenAIClientAsync, CompletableFuture<T>> call) {
        CallScope scope = new CallScope();
        CompletableFuture<T> future = call.apply(within(scope, kimi, sdk));
        future.whenComplete((done, failure) -> {
            if (failure instanceof CancellationException) {
                scope.cancel();
            }
        });
        return future;
    }

    /**
     * Makes an asynchronous call whose stream, when it is closed, cancels the exchange at any time. The SDK's own
     * stream does so only once the response has begun.
     *
     * @param sdk a client over the Kimi client
     * @param call makes a call of the client that it is given, and returns its stream
     */
    public static <T> AsyncStreamResponse<T> cancellableStream(
            KimiClient kimi, OpenAIClientAsync sdk, Function<OpenAIClientAsync, AsyncStreamResponse<T>> call) {
        CallScope scope = new CallScope();
        AsyncStreamResponse<T> stream = call.apply(within(scope, kimi, sdk));
        stream.onCompleteFuture().whenComplete((done, failure) -> scope.cancel());
        return stream;
    }

    private static OpenAIClientAsync within(CallScope scope, KimiClient kimi, OpenAIClientAsync sdk) {
        return sdk.withOptions(options -> options.httpClient(new OpenAiHttpClient(kimi, scope)));
    }
}
