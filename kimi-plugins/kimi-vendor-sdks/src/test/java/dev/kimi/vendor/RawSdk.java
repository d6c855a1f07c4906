package dev.kimi.vendor;

import dev.kimi.KimiClient;
import dev.kimi.vendor.anthropic.KimiAnthropic;
import dev.kimi.vendor.openai.KimiOpenAi;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The HTTP clients of the SDKs below their services: any request, any response. */
enum RawSdk {
    OPENAI("openai") {
        @Override
        Response execute(KimiClient kimi, Request request) {
            return response(client(kimi).execute(request(request)));
        }

        @Override
        CompletableFuture<Response> executeAsync(KimiClient kimi, Request request) {
            return client(kimi).executeAsync(request(request)).thenApply(RawSdk::response);
        }

        private com.openai.core.http.HttpClient client(KimiClient kimi) {
            return KimiOpenAi.options(kimi).build().httpClient();
        }

        private com.openai.core.http.HttpRequest request(Request request) {
            com.openai.core.http.HttpRequest.Builder builder = com.openai.core.http.HttpRequest.builder()
                    .method(com.openai.core.http.HttpMethod.valueOf(request.method))
                    .baseUrl(request.baseUrl)
                    .pathSegments(request.path)
                    .queryParams(request.query)
                    .headers(request.headers);
            if (request.body != null) {
                builder.body(request.body);
            }
            return builder.build();
        }
    },
    ANTHROPIC("anthropic") {
        @Override
        Response execute(KimiClient kimi, Request request) {
            return response(client(kimi).execute(request(request)));
        }

        @Override
        CompletableFuture<Response> executeAsync(KimiClient kimi, Request request) {
            return client(kimi).executeAsync(request(request)).thenApply(RawSdk::response);
        }

        private com.anthropic.core.http.HttpClient client(KimiClient kimi) {
            return KimiAnthropic.options(kimi).build().httpClient();
        }

        private com.anthropic.core.http.HttpRequest request(Request request) {
            com.anthropic.core.http.HttpRequest.Builder builder = com.anthropic.core.http.HttpRequest.builder()
                    .method(com.anthropic.core.http.HttpMethod.valueOf(request.method))
                    .baseUrl(request.baseUrl)
                    .addPathSegments(request.path.toArray(new String[0]))
                    .queryParams(request.query)
                    .headers(request.headers);
            if (request.body != null) {
                builder.body(request.body);
            }
            return builder.build();
        }
    };

    private final String protocol;

    RawSdk(String protocol) {
        this.protocol = protocol;
    }

    String protocol() {
        return protocol;
    }

    /** Blocks until status and headers are there. */
    abstract Response execute(KimiClient kimi, Request request);

    abstract CompletableFuture<Response> executeAsync(KimiClient kimi, Request request);

    private static Response response(com.openai.core.http.HttpResponse response) {
        return new Response(
                response.statusCode(), name -> response.headers().values(name), response.body(), response::close);
    }

    private static Response response(com.anthropic.core.http.HttpResponse response) {
        return new Response(
                response.statusCode(), name -> response.headers().values(name), response.body(), response::close);
    }

    /** A request in the words of both. */
    record Request(
            String method,
            String baseUrl,
            List<String> path,
            Map<String, List<String>> query,
            Map<String, List<String>> headers,
            @Nullable RawBody body) {

        static Request of(String method, String baseUrl, String... path) {
            return new Request(method, baseUrl, List.of(path), Map.of(), Map.of(), null);
        }

        Request query(Map<String, List<String>> value) {
            return new Request(method, baseUrl, path, value, headers, body);
        }

        Request header(String name, String... values) {
            return new Request(method, baseUrl, path, query, Map.of(name, List.of(values)), body);
        }

        Request body(RawBody value) {
            return new Request(method, baseUrl, path, query, headers, value);
        }
    }

    /** A response of either. */
    record Response(int status, Values headers, InputStream body, Runnable onClose) implements AutoCloseable {

        /** All that is left of the body. */
        String text() {
            try {
                return new String(body.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            onClose.run();
        }
    }

    /** Values of a header. */
    @FunctionalInterface
    interface Values {
        List<String> of(String name);
    }
}
