package dev.kimi.samples.benchmark.gateway;

import java.util.Map;

/**
 * What was measured of one gateway.
 *
 * @param gateway its name
 * @param dialect what its clients spoke
 * @param latency at the rate of the options
 * @param callsPerCpuSecond calls for each second of its process's CPU time
 * @param callsPerSecond calls a second, sharing the machine with client and upstream
 * @param cpuMicrosPerEvent its process's CPU time for each event of a stream that arrived
 * @param events events a second that arrived, and how many were offered
 * @param residentMib memory of its process by the number of streams that were open
 * @param faults what a client saw, by fault
 */
record GatewayFigures(
        String gateway,
        Dialect dialect,
        Latency latency,
        double callsPerCpuSecond,
        double callsPerSecond,
        double cpuMicrosPerEvent,
        Events events,
        Map<Integer, Streams> residentMib,
        Map<String, String> faults) {

    /** Median and 99th percentile, and the calls without a 200. */
    record Latency(double p50Millis, double p99Millis, long failed) {}

    /** Events a second. */
    record Events(double arrived, double offered) {}

    /** Streams that were alive, and the memory of the process. */
    record Streams(int alive, long mib) {}
}
