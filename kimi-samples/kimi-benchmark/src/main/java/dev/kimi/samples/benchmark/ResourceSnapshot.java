package dev.kimi.samples.benchmark;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the process and its clients hold at one moment.
 *
 * @param sockets open ones of clients and service, -1 where the system does not report them
 * @param descriptors open files and sockets, -1 where the system does not report them
 * @param threads of the process
 * @param timers scheduled and not run
 * @param calls that have not ended
 * @param reservations of quota that were not settled
 * @param exchanges on connections of the pools, or waiting for one
 * @param connections open in the pools
 */
record ResourceSnapshot(
        long sockets,
        long descriptors,
        int threads,
        int timers,
        long calls,
        long reservations,
        int exchanges,
        int connections) {

    /** Threads that the system and the common pool may come up with at any time. */
    private static final int OTHERS = 4;

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    static ResourceSnapshot of(List<SoakLane> lanes) throws IOException {
        int timers = 0;
        long calls = 0;
        long reservations = 0;
        int exchanges = 0;
        int connections = 0;
        for (SoakLane lane : lanes) {
            timers += lane.timer.pending();
            calls += lane.begun.get() - lane.ended.get();
            reservations += lane.held.get();
            exchanges +=
                    lane.transport.pool().exchanges() + lane.transport.pool().pending();
            connections +=
                    lane.transport.pool().active() + lane.transport.pool().idle();
        }
        return new ResourceSnapshot(
                openSockets(), openDescriptors(), Meter.threads(), timers, calls, reservations, exchanges, connections);
    }

    boolean noMoreThan(ResourceSnapshot before) {
        return sockets <= before.sockets
                && descriptors <= before.descriptors
                && threads <= before.threads + OTHERS
                && timers <= before.timers
                && calls == 0
                && reservations == 0
                && exchanges == 0
                && connections == 0;
    }

    static String table(ResourceSnapshot before, ResourceSnapshot after) {
        StringBuilder table = new StringBuilder("| held | before | after |\n| --- | --- | --- |\n");
        row(table, "sockets", before.sockets, after.sockets);
        row(table, "file descriptors", before.descriptors, after.descriptors);
        row(table, "threads", before.threads, after.threads);
        row(table, "timers", before.timers, after.timers);
        row(table, "live calls", before.calls, after.calls);
        row(table, "reservations of quota", before.reservations, after.reservations);
        row(table, "exchanges in the pools", before.exchanges, after.exchanges);
        row(table, "connections in the pools", before.connections, after.connections);
        return table.toString();
    }

    private static void row(StringBuilder table, String what, long before, long after) {
        table.append("| %s | %d | %d |%n".formatted(what, before, after));
    }

    private static long openDescriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : -1;
    }

    private static long openSockets() throws IOException {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return -1;
        }
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return all.filter(ResourceSnapshot::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException gone) {
            return false;
        }
    }
}
