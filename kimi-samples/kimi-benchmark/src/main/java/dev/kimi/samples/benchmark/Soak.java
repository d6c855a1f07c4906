package dev.kimi.samples.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Cancels very many streams, at every point of their life, over both versions of HTTP at once, and reports what they
 * left behind: nothing, or the exit code is 1.
 */
public final class Soak {

    private static final int WARM_UP = 256;
    private static final int AT_A_TIME = 4;

    private Soak() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        long streams = 1_000_000;
        for (String arg : args) {
            if (!arg.startsWith("--streams=")) {
                throw new IllegalArgumentException(arg + " is not --streams=");
            }
            streams = Long.parseLong(arg.substring("--streams=".length()));
        }
        Result result = run(streams);
        System.out.println(result.report());
        System.exit(result.clean() ? 0 : 1);
    }

    /** What was there before, what is there now, and how many streams ended as they should not. */
    record Result(long streams, long unexpected, double seconds, ResourceSnapshot before, ResourceSnapshot after) {

        boolean clean() {
            return unexpected == 0 && after.noMoreThan(before);
        }

        String report() {
            return "%,d streams cancelled in %.0f s, %d ended in another way than expected%n%n%s%n%s%n"
                    .formatted(streams, seconds, unexpected, ResourceSnapshot.table(before, after), verdict());
        }

        private String verdict() {
            return clean() ? "Everything is back." : "SOMETHING WAS LEFT BEHIND.";
        }
    }

    static Result run(long streams) throws IOException, InterruptedException {
        List<SoakLane> lanes = new ArrayList<>();
        try {
            for (SoakPoint point : SoakPoint.values()) {
                lanes.add(new SoakLane(point, "http1"));
                lanes.add(new SoakLane(point, "h2"));
            }
            // what the first streams load, open and start belongs to the client and not to any stream
            together(lanes, WARM_UP);
            ResourceSnapshot before = settled(lanes);
            Meter.Reading begin = Meter.read(0);
            double shares = lanes.stream().mapToDouble(SoakLane::share).sum();
            long each = (long) Math.ceil(streams / shares);
            together(lanes, each);
            ResourceSnapshot after = settled(lanes);
            long unexpected = lanes.stream().mapToLong(SoakLane::unexpected).sum();
            long count = lanes.stream().mapToLong(lane -> count(lane, each)).sum();
            return new Result(count, unexpected, begin.seconds(Meter.read(0)), before, after);
        } finally {
            lanes.forEach(SoakLane::close);
        }
    }

    private static long count(SoakLane lane, long each) {
        return Math.round(each * lane.share());
    }

    private static ResourceSnapshot settled(List<SoakLane> lanes) throws IOException {
        lanes.forEach(SoakLane::settle);
        return ResourceSnapshot.of(lanes);
    }

    private static void together(List<SoakLane> lanes, long each) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        List<Future<?>> running = new ArrayList<>();
        for (SoakLane lane : lanes) {
            running.add(threads.submit(() -> lane.cancel(count(lane, each))));
        }
        threads.shutdown();
        for (Future<?> lane : running) {
            try {
                lane.get();
            } catch (ExecutionException e) {
                threads.shutdownNow();
                throw new IllegalStateException(e.getCause());
            }
        }
        if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("the lanes have ended and their threads have not");
        }
    }
}
