package dev.kimi.vendor.anthropic;

import com.anthropic.core.RequestOptions;
import com.anthropic.core.Timeout;
import com.anthropic.core.http.Headers;
import com.anthropic.core.http.HttpClient;
import com.anthropic.core.http.HttpRequest;
import com.anthropic.core.http.HttpRequestBody;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.AnthropicIoException;
import dev.kimi.KimiClient;
import dev.kimi.error.KimiException;
import dev.kimi.vendor.internal.CallScope;
import dev.kimi.vendor.internal.Exchanges;
import dev.kimi.vendor.internal.JsonText;
import dev.kimi.vendor.internal.VendorBody;
import dev.kimi.vendor.internal.VendorRequest;
import dev.kimi.vendor.internal.VendorResponse;
import dev.kimi.vendor.internal.VendorSdk;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Sends what the SDK sends over a Kimi client. Closing it does nothing: the Kimi client belongs to the program. */
final class AnthropicHttpClient implements HttpClient {

    private final Exchanges<HttpResponse> exchanges;

    AnthropicHttpClient(KimiClient client, @Nullable CallScope scope) {
        this.exchanges = new Exchanges<>(client, new Sdk(), scope);
    }

    @Override
    public HttpResponse execute(HttpRequest request, RequestOptions options) {
        return exchanges.execute(new Request(request, options));
    }

    @Override
    public CompletableFuture<HttpResponse> executeAsync(HttpRequest request, RequestOptions options) {
        return exchanges.executeAsync(new Request(request, options));
    }

    @Override
    public void close() {}

    private record Request(HttpRequest request, RequestOptions options) implements VendorRequest {

        @Override
        public String method() {
            return request.method().name();
        }

        @Override
        public String url() {
            return request.url();
        }

        @Override
        public void headers(BiConsumer<String, List<String>> header) {
            Headers headers = request.headers();
            headers.names().forEach(name -> header.accept(name, headers.values(name)));
        }

        @Override
        public @Nullable VendorBody body() {
            HttpRequestBody body = request.body().orElse(null);
            return body == null ? null : new Body(body);
        }

        @Override
        public @Nullable Duration timeout() {
            return options.timeout().map(Timeout::request).orElse(null);
        }
    }

    private record Body(HttpRequestBody body) implements VendorBody {

        @Override
        public void writeTo(OutputStream out) throws IOException {
            body.writeTo(out);
        }

        @Override
        public long length() {
            return body.contentLength();
        }

        @Override
        public @Nullable String contentType() {
            return body.contentType();
        }

        @Override
        public boolean isRepeatable() {
            return body.repeatable();
        }

        @Override
        public void close() {
            body.close();
        }
    }

    private static final class Sdk implements VendorSdk<HttpResponse> {

        @Override
        public HttpResponse response(VendorResponse response) {
            Headers.Builder headers = Headers.builder();
            response.headers().forEach(headers::put);
            return new Response(response, headers.build());
        }

        @Override
        public RuntimeException ioFailure(@Nullable String message, Throwable cause) {
            return new AnthropicIoException(message, cause);
        }

        @Override
        public RuntimeException failure(@Nullable String message, @Nullable Throwable cause) {
            return new AnthropicException(message, cause);
        }

        @Override
        public String errorBody(KimiException failure) {
            String type = failure.errorType();
            return "{\"type\":\"error\",\"error\":{\"type\":" + JsonText.of(type == null ? "api_error" : type)
                    + ",\"message\":" + JsonText.of(failure.getMessage()) + "},\"request_id\":"
                    + JsonText.of(failure.requestId()) + "}";
        }
    }

    private record Response(VendorResponse response, Headers headers) implements HttpResponse {

        @Override
        public int statusCode() {
            return response.status();
        }

        @Override
        public InputStream body() {
            return response.body();
        }

        @Override
        public void close() {
            response.close();
        }
    }
}
