package dev.kimi.batch;

import java.time.Duration;

/**
 * What a bulk run has seen lately.
 *
 * @param averageLatency mean time of a successful call over the last ones, zero before the first
 * @param inFlight calls under way now
 * @param completed calls that ended well so far
 * @param throttled attempts that the service refused for want of capacity (429, 503, 529) so far
 * @param nanoTime the run's monotonic clock, in nanoseconds
 */
public record WindowObservation(Duration averageLatency, int inFlight, long completed, long throttled, long nanoTime) {}
