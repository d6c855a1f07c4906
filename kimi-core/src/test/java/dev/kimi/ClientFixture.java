package dev.kimi;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** A client whose service is a function, responding on the caller's thread or on request. */
final class ClientFixture implements Transport {

    /** What the service says to a request body, the body some time after the head. */
    record Reply(int status, String body, Duration untilBody) {
        Reply(int status, String body) {
            this(status, body, Duration.ZERO);
        }

        static Reply text(String text) {
            return new Reply(
                    200,
                    "{\"id\":\"1\",\"model\":\"kimi-k3\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                            + "\"content\":\"" + text
                            + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,"
                            + "\"completion_tokens\":1,\"total_tokens\":2}}");
        }
    }

    final VirtualTime time = new VirtualTime();
    final List<Runnable> held = new ArrayList<>();
    private final Function<String, Reply> service;
    boolean hold;
    /** From a request to the head of its response. */
    Supplier<Duration> untilHead = () -> Duration.ZERO;

    int aborted;
    final List<TransportRequest> sent = new ArrayList<>();

    ClientFixture(Function<String, Reply> service) {
        this.service = service;
    }

    KimiClientBuilder builder() {
        return KimiClient.builder()
                .credentials(CredentialsProvider.apiKey("sk-test"))
                .transport(this)
                .callbackExecutor(Runnable::run)
                .time(time, time);
    }

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        sent.add(request);
        boolean[] over = new boolean[1];
        Runnable answer = () -> {
            if (over[0]) {
                return;
            }
            over[0] = true;
            Reply reply = service.apply(new String(request.body().bytes(), StandardCharsets.UTF_8));
            handler.onHeaders(
                    reply.status(),
                    Headers.builder().add("content-type", "application/json").build());
            if (reply.untilBody().isZero()) {
                finish(handler, reply);
            } else {
                over[0] = false;
                time.schedule(reply.untilBody().toNanos(), () -> {
                    if (!over[0]) {
                        over[0] = true;
                        finish(handler, reply);
                    }
                });
            }
        };
        // never from within send: a transport tells what happens on its own thread
        if (hold) {
            held.add(answer);
        } else {
            time.schedule(untilHead.get().toNanos(), answer);
        }
        return new Exchange() {
            @Override
            public void request(long chunks) {}

            @Override
            public void abort() {
                over[0] = true;
                aborted++;
            }
        };
    }

    private static void finish(ExchangeHandler handler, Reply reply) {
        handler.onBody(ByteBuffer.wrap(reply.body().getBytes(StandardCharsets.UTF_8)));
        handler.onComplete(Headers.empty());
    }

    /** Lets the service respond to everything it has got. */
    void answerAll() {
        while (time.pending() > 0 && time.advanceToNext()) {
            // each response may make the client send more
        }
    }

    @Override
    public void close() {
        held.clear();
    }
}
