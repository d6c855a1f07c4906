package dev.kimi.test.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The prompt cache of one account: prefixes that end at a breakpoint, until they expire. Lives on the event loop. */
public final class PromptCache {

    private static final long SHORT = Duration.ofMinutes(5).toNanos();
    private static final long LONG = Duration.ofHours(1).toNanos();
    private static final int LOOK_BACK = 20;

    private final Map<String, Entry> entries = new HashMap<>();

    private record Entry(long expires, long lifetime) {}

    private record Breakpoint(int segment, long lifetime) {}

    /** Reads and writes what the request marks; a lifetime counts from now. */
    public ClaudeCall use(ClaudeCall call, long nowNanos) {
        List<Breakpoint> breakpoints = breakpoints(call.prompt());
        if (breakpoints.isEmpty()) {
            return call;
        }
        entries.values().removeIf(entry -> entry.expires() - nowNanos <= 0);
        String[] prefixes = prefixes(call);
        int[] tokens = sums(call.prompt());
        int hit = hit(breakpoints, prefixes, nowNanos);
        int read = hit < 0 ? 0 : tokens[hit];
        int from = read;
        int written = 0;
        int writtenForAnHour = 0;
        for (Breakpoint breakpoint : breakpoints) {
            int upTo = tokens[breakpoint.segment()];
            if (upTo < call.model().minCached() || upTo < from) {
                continue;
            }
            entries.put(
                    prefixes[breakpoint.segment()], new Entry(nowNanos + breakpoint.lifetime(), breakpoint.lifetime()));
            if (breakpoint.lifetime() == LONG) {
                writtenForAnHour += upTo - from;
            } else {
                written += upTo - from;
            }
            from = upTo;
        }
        return call.with(new ClaudeCall.CacheUse(read, written, writtenForAnHour));
    }

    private int hit(List<Breakpoint> breakpoints, String[] prefixes, long nowNanos) {
        for (int i = breakpoints.size() - 1; i >= 0; i--) {
            int last = breakpoints.get(i).segment();
            for (int at = last; at >= 0 && at > last - LOOK_BACK; at--) {
                Entry entry = entries.get(prefixes[at]);
                if (entry != null) {
                    entries.put(prefixes[at], new Entry(nowNanos + entry.lifetime(), entry.lifetime()));
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
