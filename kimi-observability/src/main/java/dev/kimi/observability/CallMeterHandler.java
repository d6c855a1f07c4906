package dev.kimi.observability;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;

/**
 * Takes the observations of calls and does nothing with them. {@link MicrometerCallListener#of} has recorded their
 * meters already, and the general meter handler would record {@link KimiMeter#REQUEST} once more: put this one before
 * it in a first-matching composite. Thread-safe.
 */
public final class CallMeterHandler implements MeterObservationHandler<Observation.Context> {

    /** Nothing to set. */
    public CallMeterHandler() {}

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof CallContext;
    }
}
