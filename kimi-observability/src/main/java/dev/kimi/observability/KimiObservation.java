package dev.kimi.observability;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.docs.ObservationDocumentation;

/** The observation that this module makes, and the only place that knows its keys and events. */
public enum KimiObservation implements ObservationDocumentation {

    /**
     * A call from its start to its end. Its parent is the observation that is current where the call is started. Named
     * as {@link KimiMeter#REQUEST}, which is its meter.
     */
    REQUEST;

    @Override
    public String getName() {
        return KimiMeter.REQUEST.getName();
    }

    @Override
    public String getContextualName() {
        return "kimi %s";
    }

    @Override
    public KeyName[] getLowCardinalityKeyNames() {
        return KimiMeter.REQUEST.getKeyNames();
    }

    @Override
    public KeyName[] getHighCardinalityKeyNames() {
        return Detail.values();
    }

    @Override
    public Observation.Event[] getEvents() {
        return Moment.values();
    }

    /** Keys for traces only, set when the call ends. */
    public enum Detail implements KeyName {
        /** How many requests were sent. */
        ATTEMPTS("attempts"),
        /** Tokens read; missing when the service did not report them. */
        PROMPT_TOKENS("prompt.tokens"),
        /** Tokens written; missing when the service did not report them. */
        COMPLETION_TOKENS("completion.tokens"),
        /** The service's id of the failed exchange; missing when it gave none. */
        REQUEST_ID("request.id");

        private final String label;

        Detail(String label) {
            this.label = label;
        }

        @Override
        public String asString() {
            return label;
        }

        @Override
        public boolean isRequired() {
            return this == ATTEMPTS;
        }
    }

    /** Moments within a call. */
    public enum Moment implements Observation.Event {
        /** The first event of the stream arrived. */
        FIRST_EVENT("first.event"),
        /** An attempt failed and another will be made. */
        RETRY("retry"),
        /** The call went to another endpoint. */
        REROUTE("reroute");

        private final String label;

        Moment(String label) {
            this.label = label;
        }

        @Override
        public String getName() {
            return label;
        }
    }
}
