package dev.kimi.gateway.call;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.gateway.dialect.GatewayError;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a client's request at the gateway, without any of its content. Written by the call, read by anybody;
 * what is not known yet is null, 0 or empty.
 */
public interface GatewayCall {

    /** The gateway's own id of the call, which the client gets as {@code request-id}. */
    String id();

    /** The protocol of the client. */
    String protocol();

    /** What is called: {@code chat}, {@code count-tokens}, {@code models}, {@code files}, {@code batches}. */
    String operation();

    /** Trace id of the caller's {@code traceparent}, or the gateway's own. */
    String traceId();

    /** Id of the virtual key, never the key; null before it is known. */
    @Nullable String keyId();

    /** The model as the client named it; null before that is known. */
    @Nullable String model();

    /** Whether the client wants a stream. */
    boolean streamed();

    /** The endpoint that responded, or null. */
    @Nullable String endpoint();

    /** The model as that endpoint calls it, or null. */
    @Nullable String upstreamModel();

    /** HTTP status that the client got, 0 before. */
    int status();

    /** Attempts at all endpoints. */
    int attempts();

    /** What was dropped, changed or sent elsewhere. */
    List<ChatResponse.Note> notes();

    /** What was used, as far as the service has reported it. */
    Usage usage();

    /** What it cost in US dollars by the prices of the model's card, or null where these are not known. */
    @Nullable BigDecimal cost();

    /** When it began, in nanoseconds of the gateway's clock, as all times here. */
    long startNanos();

    /** When it was admitted, or 0. */
    long admittedNanos();

    /** When the first byte of the body went to the client, or 0. */
    long firstByteNanos();

    /** When it ended, or 0. */
    long endNanos();

    /** How it ended; null before. */
    @Nullable Outcome outcome();

    /** What kind of error the gateway itself has responded with; null where there was none, or it was a service's. */
    default GatewayError.@Nullable Kind error() {
        return null;
    }

    /** How a call ends. */
    enum Outcome {
        /** The client has got a whole response. */
        OK,
        /** It was not sent on: key, limit, budget, or what was wrong with it. */
        REJECTED,
        /** The service responded with an error, or not at all. */
        FAILED,
        /** The stream broke after some of it was delivered. */
        TRUNCATED,
        /** The client has gone away. */
        CANCELLED
    }
}
