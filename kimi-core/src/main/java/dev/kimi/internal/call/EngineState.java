package dev.kimi.internal.call;

import java.util.Collection;

/**
 * What is under way in an engine. Each call is counted once, in the state that it was seen in.
 *
 * @param queued calls that wait for quota, or for the service to take calls again
 * @param credentials calls that wait for credentials
 * @param sending calls that wait for response headers
 * @param receiving calls whose response arrives
 * @param backOff calls that wait to try again
 * @param streams those of all of them that are streams
 * @param lingering attempts that are over for their call but not for their connection
 */
public record EngineState(
        int queued, int credentials, int sending, int receiving, int backOff, int streams, int lingering) {

    static EngineState of(Collection<Call> live, int lingering) {
        int[] calls = new int[CallState.values().length];
        int streams = 0;
        for (Call call : live) {
            CallState state = call.state();
            calls[state.ordinal()]++;
            if (state != CallState.DONE && call.streamed()) {
                streams++;
            }
        }
        return new EngineState(
                calls[CallState.NEW.ordinal()] + calls[CallState.QUEUED.ordinal()] + calls[CallState.GATED.ordinal()],
                calls[CallState.CREDENTIALS.ordinal()],
                calls[CallState.SENDING.ordinal()],
                calls[CallState.RECEIVING.ordinal()],
                calls[CallState.BACK_OFF.ordinal()],
                streams,
                lingering);
    }
}
