package dev.kimi.vendor;

import com.openai.core.RequestOptions;
import com.openai.core.http.HttpClient;
import com.openai.core.http.HttpRequest;
import com.openai.core.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/** Sends nothing. */
final class NoHttpClient implements HttpClient {

    @Override
    public HttpResponse execute(HttpRequest request, RequestOptions options) {
        throw new AssertionError("sent over another transport");
    }

    @Override
    public CompletableFuture<HttpResponse> executeAsync(HttpRequest request, RequestOptions options) {
        throw new AssertionError("sent over another transport");
    }

    @Override
    public void close() {}
}
