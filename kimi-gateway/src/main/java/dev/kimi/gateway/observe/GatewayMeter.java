package dev.kimi.gateway.observe;

/** Every meter of calls at the gateway, and the only place that knows their names. */
enum GatewayMeter {
    /** Time of a call until its last byte; the name of OpenTelemetry's conventions for generative AI. */
    DURATION("gen_ai.server.request.duration", "Time of a call at the gateway"),
    /** Of streams: time until the first byte of the body, pings not counted. */
    FIRST_TOKEN("gen_ai.server.time_to_first_token", "Time until the first byte of a stream"),
    /** Of streams: time between the first byte and the end, for each token after the first. */
    PER_TOKEN("gen_ai.server.time_per_output_token", "Time per token after the first of a stream"),
    /** Calls that have ended. */
    REQUESTS("kimi.gateway.requests", "Calls that have ended"),
    /** Calls that have not ended. */
    ACTIVE("kimi.gateway.calls", "Calls that have not ended"),
    /** Streams that were admitted and have not ended. */
    STREAMS("kimi.gateway.streams", "Streams that have not ended"),
    /** Tokens that services have reported. */
    TOKENS("kimi.gateway.tokens", "Tokens that services have reported"),
    /** What calls have cost, in US dollars. */
    COST("kimi.gateway.cost", "What calls have cost by the prices of their models"),
    /** What translation to another protocol has left out or changed. */
    DROPS("kimi.gateway.drops", "What translation has left out or changed"),
    /** Responses of the gateway itself, by kind of error; and 429 of services, which are {@code service_429}. */
    REJECTIONS("kimi.gateway.rejections", "Errors that the gateway responded with, and 429 of services");

    private final String label;
    private final String description;

    GatewayMeter(String label, String description) {
        this.label = label;
        this.description = description;
    }

    String label() {
        return label;
    }

    String description() {
        return description;
    }
}
