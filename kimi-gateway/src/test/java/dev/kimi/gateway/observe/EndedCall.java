package dev.kimi.gateway.observe;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.dialect.GatewayError;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call as it is at its end. */
record EndedCall(
        @Nullable String model,
        boolean streamed,
        @Nullable String endpoint,
        int status,
        Outcome outcome,
        GatewayError.@Nullable Kind error,
        List<ChatResponse.Note> notes)
        implements GatewayCall {

    static final long MILLI = 1_000_000;

    @Override
    public String id() {
        return "req_1";
    }

    @Override
    public String protocol() {
        return "anthropic";
    }

    @Override
    public String operation() {
        return "chat";
    }

    @Override
    public String traceId() {
        return "4bf92f3577b34da6a3ce929d0e0e4736";
    }

    @Override
    public String keyId() {
        return "team-a";
    }

    @Override
    public @Nullable String upstreamModel() {
        return endpoint == null ? null : "kimi-k3";
    }

    @Override
    public int attempts() {
        return endpoint == null ? 0 : 2;
    }

    @Override
    public Usage usage() {
        return endpoint == null
                ? Usage.NONE
                : Usage.builder()
                        .promptTokens(100)
                        .cachedTokens(60)
                        .completionTokens(11)
                        .build();
    }

    @Override
    public @Nullable BigDecimal cost() {
        return endpoint == null ? null : new BigDecimal("0.00025");
    }

    @Override
    public long startNanos() {
        return 5;
    }

    @Override
    public long admittedNanos() {
        return endpoint == null ? 0 : 5 + 2 * MILLI;
    }

    @Override
    public long firstByteNanos() {
        return endpoint == null ? 0 : 5 + 100 * MILLI;
    }

    @Override
    public long endNanos() {
        return 5 + 600 * MILLI;
    }
}
