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
import dev.kimi.vendor.internal.RequestWriter;
import dev.kimi.vendor.internal.VendorBody;
import dev.kimi.vendor.internal.VendorResponse;
import dev.kimi.vendor.internal.VendorSdk;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Sends what the SDK sends over a Kimi client. Closing it does nothing: the Kimi client belongs to the program. */
final class AnthropicHttpClient implements HttpClient {

    private final KimiClient client;
    private final Exchanges<HttpResponse> exchanges;

    AnthropicHttpClient(KimiClient client, @Nullable CallScope scope) {
        this.client = client;
        this.exchanges = new Exchanges<>(client, new Sdk(), scope);
    }

    @Override
    public HttpResponse execute(HttpRequest request, RequestOptions options) {
        HttpRequestBody body = bodyOf(request);
        try {
            return exchanges.execute(written(request, body, options));
        } catch (IOException e) {
            throw new AnthropicIoException(e.getMessage(), e);
        } finally {
            if (body != null) {
                body.close();
            }
        }
    }

    @Override
    public CompletableFuture<HttpResponse> executeAsync(HttpRequest request, RequestOptions options) {
        HttpRequestBody body = bodyOf(request);
        CompletableFuture<HttpResponse> response;
        try {
            response = exchanges.executeAsync(written(request, body, options));
        } catch (IOException e) {
            response = CompletableFuture.failedFuture(new AnthropicIoException(e.getMessage(), e));
        }
        if (body != null) {
            response.whenComplete((done, failure) -> body.close());
        }
        return response;
    }

    private RequestWriter written(HttpRequest request, @Nullable HttpRequestBody body, RequestOptions options)
            throws IOException {
        VendorBody written = body == null ? null : new Body(body);
        RequestWriter writer = new RequestWriter(client, request.method().name(), request.url(), written);
        Headers headers = request.headers();
        headers.names().forEach(name -> writer.header(name, headers.values(name)));
        writer.contentType(body == null ? null : body.contentType());
        writer.timeout(timeoutOf(options));
        return writer;
    }

    private static @Nullable HttpRequestBody bodyOf(HttpRequest request) {
        return request.body().orElse(null);
    }

    private static @Nullable Duration timeoutOf(RequestOptions options) {
        return options.timeout().map(Timeout::request).orElse(null);
    }

    @Override
    public void close() {}

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
        public boolean isRepeatable() {
            return body.repeatable();
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
