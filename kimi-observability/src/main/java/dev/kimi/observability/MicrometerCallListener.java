package dev.kimi.observability;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Records the calls of any number of clients, see {@link KimiMeter} and {@link KimiObservation}:
 *
 * <pre>{@code
 * KimiClient.builder().listener(MicrometerCallListener.meters(registry)) ...
 * }</pre>
 *
 * Meters are kept per set of tags, so a registry that is cleared is not filled again. Prompts, responses and keys never
 * reach it. Thread-safe.
 */
public final class MicrometerCallListener implements CallListener {

    private final @Nullable CallMeters meters;
    private final @Nullable CallObservations observations;

    private MicrometerCallListener(
            @Nullable MeterRegistry meterRegistry, @Nullable ObservationRegistry observationRegistry) {
        TagValues values = new TagValues();
        this.meters = meterRegistry == null ? null : new CallMeters(meterRegistry, values);
        this.observations = observationRegistry == null || observationRegistry.isNoop()
                ? null
                : new CallObservations(observationRegistry, values);
    }

    /** Meters only. */
    public static MicrometerCallListener meters(MeterRegistry registry) {
        return new MicrometerCallListener(registry, null);
    }

    /** Observations only: their handlers make of them what they make of any other, meters included. */
    public static MicrometerCallListener observations(ObservationRegistry registry) {
        return new MicrometerCallListener(null, registry);
    }

    /**
     * Meters, and observations for tracing. Both would give {@link KimiMeter#REQUEST}: keep the general meter handler
     * away from these observations with a {@link CallMeterHandler}, as the auto-configuration does.
     */
    public static MicrometerCallListener of(MeterRegistry meters, ObservationRegistry observations) {
        return new MicrometerCallListener(meters, observations);
    }

    @Override
    public CallObserver started(CallEvent.Started event) {
        CallObserver recorded = meters == null ? CallObserver.NONE : meters.started(event);
        return observations == null ? recorded : observations.started(event, recorded);
    }
}
