package dev.kimi.internal.endpoint;

import dev.kimi.service.ModelPrices;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * When a stream without an event is sent to a second endpoint too, and how many may be: a share of the calls, so that a
 * service that has become slow is not sent everything twice. Each call brings a share of a token, and a second attempt
 * costs one. Thread-safe.
 */
public final class Hedging {

    /** A second attempt is not made. */
    public static final long NEVER = Long.MAX_VALUE;

    /** More than half of the calls twice is no hedging. */
    public static final double MOST = 0.5;

    /** However fast an endpoint is: sooner, a second attempt gains nothing that its caller would notice. */
    static final Duration LEAST_DELAY = Duration.ofMillis(50);

    /** So many in a row, after a time in which there were none. */
    static final int BURST = 10;

    private static final long TOKEN = 1_000_000;
    private static final int MAX_MODELS = 256;
    private static final String OTHERS = "";

    private final long perCall;
    private final AtomicLong tokens = new AtomicLong();
    private final Map<Endpoint, Map<String, FirstEventTimes>> times = new ConcurrentHashMap<>();

    /** @param share of the calls that may be sent twice, above 0 and at most {@link #MOST} */
    public Hedging(double share) {
        this.perCall = Math.round(share * TOKEN);
    }

    /** A call begins that may be sent twice. */
    public void callBegins() {
        long seen = tokens.get();
        // full is the usual case, and then the shared line is only read
        while (seen < BURST * TOKEN && !tokens.compareAndSet(seen, Math.min(BURST * TOKEN, seen + perCall))) {
            seen = tokens.get();
        }
    }

    /** Whether another call may be sent twice, which counts from now on. */
    public boolean take() {
        long seen = tokens.get();
        while (seen >= TOKEN) {
            if (tokens.compareAndSet(seen, seen - TOKEN)) {
                return true;
            }
            seen = tokens.get();
        }
        return false;
    }

    /** It was not sent twice after all. */
    public void giveBack() {
        tokens.addAndGet(TOKEN);
    }

    /** The first event of a stream came so long after it was sent, or had not come then. */
    public void took(Endpoint endpoint, CallRequest request, long nanos) {
        if (request.isChat()) {
            timesOf(endpoint, request).took(nanos);
        }
    }

    /** How long a stream waits for its first event until it is sent elsewhere too, or {@link #NEVER}. */
    public long delayNanos(Endpoint endpoint, CallRequest request) {
        return Math.max(LEAST_DELAY.toNanos(), timesOf(endpoint, request).p95());
    }

    private FirstEventTimes timesOf(Endpoint endpoint, CallRequest request) {
        Map<String, FirstEventTimes> models = times.computeIfAbsent(endpoint, there -> new ConcurrentHashMap<>());
        String model = endpoint.modelOf(request);
        FirstEventTimes known = model == null ? null : models.get(model);
        if (known != null) {
            return known;
        }
        // models are named by callers, who may name anything
        String kept = model == null || models.size() >= MAX_MODELS ? OTHERS : model;
        return models.computeIfAbsent(kept, name -> new FirstEventTimes());
    }

    /** What reading the prompt costs there by the model's card, or null where that is not known. */
    public static Leg.@Nullable Price promptPrice(Endpoint endpoint, CallRequest request) {
        ModelPrices prices = endpoint.prices(request);
        if (prices == null) {
            return null;
        }
        long tokens = endpoint.quotaRequest(request).inputTokens();
        return Leg.Price.of(tokens, prices.input(), prices.currency());
    }

    /** Forgets what was seen. */
    void reset() {
        times.clear();
        tokens.set(0);
    }
}
