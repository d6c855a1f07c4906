package dev.kimi.internal.protocol;

import dev.kimi.internal.sse.SseLimitException;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.internal.sse.SseParser;
import dev.kimi.internal.sse.SseSink;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parser of event streams against the standard read plainly: all at once, line by line, with copies of everything.
 */
final class FuzzSse {

    private static final long HUGE = Long.MAX_VALUE;

    private FuzzSse() {}

    static void events(FuzzInput input) {
        SseLimits limits = limits(input);
        byte[] text = input.text();
        List<String> expected = new Plain(limits).read(text);

        FuzzCheck.same(expected, new Reading(limits).read(text, Math.max(text.length, 1), input), "at once");
        int size = input.below(2);
        FuzzCheck.same(expected, new Reading(limits).read(text, size, input), size == 1 ? "byte by byte" : "in parts");
        withinStreamLimit(input, limits, text, expected);
    }

    /** Which events still come depends on how much is fed at once, but none other and never more than the limit. */
    private static void withinStreamLimit(FuzzInput input, SseLimits limits, byte[] text, List<String> expected) {
        long most = 1 + input.below(text.length + 1);
        List<String> read =
                new Reading(new SseLimits(limits.line(), limits.event(), most, limits.idle())).read(text, 0, input);
        int events = read.size() - 1;
        boolean over = read.get(events).equals("over STREAM");
        FuzzCheck.hold(over || read.equals(expected), "a stream within its limit is read to its end");
        FuzzCheck.hold(
                events < expected.size() && read.subList(0, events).equals(expected.subList(0, events)),
                "a limit changes what comes before it");
    }

    private static SseLimits limits(FuzzInput input) {
        return input.below(4) == 0
                ? new SseLimits(1 << 20, 8 << 20, HUGE, 4 << 20)
                : new SseLimits(16 + input.below(250), 16 + input.below(250), HUGE, 16 + input.below(250));
    }

    /** What the parser makes of a stream, and last how it ended. */
    private static final class Reading implements SseSink {

        private final List<String> out = new ArrayList<>();
        private final SseLimits limits;
        private final SseParser parser;
        private byte[] fed = {};

        Reading(SseLimits limits) {
            this.limits = limits;
            this.parser = new SseParser(limits, this);
        }

        /** Fed in parts of {@code size} bytes; 0 stands for sizes of the input's choice. */
        List<String> read(byte[] text, int size, FuzzInput input) {
            try {
                int from = 0;
                while (from < text.length) {
                    int part = Math.min(text.length - from, size > 0 ? size : 1 + input.below(40));
                    feed(text, from, part, size == 0 && input.below(4) == 3);
                    from += part;
                }
                parser.end();
                out.add("end id=" + parser.lastEventId() + " retry=" + parser.retryMillis());
            } catch (SseLimitException e) {
                out.add("over " + e.limit());
            }
            refusesMore();
            return out;
        }

        private void feed(byte[] text, int from, int length, boolean direct) {
            long before = parser.bytesFed();
            if (direct) {
                fed = new byte[0];
                parser.feed(ByteBuffer.allocateDirect(length)
                        .put(text, from, length)
                        .flip());
            } else {
                // the parser may look at no byte beyond its part, and must not count on the array afterwards
                fed = new byte[length];
                System.arraycopy(text, from, fed, 0, length);
                parser.feed(ByteBuffer.wrap(fed));
                Arrays.fill(fed, (byte) '\n');
            }
            FuzzCheck.hold(parser.bytesFed() == before + length, "bytes are not counted");
            FuzzCheck.hold(parser.bytesFed() <= limits.stream(), "a stream over its limit is read on");
        }

        private void refusesMore() {
            boolean refused = false;
            try {
                parser.feed(new byte[] {'\n'}, 0, 1);
            } catch (IllegalStateException e) {
                refused = true;
            }
            FuzzCheck.hold(refused, "a parser is used after its end");
        }

        @Override
        public void event(@Nullable String name, byte[] data, int offset, int length) {
            FuzzCheck.hold(length <= limits.event(), "an event is over its limit");
            // what is kept between two feeds grows by half at most beyond what is needed
            long kept = 256 + 3L * (limits.event() + (long) limits.line()) / 2;
            FuzzCheck.hold(data == fed || data.length <= kept || fed.length == 0, "more is kept than the limits allow");
            out.add("event " + name + '|' + new String(data, offset, length, StandardCharsets.ISO_8859_1));
        }

        @Override
        public void unfinished(@Nullable String name, byte[] data, int offset, int length) {
            FuzzCheck.hold(length <= limits.event(), "an unfinished event is over its limit");
            out.add("unfinished " + name + '|' + new String(data, offset, length, StandardCharsets.ISO_8859_1));
        }
    }

    /** The standard, read plainly. */
    private static final class Plain {

        private static final BigInteger LONGEST_RETRY = BigInteger.valueOf(Long.MAX_VALUE / 16);
        private static final String BOM = "\u00ef\u00bb\u00bf";

        private final SseLimits limits;
        private final List<String> out = new ArrayList<>();
        private @Nullable String name;
        private boolean named;
        private @Nullable String data;
        private @Nullable String pendingId;
        private String id = "";
        private long retry = -1;
        private long idle;

        Plain(SseLimits limits) {
            this.limits = limits;
        }

        List<String> read(byte[] text) {
            String all = new String(text, StandardCharsets.ISO_8859_1);
            String last = readLines(all.startsWith(BOM) ? all.substring(BOM.length()) : all);
            if (last != null && (last.isEmpty() || fits(last) && line(last))) {
                boolean cut = !last.isEmpty() && !last.startsWith(":");
                if (cut || data != null || named) {
                    out.add("unfinished " + name + '|' + (data == null ? "" : data));
                }
                out.add("end id=" + utf8(id) + " retry=" + retry);
            }
            return out;
        }

        /** Reads all lines that have an end and returns the rest, or null when a limit was passed. */
        private @Nullable String readLines(String all) {
            int from = 0;
            for (int i = 0; i < all.length(); i++) {
                char c = all.charAt(i);
                if (c == '\r' || c == '\n') {
                    String line = all.substring(from, i);
                    if (!fits(line) || !line(line)) {
                        return null;
                    }
                    i += c == '\r' && all.startsWith("\n", i + 1) ? 1 : 0;
                    from = i + 1;
                }
            }
            return all.substring(from);
        }

        private boolean fits(String line) {
            return line.length() <= limits.line() || over("LINE");
        }

        private boolean over(String limit) {
            out.add("over " + limit);
            return false;
        }

        private boolean line(String line) {
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            if (field.equals("data")) {
                idle = 0;
                data = data == null ? value : data + '\n' + value;
                return data.length() <= limits.event() || over("EVENT");
            }
            idle += line.length() + 1;
            if (idle > limits.idle()) {
                return over("IDLE");
            }
            if (line.isEmpty()) {
                dispatch();
            } else {
                field(field, value);
            }
            return true;
        }

        private void field(String field, String value) {
            if (field.equals("event")) {
                name = value.isEmpty() || value.equals("message") ? null : utf8(value);
                named = true;
            } else if (field.equals("id") && value.indexOf('\0') < 0) {
                pendingId = value;
            } else if (field.equals("retry") && value.matches("[0-9]+")) {
                retry = new BigInteger(value).min(LONGEST_RETRY).longValue();
            }
        }

        private void dispatch() {
            id = pendingId == null ? id : pendingId;
            if (data != null) {
                out.add("event " + name + '|' + data);
            }
            data = null;
            name = null;
            named = false;
        }

        private static String utf8(String bytes) {
            return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        }
    }
}
