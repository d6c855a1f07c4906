package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.time.TimeSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How long it takes to cancel a stream of a service that stopped sending: for the caller of close, and until the
 * service notices. Client and service share the process, so that both times are of one clock.
 */
public final class CancelLatency {

    private static final TimeSource TIME = TimeSource.system();
    private static final int WARM_UP = 500;

    private CancelLatency() {}

    public static void main(String[] args) throws Exception {
        int streams = 5_000;
        for (String arg : args) {
            if (!arg.startsWith("--streams=")) {
                throw new IllegalArgumentException(arg + " is not --streams=");
            }
            streams = Integer.parseInt(arg.substring("--streams=".length()));
        }
        System.out.println(report(streams));
    }

    static String report(int streams) throws InterruptedException, ExecutionException, TimeoutException {
        StringBuilder table = new StringBuilder("| HTTP | cancelled | close(): p50, p99, max | noticed by the service"
                + " after: p50, p99, max |\n| --- | --- | --- | --- |\n");
        for (String http : List.of("http1", "h2")) {
            for (boolean begun : new boolean[] {false, true}) {
                table.append(measure(http, begun, streams));
            }
        }
        return table.toString();
    }

    private static String measure(String http, boolean begun, int streams)
            throws InterruptedException, ExecutionException, TimeoutException {
        long[] closing = new long[streams];
        long[] noticed = new long[streams];
        try (KimiSimulator service = KimiSimulator.start();
                KimiClient client = KimiClient.builder()
                        .baseUrl(service.baseUrl())
                        .apiKey("sk-benchmark")
                        .set(Part.TRANSPORT, "http", http)
                        .build()) {
            Reply silent = Reply.text("one two three");
            for (int i = -WARM_UP; i < streams; i++) {
                service.reset();
                service.otherwise(begun ? silent.stallAfterEvents(2) : silent.stallBeforeHeaders());
                ChatStream stream = client.stream(ChatRequest.of("Why?"));
                if (begun) {
                    stream.iterator().next();
                } else {
                    service.awaitRequests(1).get(1, TimeUnit.MINUTES);
                }
                long from = TIME.nanoTime();
                stream.close();
                long closed = TIME.nanoTime();
                service.awaitAborted(1).get(1, TimeUnit.MINUTES);
                if (i >= 0) {
                    closing[i] = closed - from;
                    noticed[i] = TIME.nanoTime() - from;
                }
            }
        }
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s |%n",
                http,
                begun ? "after the first event" : "before the headers",
                spread(closing),
                spread(noticed));
    }

    private static String spread(long[] nanos) {
        Arrays.sort(nanos);
        return millis(nanos[nanos.length / 2]) + ", " + millis(nanos[nanos.length * 99 / 100]) + ", "
                + millis(nanos[nanos.length - 1]) + " ms";
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
    }
}
