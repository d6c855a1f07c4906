package dev.kimi.test.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** The prompt cache of one account: prefixes that end at a breakpoint, until they expire. Lives on the event loop. */
public final class PromptCache {

    private static final long SHORT = Duration.ofMinutes(5).toNanos();
    private static final long LONG = Duration.ofHours(1).toNanos();
    private static final int LOOK_BACK = 20;

    private final Map<String, Entry> entries = new HashMap<>();

    /** A request with its counts, and what of the cache it touches. */
    public record Use(ClaudeCall call, Map<String, Entry> touched) {}

    /** When a prefix expires, and how long it lives. */
    public record Entry(long expires, long lifetime) {}

    private record Breakpoint(int segment, long lifetime) {}

    /** What a request would read and write; nothing is kept before {@link #keep}. */
    public Use look(ClaudeCall call, long nowNanos) {
        List<Breakpoint> breakpoints = breakpoints(call.prompt());
        Map<String, Entry> touched = new HashMap<>();
        if (breakpoints.isEmpty()) {
            return new Use(call, touched);
        }
        entries.values().removeIf(entry -> entry.expires() - nowNanos <= 0);
        String[] prefixes = prefixes(call);
        int[] tokens = sums(call.prompt());
        int hit = hit(breakpoints, prefixes);
        if (hit >= 0) {
            long lifetime = Objects.requireNonNull(entries.get(prefixes[hit])).lifetime();
            touched.put(prefixes[hit], new Entry(nowNanos + lifetime, lifetime));
        }
        int read = hit < 0 ? 0 : tokens[hit];
        int from = read;
        int written = 0;
        int writtenForAnHour = 0;
        for (Breakpoint breakpoint : breakpoints) {
            int upTo = tokens[breakpoint.segment()];
            if (upTo < call.model().minCached() || upTo < from) {
                continue;
            }
            touched.put(
                    prefixes[breakpoint.segment()], new Entry(nowNanos + breakpoint.lifetime(), breakpoint.lifetime()));
            if (breakpoint.lifetime() == LONG) {
                writtenForAnHour += upTo - from;
            } else {
                written += upTo - from;
            }
            from = upTo;
        }
        return new Use(call.with(new ClaudeCall.CacheUse(read, written, writtenForAnHour)), touched);
    }

    /** Keeps what an accepted request reads and writes. */
    public void keep(Use use) {
        entries.putAll(use.touched());
    }

    private int hit(List<Breakpoint> breakpoints, String[] prefixes) {
        for (int i = breakpoints.size() - 1; i >= 0; i--) {
            int last = breakpoints.get(i).segment();
            for (int at = last; at >= 0 && at > last - LOOK_BACK; at--) {
                if (entries.containsKey(prefixes[at])) {
                    return at;
                }
            }
        }
        return -1;
    }

    private static List<Breakpoint> breakpoints(Prompt prompt) {
        List<Breakpoint> found = new ArrayList<>();
        List<Prompt.Segment> segments = prompt.segments();
        JsonNode automatic = prompt.request().path("cache_control");
        for (int i = 0; i < segments.size(); i++) {
            JsonNode own = segments.get(i).cacheControl();
            JsonNode control = own.isObject() || i < segments.size() - 1 ? own : automatic;
            if (control.isObject()) {
                found.add(new Breakpoint(i, "1h".equals(Json.text(control, "ttl")) ? LONG : SHORT));
            }
        }
        return found;
    }

    /** A digest of each prefix; the settings that shape thinking belong to the messages. */
    private static String[] prefixes(ClaudeCall call) {
        JsonNode request = call.prompt().request();
        List<Prompt.Segment> segments = call.prompt().segments();
        String[] prefixes = new String[segments.size()];
        byte[] link = Prompt.digest(new byte[0], call.model().id() + request.path("speed"));
        boolean messages = false;
        for (int i = 0; i < prefixes.length; i++) {
            Prompt.Segment segment = segments.get(i);
            if (!messages && segment.message() >= 0) {
                messages = true;
                String settings = request.path("thinking").path("type") + " "
                        + request.path("output_config").path("effort") + " " + request.path("tool_choice");
                link = Prompt.digest(link, settings);
            }
            link = Prompt.link(link, segment.role(), segment.json());
            prefixes[i] = HexFormat.of().formatHex(link);
        }
        return prefixes;
    }

    /** Tokens up to and including each segment. */
    private static int[] sums(Prompt prompt) {
        int[] sums = new int[prompt.segments().size()];
        int sum = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += prompt.segments().get(i).tokens();
            sums[i] = sum;
        }
        return sums;
    }
}
