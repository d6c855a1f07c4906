package dev.kimi.samples.benchmark;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.kimi.time.TimeSource;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/** Reads what this process has used. */
final class Meter {

    private static final TimeSource TIME = TimeSource.system();
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

    private Meter() {}

    /**
     * One moment.
     *
     * @param nanos wall clock
     * @param cpuNanos user and system time of all threads of the process
     * @param allocated bytes that the threads alive have allocated
     * @param count of what is measured
     */
    record Reading(long nanos, long cpuNanos, long allocated, long count) {

        double seconds(Reading later) {
            return (later.nanos - nanos) / 1e9;
        }

        double perSecond(Reading later) {
            return (later.count - count) / seconds(later);
        }

        double cpuMicrosEach(Reading later) {
            return (later.cpuNanos - cpuNanos) / 1e3 / Math.max(1, later.count - count);
        }

        long allocatedEach(Reading later) {
            return (later.allocated - allocated) / Math.max(1, later.count - count);
        }
    }

    static Reading read(long count) {
        return new Reading(TIME.nanoTime(), PROCESS.getProcessCpuTime(), allocated(), count);
    }

    private static long allocated() {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    /** Threads of the whole machine that wanted a processor during the last minute; negative when unknown. */
    static double load() {
        return PROCESS.getSystemLoadAverage();
    }

    static int threads() {
        return THREADS.getThreadCount();
    }

    /** Bytes in use after a collection. */
    static long heap() {
        MEMORY.gc();
        MEMORY.gc();
        return MEMORY.getHeapMemoryUsage().getUsed();
    }
}
