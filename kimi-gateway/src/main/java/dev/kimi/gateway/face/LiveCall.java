package dev.kimi.gateway.face;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.key.Admission;
import java.math.BigDecimal;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A call under way. Each field is written by one thread at a time and may be read by any. */
final class LiveCall implements GatewayCall {

    /** Of a stream, all that is around the text counted with it: too many tokens rather than too few. */
    private static final int BYTES_PER_TOKEN = 8;

    private final String id;
    private final String protocol;
    private final String operation;
    private final String traceId;
    private final long startNanos;
    private final CallEvents events;
    private final AtomicBoolean settled = new AtomicBoolean();
    private final AtomicBoolean over = new AtomicBoolean();

    private volatile @Nullable String keyId;
    private volatile @Nullable String model;
    private volatile boolean streamed;
    private volatile @Nullable String endpoint;
    private volatile @Nullable String upstreamModel;
    private volatile int status;
    private volatile int attempts;
    private volatile GatewayError.@Nullable Kind error;
    private volatile List<ChatResponse.Note> notes = List.of();
    private volatile Usage usage = Usage.NONE;
    private volatile @Nullable BigDecimal cost;
    private volatile long admittedNanos;
    private volatile long firstByteNanos;
    private volatile long endNanos;
    private volatile @Nullable Outcome outcome;
    private volatile @Nullable Admission admission;
    private volatile @Nullable Consumer<LiveCall> bill;
    private volatile boolean reached;
    private volatile long bytes;

    LiveCall(String id, String protocol, String operation, String traceId, CallEvents events) {
        this.id = id;
        this.protocol = protocol;
        this.operation = operation;
        this.traceId = traceId;
        this.events = events;
        this.startNanos = events.nanoTime();
        events.started(this);
    }

    void identified(String key) {
        this.keyId = key;
    }

    void read(String clientsModel, boolean wantsStream) {
        this.model = clientsModel;
        this.streamed = wantsStream;
    }

    void admitted(Admission place) {
        this.admission = place;
        this.admittedNanos = events.nanoTime();
        events.admitted(this);
    }

    /** From now on a service may work on it, as far as nobody says otherwise. */
    void sent() {
        this.reached = true;
    }

    /** Nothing of it was worked on. */
    void notReached() {
        this.reached = false;
    }

    /** @param reading brings usage and cost up to date; called once more at the end */
    void responded(String endpointName, String modelThere, int made, Consumer<LiveCall> reading) {
        this.endpoint = endpointName;
        this.upstreamModel = modelThere;
        this.attempts = made;
        this.bill = reading;
        reading.accept(this);
        events.responded(this);
    }

    void used(Usage reported, @Nullable BigDecimal price) {
        this.usage = reported;
        this.cost = price;
    }

    void attempts(int made) {
        this.attempts = made;
    }

    void notes(List<ChatResponse.Note> all) {
        this.notes = all;
    }

    void status(int code) {
        this.status = code;
    }

    void failedWith(GatewayError why) {
        this.error = why.kind();
    }

    void delivered(int count) {
        if (firstByteNanos == 0) {
            this.firstByteNanos = events.nanoTime();
            events.firstByte(this);
        }
        this.bytes = bytes + count;
        events.bytes(this, count);
    }

    /** How it ended, unless that was said before. */
    void outcome(Outcome how) {
        if (outcome == null) {
            this.outcome = how;
        }
    }

    /** Gives the place back, once: before the client can see the end of the response and send its next request. */
    void settle() {
        if (settled.compareAndSet(false, true)) {
            Consumer<LiveCall> last = bill;
            if (last != null) {
                last.accept(this);
            }
            Admission place = admission;
            if (place != null) {
                settle(place);
            }
        }
    }

    /** Services bill what they had written before a stream was cut, and say so at its end, if at all. */
    private void settle(Admission place) {
        boolean cut = outcome == Outcome.TRUNCATED || outcome == Outcome.CANCELLED;
        long written = streamed && cut ? bytes / BYTES_PER_TOKEN : 0;
        if (written > usage.completionTokens()) {
            Usage estimated = Usage.builder()
                    .promptTokens(usage.promptTokens())
                    .cachedTokens(usage.cachedTokens())
                    .cacheWriteTokens(usage.cacheWriteTokens())
                    .completionTokens(written)
                    .build();
            place.settle(estimated, null, reached);
        } else {
            place.settle(usage, cost, reached);
        }
    }

    /**
     * Settles it unless that was done, and notifies listeners, once. Who has brought a response to its end has said how
     * that was: without that the client has gone.
     */
    void end() {
        if (over.compareAndSet(false, true)) {
            outcome(Outcome.CANCELLED);
            settle();
            this.endNanos = events.nanoTime();
            events.ended(this);
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public String operation() {
        return operation;
    }

    @Override
    public String traceId() {
        return traceId;
    }

    @Override
    public @Nullable String keyId() {
        return keyId;
    }

    @Override
    public @Nullable String model() {
        return model;
    }

    @Override
    public boolean streamed() {
        return streamed;
    }

    @Override
    public @Nullable String endpoint() {
        return endpoint;
    }

    @Override
    public @Nullable String upstreamModel() {
        return upstreamModel;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public GatewayError.@Nullable Kind error() {
        return error;
    }

    @Override
    public int attempts() {
        return attempts;
    }

    @Override
    public List<ChatResponse.Note> notes() {
        return notes;
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public @Nullable BigDecimal cost() {
        return cost;
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    @Override
    public long admittedNanos() {
        return admittedNanos;
    }

    @Override
    public long firstByteNanos() {
        return firstByteNanos;
    }

    @Override
    public long endNanos() {
        return endNanos;
    }

    @Override
    public @Nullable Outcome outcome() {
        return outcome;
    }
}
