package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.KimiClientBuilder.Part;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.internal.Eventually;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A client that brings one batch of streams after the other to the same point, and gives them up there. */
final class SoakLane implements CallListener, Quota, AutoCloseable {

    private static final int BATCH = 64;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final ChatRequest REQUEST = ChatRequest.of("Why?");

    final AtomicLong begun = new AtomicLong();
    final AtomicLong ended = new AtomicLong();
    final AtomicLong unexpected = new AtomicLong();
    final AtomicLong held = new AtomicLong();
    final Timer timer;
    final KimiSimulator service;
    final KimiClient client;
    private final AtomicLong events = new AtomicLong();
    private final SoakPoint point;
    private final String name;
    private final @Nullable ServerSocket silent;

    SoakLane(SoakPoint point, String http) throws IOException {
        this.point = point;
        this.name = point + "/" + http;
        this.timer = Timer.wheel("timer-" + name);
        this.service = KimiSimulator.builder()
                .validation(false)
                .recordedRequests(0)
                .maxConcurrentStreams(point == SoakPoint.WAITING_FOR_CONNECTION ? 1 : 1_000)
                .start()
                .otherwise(point.reply());
        this.silent = point == SoakPoint.CONNECTING ? new ServerSocket(0, 10, InetAddress.getLoopbackAddress()) : null;
        this.client = client(http);
    }

    private KimiClient client(String http) {
        KimiClientBuilder builder = KimiClient.builder()
                .name(point.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .baseUrl(silent == null ? service.baseUrl() : "https://127.0.0.1:" + silent.getLocalPort())
                .apiKey("sk-soak")
                .time(TimeSource.system(), timer)
                .timeouts(Timeouts.builder()
                        .connect(Duration.ofHours(1))
                        .poolWait(Duration.ofHours(1))
                        .build())
                .set(Part.TRANSPORT, "http", http)
                .quota(this)
                .listener(this);
        if (point == SoakPoint.WAITING_FOR_CONNECTION || point == SoakPoint.CONNECTING) {
            builder.set(Part.TRANSPORT, "max-connections", "1");
        }
        if (point == SoakPoint.WAITING_FOR_TOKEN) {
            builder.credentials(CompletableFuture::new);
        }
        return builder.build();
    }

    /** Gives up that many streams and comes back when the service has seen the last of them go. */
    void giveUp(long count) {
        ChatStream taker = point == SoakPoint.WAITING_FOR_CONNECTION ? client.stream(REQUEST) : null;
        if (taker != null) {
            await("the only connection is taken", () -> service.openRequests() == 1);
        }
        for (long left = count; left > 0; left -= BATCH) {
            batch((int) Math.min(BATCH, left), taker == null ? 0 : 1);
        }
        if (taker != null) {
            taker.close();
        }
    }

    private void batch(int size, int others) {
        events.set(0);
        List<ChatStream> streams = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            ChatStream stream = client.stream(REQUEST);
            streams.add(stream);
            if (point.readsEvents()) {
                stream.subscribe(new FirstEvent());
            }
        }
        await("the streams are there", () -> switch (point) {
            case QUEUED, WAITING_FOR_TOKEN -> true;
            case WAITING_FOR_CONNECTION, CONNECTING -> client.pool().pending() == size;
            case BEFORE_HEADERS, BEFORE_FIRST_EVENT -> service.openRequests() == size;
            case MID_EVENT, BETWEEN_EVENTS -> events.get() == size;
            case AT_END -> begun.get() - ended.get() == others;
        });
        streams.forEach(ChatStream::close);
        await(
                "the streams are gone",
                () -> begun.get() - ended.get() == others
                        && client.pool().pending() == 0
                        && client.pool().exchanges() == others
                        && service.openRequests() == others);
    }

    /** Closes the connections that wait for further use, so that those which nobody could use any more are left. */
    void settle() {
        await("no exchange is under way", () -> client.pool().exchanges() == 0 && service.openRequests() == 0);
        service.disconnectAll();
        await("no connection is open", () -> client.pool().idle() == 0 && service.openConnections() == 0);
    }

    private void await(String what, BooleanSupplier condition) {
        if (!Eventually.holds(PATIENCE, condition)) {
            throw new IllegalStateException(name + ": it never came about that " + what + ": " + client.pool() + ", "
                    + (begun.get() - ended.get()) + " calls, " + service.openRequests() + " requests, "
                    + service.openConnections() + " connections");
        }
    }

    @Override
    public CallObserver started(CallEvent.Started event) {
        begun.incrementAndGet();
        return new CallObserver() {
            @Override
            public void finished(CallEvent.Finished how) {
                ended.incrementAndGet();
                if (how.outcome()
                        != (point == SoakPoint.AT_END ? CallEvent.Outcome.SUCCESS : CallEvent.Outcome.CANCELLED)) {
                    unexpected.incrementAndGet();
                }
            }
        };
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        if (point == SoakPoint.QUEUED) {
            return QuotaDecision.later(Duration.ofHours(1));
        }
        held.incrementAndGet();
        return QuotaDecision.granted(tokens -> held.decrementAndGet());
    }

    @Override
    public void close() {
        client.close();
        timer.close();
        service.close();
        if (silent != null) {
            try {
                silent.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private final class FirstEvent implements Flow.Subscriber<ChatEvent> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(1);
        }

        @Override
        public void onNext(ChatEvent event) {
            events.incrementAndGet();
        }

        @Override
        public void onError(Throwable failure) {
            // counted where the call tells its end
        }

        @Override
        public void onComplete() {
            // never comes here: the stream is given up before
        }
    }
}
