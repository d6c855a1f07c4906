package dev.kimi.gateway.server;

import dev.kimi.time.TimeSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** So many callers, each of which begins a stream when its last one has ended, and none tries anything again. */
final class Callers {

    private static final String ASK = "{\"model\":\"kimi-k3\",\"max_tokens\":500,\"stream\":true,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"Count.\"}]}";

    private static final long STAGGER_MILLIS = 3000;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;
    private final List<Ended> ended = new CopyOnWriteArrayList<>();
    private final List<CompletableFuture<Void>> callers;
    private volatile boolean over;

    /** A stream that has ended, and when. */
    record Ended(String how, long nanos) {}

    private Callers(String baseUrl, int count) {
        this.url = URI.create(baseUrl + "/v1/messages");
        // So that at any moment some begin, some end and most are in the middle.
        this.callers = IntStream.range(0, count)
                .mapToObj(caller -> CompletableFuture.runAsync(
                                () -> {},
                                CompletableFuture.delayedExecutor(
                                        STAGGER_MILLIS * caller / count, TimeUnit.MILLISECONDS))
                        .thenCompose(begun -> next()))
                .toList();
    }

    static Callers start(String baseUrl, int count) {
        return new Callers(baseUrl, count);
    }

    private CompletableFuture<Void> next() {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("content-type", "application/json")
                .header("anthropic-version", "2023-06-01")
                .POST(HttpRequest.BodyPublishers.ofString(ASK))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString())
                .handle((response, failure) -> {
                    ended.add(new Ended(
                            how(response, failure), TimeSource.system().nanoTime()));
                    return over ? CompletableFuture.<Void>completedFuture(null) : next();
                })
                .thenCompose(following -> following);
    }

    private static String how(@Nullable HttpResponse<String> response, @Nullable Throwable failure) {
        if (failure != null) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            return "connection: " + cause.getMessage();
        }
        if (response.statusCode() != 200) {
            return "status " + response.statusCode();
        }
        if (response.body().contains("event: error")) {
            return "error event";
        }
        return response.body().contains("event: message_stop") ? "whole" : "without an end";
    }

    /** How streams have ended until now, and how many. */
    Map<String, Integer> ends() {
        Map<String, Integer> ends = new TreeMap<>();
        ended.forEach(end -> ends.merge(end.how(), 1, Integer::sum));
        return ends;
    }

    List<Ended> ended() {
        return ended;
    }

    int count() {
        return callers.size();
    }

    /** Lets streams that are under way end, and begins no more. */
    void finish() {
        over = true;
        CompletableFuture.allOf(callers.toArray(CompletableFuture[]::new)).join();
    }
}
