package dev.kimi.observability;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;

/**
 * Every meter that this module records, and the only place that knows their names. All tags have few values: what comes
 * from outside (models, clients) is kept in its first hundred values and {@code other} from then on.
 */
public enum KimiMeter implements MeterDocumentation {

    /**
     * Time of a call in milliseconds, retries and waits included, recorded once when it ends, as a histogram with the
     * bounds 50, 100, 250, 500 and 1000. It has no base unit, because that would become part of its name. In Prometheus
     * {@code claude_request_duration}.
     */
    REQUEST_DURATION("claude.request.duration", Meter.Type.DISTRIBUTION_SUMMARY, Tag.METHOD, Tag.STATUS_CODE),

    /**
     * The same time of the same call by the conventions of Micrometer, in seconds and with more tags; bounds from 50 ms
     * to 5 minutes. In Prometheus {@code kimi_client_request_seconds}.
     */
    REQUEST(
            "kimi.client.request",
            Meter.Type.TIMER,
            Tag.CLIENT,
            Tag.OPERATION,
            Tag.MODEL,
            Tag.ENDPOINT,
            Tag.OUTCOME,
            Tag.STATUS,
            Tag.ERROR_TYPE),

    /** Time of one attempt, from sending it to its end. */
    ATTEMPT(
            "kimi.client.attempt",
            Meter.Type.TIMER,
            Tag.CLIENT,
            Tag.OPERATION,
            Tag.MODEL,
            Tag.ENDPOINT,
            Tag.STATUS,
            Tag.ERROR_TYPE),

    /** Time from the start of a call to the first event of its stream; bounds from 50 ms to 5 minutes. */
    FIRST_EVENT("kimi.client.first.event", Meter.Type.TIMER, Tag.CLIENT, Tag.MODEL),

    /** Attempts after the first at an endpoint that were sent, by what made them necessary. */
    RETRIES("kimi.client.retries", Meter.Type.COUNTER, Tag.CLIENT, Tag.OPERATION, Tag.REASON),

    /** Calls that went from one endpoint to another, each time that they did. */
    REROUTES("kimi.client.reroutes", Meter.Type.COUNTER, Tag.CLIENT, Tag.FROM, Tag.TO, Tag.REASON),

    /** Streams that were sent to a second endpoint too, by whose attempt was used. */
    HEDGES("kimi.client.hedges", Meter.Type.COUNTER, Tag.CLIENT, Tag.FROM, Tag.TO, Tag.WINNER),

    /**
     * The circuit of an endpoint and model in the route of a client: 0 closed, 1 half-open, 2 open. A client with one
     * endpoint has none.
     */
    CIRCUIT("kimi.client.circuit", Meter.Type.GAUGE, Tag.CLIENT, Tag.ENDPOINT, Tag.MODEL),

    /** Tokens of calls that succeeded and whose usage the service reported. */
    TOKENS("kimi.client.tokens", Meter.Type.COUNTER, Tag.CLIENT, Tag.MODEL, Tag.ENDPOINT, Tag.TYPE),

    /** Calls that have started and not ended, those waiting for quota included. */
    IN_FLIGHT("kimi.client.in.flight", Meter.Type.GAUGE, Tag.CLIENT, Tag.OPERATION),

    /** Connections by state, summed over all clients. In Prometheus {@code kimi_connection_pool}. */
    CONNECTION_POOL("kimi.connection.pool", Meter.Type.GAUGE, Tag.STATE),

    /** Connections by state, per client. */
    CONNECTIONS("kimi.client.connections", Meter.Type.GAUGE, Tag.CLIENT, Tag.STATE),

    /** Exchanges in flight on the connections of a client: more than active connections with HTTP/2. */
    EXCHANGES("kimi.client.exchanges", Meter.Type.GAUGE, Tag.CLIENT),

    /**
     * What the program dropped without closing it and was reclaimed after a garbage collection: streams of the clients
     * that are bound, clients of the whole process. In Prometheus {@code kimi_leaks_total}.
     */
    LEAKS("kimi.leaks", Meter.Type.COUNTER, Tag.TYPE);

    private final String meterName;
    private final Meter.Type type;
    private final KeyName[] tags;

    KimiMeter(String meterName, Meter.Type type, Tag... tags) {
        this.meterName = meterName;
        this.type = type;
        this.tags = tags;
    }

    @Override
    public String getName() {
        return meterName;
    }

    @Override
    public Meter.Type getType() {
        return type;
    }

    @Override
    public KeyName[] getKeyNames() {
        return tags.clone();
    }

    /** The tags. */
    public enum Tag implements KeyName {
        /** What is called, under the name that {@link #REQUEST_DURATION} gives it; values as of {@link #OPERATION}. */
        METHOD("method"),
        /** Values as of {@link #STATUS}. */
        STATUS_CODE("status_code"),
        /** Name of the client, {@code default} unless it was named. */
        CLIENT("client"),
        /**
         * {@code chat}, {@code stream}, {@code models}, {@code exchange} or {@code exchange-stream}; {@code other}
         * beyond twenty.
         */
        OPERATION("operation"),
        /** The requested model, {@code none} for operations without; of {@link #CIRCUIT} as the endpoint calls it. */
        MODEL("model"),
        /**
         * Name of the endpoint that the response came from, or that the last attempt was sent to; {@code none} when
         * nothing was sent.
         */
        ENDPOINT("endpoint"),
        /** Name of the endpoint that a call left or passed over. */
        FROM("from"),
        /** Name of the endpoint that a call went to. */
        TO("to"),
        /** Name of the endpoint whose attempt was used; {@code none} when the second failed, or the call ended. */
        WINNER("winner"),
        /** {@code success}, {@code failure} or {@code cancelled}. */
        OUTCOME("outcome"),
        /**
         * HTTP status of the last attempt, unusual ones as their class such as {@code 4xx}. When no status arrived:
         * {@code cancelled}, {@code timeout}, {@code io_error}, {@code rejected} (by this library, before sending),
         * {@code credentials} or {@code error}.
         */
        STATUS("status"),
        /** What went wrong, such as {@code rate_limit} or {@code timeout_headers}; {@code none} when nothing did. */
        ERROR_TYPE("error.type"),
        /**
         * Values as of {@link #ERROR_TYPE}; {@code credentials} after credentials were rejected or could not be
         * obtained. Of {@link #REROUTES} {@code failure}, {@code circuit_open} or {@code wait}.
         */
        REASON("reason"),
        /** {@code prompt} or {@code completion}; of {@link #LEAKS} {@code stream} or {@code client}. */
        TYPE("type"),
        /**
         * {@code active}, {@code idle}, {@code pending} (calls that wait for a connection), {@code max} or
         * {@code leaked} (exchanges of dropped streams that have been reclaimed, since the start).
         */
        STATE("state");

        private final String label;

        Tag(String label) {
            this.label = label;
        }

        @Override
        public String asString() {
            return label;
        }
    }
}
