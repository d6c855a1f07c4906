package dev.kimi.observability;

import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.observability.KimiMeter.Tag;
import dev.kimi.observability.KimiObservation.Detail;
import dev.kimi.observability.KimiObservation.Moment;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

/** Turns the events of calls into observations. Thread-safe. */
final class CallObservations {

    private final ObservationRegistry registry;
    private final TagValues values;

    CallObservations(ObservationRegistry registry, TagValues values) {
        this.registry = registry;
        this.values = values;
    }

    /**
     * Begins an observation, whose parent is the one current on this thread.
     *
     * @param meters notified of the same events, of the last one within the scope of the observation: that is where a
     *     registry takes the trace of an exemplar from
     */
    CallObserver started(CallEvent.Started event, CallObserver meters) {
        Series.Key key = values.of(event);
        CallContext context = new CallContext(event.client());
        Observation observation = KimiObservation.REQUEST
                .observation(registry, () -> context)
                .contextualName("kimi " + key.operation())
                .lowCardinalityKeyValue(Tag.CLIENT.asString(), key.client())
                .lowCardinalityKeyValue(Tag.OPERATION.asString(), key.operation())
                .lowCardinalityKeyValue(Tag.MODEL.asString(), key.model())
                .start();
        return observation.isNoop() ? meters : new Observer(observation, values, meters);
    }

    private record Observer(Observation observation, TagValues values, CallObserver meters) implements CallObserver {

        @Override
        public void onEvent(CallEvent event) {
            if (event instanceof CallEvent.Finished end) {
                finished(end);
                return;
            }
            if (event instanceof CallEvent.FirstEvent) {
                observation.event(Moment.FIRST_EVENT);
            } else if (event instanceof CallEvent.RetryScheduled) {
                observation.event(Moment.RETRY);
            } else if (event instanceof CallEvent.Rerouted) {
                observation.event(Moment.REROUTE);
            }
            meters.onEvent(event);
        }

        private void finished(CallEvent.Finished event) {
            observation.scoped(() -> meters.onEvent(event));
            describe(event);
            KimiException failure = event.failure();
            if (failure != null && event.outcome() == CallEvent.Outcome.FAILURE) {
                observation.error(failure);
            }
            observation.stop();
        }

        private void describe(CallEvent.Finished event) {
            KimiException failure = event.failure();
            observation
                    .lowCardinalityKeyValue(Tag.ENDPOINT.asString(), values.endpoint(event.endpoint()))
                    .lowCardinalityKeyValue(Tag.OUTCOME.asString(), TagMapper.outcome(event.outcome()))
                    .lowCardinalityKeyValue(Tag.STATUS.asString(), TagMapper.status(event.status(), failure))
                    .lowCardinalityKeyValue(Tag.ERROR_TYPE.asString(), TagMapper.error(failure))
                    .highCardinalityKeyValue(Detail.ATTEMPTS.asString(), Integer.toString(event.attempts()));
            if (event.promptTokens() >= 0) {
                observation.highCardinalityKeyValue(
                        Detail.PROMPT_TOKENS.asString(), Long.toString(event.promptTokens()));
            }
            if (event.completionTokens() >= 0) {
                observation.highCardinalityKeyValue(
                        Detail.COMPLETION_TOKENS.asString(), Long.toString(event.completionTokens()));
            }
            String requestId = failure == null ? null : failure.requestId();
            if (requestId != null) {
                observation.highCardinalityKeyValue(Detail.REQUEST_ID.asString(), requestId);
            }
        }
    }
}
