package dev.kimi.gateway.admin;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.time.TimeSource;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call of which a test says what is known. */
final class SeenCall implements GatewayCall {

    private final TimeSource time;
    private final String id;
    private final long startNanos;

    String operation = "chat";
    boolean streamed = true;

    @Nullable String keyId;

    @Nullable String model = "kimi-k3";

    @Nullable String endpoint;

    int status;
    int attempts = 1;
    Usage usage = Usage.NONE;
    long admittedNanos;
    long firstByteNanos;
    long endNanos;

    @Nullable Outcome outcome;

    GatewayError.@Nullable Kind error;

    SeenCall(TimeSource time, String id) {
        this.time = time;
        this.id = id;
        this.startNanos = time.nanoTime();
    }

    void admit(AdminFigures figures) {
        admittedNanos = time.nanoTime();
        figures.admitted(this);
    }

    void firstByte(AdminFigures figures, String from) {
        endpoint = from;
        status = 200;
        firstByteNanos = time.nanoTime();
        figures.firstByte(this);
    }

    void end(AdminFigures figures, Outcome how, long tokens) {
        usage = Usage.builder().completionTokens(tokens).build();
        outcome = how;
        endNanos = time.nanoTime();
        figures.ended(this);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String protocol() {
        return "anthropic";
    }

    @Override
    public String operation() {
        return operation;
    }

    @Override
    public String traceId() {
        return "0af7651916cd43dd8448eb211c80319c";
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
        return model;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public int attempts() {
        return attempts;
    }

    @Override
    public List<ChatResponse.Note> notes() {
        return List.of();
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public @Nullable BigDecimal cost() {
        return null;
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

    @Override
    public GatewayError.@Nullable Kind error() {
        return error;
    }
}
