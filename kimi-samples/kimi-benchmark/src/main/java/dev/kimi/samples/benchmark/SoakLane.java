package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.retry.RetryDecision;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Clients that bring one batch of streams after the other to the same point, and give them up there. */
final class SoakLane implements CallListener, Quota, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Timeouts TIMEOUTS = Timeouts.builder()
            .connect(AN_HOUR)
            .poolWait(AN_HOUR)
            .total(AN_HOUR.multipliedBy(2))
            .build();

    final AtomicLong begun = new AtomicLong();
    final AtomicLong ended = new AtomicLong();
    final AtomicLong held = new AtomicLong();
    final Timer timer;
    final Transport transport;
    private final AtomicLong unexpected = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong backOffs = new AtomicLong();
    private final SoakPoint point;
    private final String name;
    private final SoakService service;
    private final ChatRequest request;
    private final TimeSource time;
    /** Time that passes while the quota is consulted, where it is a deadline that ends the call. */
    private final @Nullable VirtualTime passing;

    SoakLane(SoakPoint point, String http) throws IOException {
        this.point = point;
        this.name = point + "/" + http;
        this.passing = point == SoakPoint.BEFORE_ADMISSION ? new VirtualTime() : null;
        this.time = passing == null ? TimeSource.system() : passing;
        this.timer = passing == null ? Timer.wheel("timer-" + name) : passing;
        this.service = new SoakService(point, http);
        this.transport = transport(http);
        this.request = service.request();
    }

    private Transport transport(String http) {
        return Part.TRANSPORT
                .factory("vertx")
                .create(Part.TRANSPORT
                        .settings(timer)
                        .time(time)
                        .timeouts(TIMEOUTS)
                        .set("http", http)
                        .set("max-connections", point.oneConnection() ? "1" : "100")
                        .build());
    }

    private KimiClient client() {
        KimiClientBuilder builder = KimiClient.builder()
                .name(point.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .baseUrl(service.baseUrl())
                .apiKey("sk-soak")
                .time(time, timer)
                .timeouts(TIMEOUTS)
                .transport(transport)
                .quota(this)
                .listener(this)
                .retryPolicy(failed -> RetryDecision.after(AN_HOUR));
        if (point == SoakPoint.WAITING_FOR_TOKEN) {
            builder.credentials(CompletableFuture::new);
        }
        return builder.build();
    }

    /** How many streams to cancel here for one in a lane where it costs little. */
    double share() {
        return service.share();
    }

    /** Cancels that many streams and returns when the service has seen the last of them go. */
    void cancel(long count) {
        long left = count;
        while (left > 0) {
            try (KimiClient client = client()) {
                left -= cancel(client, Math.min(point.callsOfOneClient(), left));
            }
        }
    }

    private long cancel(KimiClient client, long count) {
        ChatStream taker = point == SoakPoint.WAITING_FOR_CONNECTION ? client.stream(request) : null;
        if (taker != null) {
            await("the only connection is taken", () -> service.openRequests() == 1);
        }
        for (long left = count; left > 0; left -= point.batch()) {
            batch(client, (int) Math.min(point.batch(), left), taker == null ? 0 : 1);
        }
        if (taker != null) {
            taker.close();
        }
        return count;
    }

    private void batch(KimiClient client, int size, int others) {
        events.set(0);
        backOffs.set(0);
        List<ChatStream> streams = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            ChatStream stream = client.stream(request);
            streams.add(stream);
            if (point.readsEvents()) {
                stream.subscribe(new FirstEvent());
            }
        }
        await("the streams are there", () -> switch (point) {
            case QUEUED, WAITING_FOR_TOKEN -> true;
            case WAITING_FOR_CONNECTION, CONNECTING -> transport.pool().pending() == size;
            case SENDING, BEFORE_HEADERS, BEFORE_FIRST_EVENT -> service.openRequests() == size;
            case MID_EVENT, BETWEEN_EVENTS -> events.get() == size;
            case BACK_OFF -> backOffs.get() == size;
            case BEFORE_ADMISSION, AT_END -> begun.get() - ended.get() == others;
        });
        streams.forEach(ChatStream::close);
        await(
                "the client has let go of the streams",
                () -> begun.get() - ended.get() == others
                        && transport.pool().pending() == 0
                        && transport.pool().exchanges() == others);
        service.cancelled();
        await("the service has seen them go", () -> service.openRequests() == others);
    }

    /** Streams that ended in another way than this point has it, or were not at this point. */
    long unexpected() {
        return unexpected.get() + service.slippedThrough();
    }

    /** Closes the connections that wait for further use, so that those which nobody could use any more are left. */
    void settle() {
        await("no exchange is under way", () -> transport.pool().exchanges() == 0 && service.openRequests() == 0);
        service.disconnectAll();
        await("no connection is open", () -> transport.pool().idle() == 0 && service.openConnections() == 0);
    }

    private void await(String what, BooleanSupplier condition) {
        if (!Eventually.holds(PATIENCE, condition)) {
            throw new IllegalStateException(name + ": it never came about that " + what + ": " + transport.pool() + ", "
                    + (begun.get() - ended.get()) + " calls, " + service.openRequests() + " requests, "
                    + service.openConnections() + " connections");
        }
    }

    @Override
    public CallObserver started(CallEvent.Started call) {
        begun.incrementAndGet();
        return event -> {
            if (event instanceof CallEvent.RetryScheduled) {
                backOffs.incrementAndGet();
            } else if (event instanceof CallEvent.Finished how) {
                ended.incrementAndGet();
                if (how.outcome() != point.outcome()) {
                    unexpected.incrementAndGet();
                }
            }
        };
    }

    @Override
    public QuotaDecision reserve(QuotaRequest quotaRequest) {
        if (point == SoakPoint.QUEUED) {
            return QuotaDecision.later(AN_HOUR);
        }
        if (passing != null) {
            passing.advance(TIMEOUTS.total());
        }
        held.incrementAndGet();
        return QuotaDecision.granted(settlement -> held.decrementAndGet());
    }

    @Override
    public void close() {
        transport.close();
        timer.close();
        service.close();
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
            // counted where the call reports its end
        }

        @Override
        public void onComplete() {
            // never comes here: the stream is cancelled before
        }
    }
}
