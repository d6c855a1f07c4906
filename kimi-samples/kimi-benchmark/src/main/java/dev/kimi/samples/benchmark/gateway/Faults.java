package dev.kimi.samples.benchmark.gateway;

import dev.kimi.samples.benchmark.gateway.Load.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What clients see when the upstream fails, and what the upstream sees when they go. */
final class Faults {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(40);
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final int upstream;

    Faults(int upstream) {
        this.upstream = upstream;
    }

    Map<String, String> of(Contender gateway, Load load) {
        Map<String, String> seen = new LinkedHashMap<>();
        seen.put("429 with a hint of 7 s", limited(gateway, load));
        seen.put("stream cut after 3 events", cut(gateway, load));
        seen.put("stream silent after 3 events", silent(gateway, load));
        seen.put("client gone", gone(gateway, load));
        return seen;
    }

    private String limited(Contender gateway, Load load) {
        long before = counts()[0];
        long begin = Clock.now();
        Response response = load.send(gateway, false, "FAULT-limit");
        boolean ended = within(response, PATIENCE_NANOS);
        double seconds = (Clock.now() - begin) / 1e9;
        long requests = counts()[0] - before;
        response.abort();
        return ended
                ? String.format(
                        Locale.ROOT,
                        "%d after %.1f s, retry-after %s, %d requests upstream",
                        response.status(),
                        seconds,
                        response.header("retry-after"),
                        requests)
                : "nothing within 40 s, " + requests + " requests upstream";
    }

    private String cut(Contender gateway, Load load) {
        Response response = load.send(gateway, true, "EVENTS-3 GAP-100 FAULT-cut");
        boolean ended = within(response, PATIENCE_NANOS);
        response.abort();
        return ended ? response.outcome() : "hangs for 40 s";
    }

    private String silent(Contender gateway, Load load) {
        Response response = load.send(gateway, true, "EVENTS-3 GAP-100 FAULT-stall");
        if (within(response, SILENCE_NANOS)) {
            return response.outcome();
        }
        boolean alive = Clock.now() - response.lastByteNanos() < SILENCE_NANOS - TimeUnit.SECONDS.toNanos(2);
        response.abort();
        return alive ? "kept alive by pings" : "nothing for 20 s";
    }

    private String gone(Contender gateway, Load load) {
        Response response = load.send(gateway, true, "EVENTS-1000000 GAP-200");
        long deadline = Clock.now() + PATIENCE_NANOS;
        while (response.events() < 3 && Clock.now() < deadline) {
            Clock.waitUntil(Clock.now() + TimeUnit.MILLISECONDS.toNanos(10));
        }
        long before = counts()[1];
        long begin = Clock.now();
        response.abort();
        while (counts()[1] == before) {
            if (Clock.now() > begin + PATIENCE_NANOS) {
                return "upstream works on for 40 s";
            }
            Clock.waitUntil(Clock.now() + TimeUnit.MILLISECONDS.toNanos(2));
        }
        return String.format(Locale.ROOT, "upstream cancelled after %.0f ms", (Clock.now() - begin) / 1e6);
    }

    private static boolean within(Response response, long nanos) {
        long deadline = Clock.now() + nanos;
        while (!response.end().isDone() && Clock.now() < deadline) {
            Clock.waitUntil(Clock.now() + TimeUnit.MILLISECONDS.toNanos(10));
        }
        return response.end().isDone();
    }

    /** Requests that the upstream has got, and streams whose client went away. */
    private long[] counts() {
        try (Socket socket = new Socket("127.0.0.1", upstream)) {
            socket.getOutputStream().write("GET /counts HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String[] response = new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\r\n\r\n");
            String[] numbers = response[1].strip().split(" ");
            return new long[] {Long.parseLong(numbers[0]), Long.parseLong(numbers[1])};
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
