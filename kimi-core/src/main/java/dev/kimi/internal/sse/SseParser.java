package dev.kimi.internal.sse;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Incremental parser of {@code text/event-stream}, after the HTML standard's chapter "Server-sent events". It works on
 * bytes, so a character may be split anywhere; an event that lies whole inside one fed array reaches the sink without
 * being copied, and nothing is allocated for an event beyond what an unknown event name needs.
 *
 * <p>Memory: the unfinished line plus the unfinished event, both bounded by {@link SseLimits}. After an exception, the
 * sink's included, the parser rejects further use. Not safe for use by several threads at once.
 */
public final class SseParser {

    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final int BOM_SEEN = BOM.length;
    private static final int SCRATCH = 8 * 1024;
    private static final long MAX_RETRY = Long.MAX_VALUE / 16;
    private static final byte[] NONE = {};
    private static final byte[] DATA = {'d', 'a', 't', 'a'};
    private static final byte[] EVENT = {'e', 'v', 'e', 'n', 't'};
    private static final byte[] ID = {'i', 'd'};
    private static final byte[] RETRY = {'r', 'e', 't', 'r', 'y'};

    private final SseLimits limits;
    private final SseSink sink;
    private final ByteStore line = new ByteStore();
    private final ByteStore data = new ByteStore();

    private byte[] view = NONE;
    private int viewOffset;
    private int viewLength;
    private boolean viewed;
    private boolean hasData;

    private @Nullable String name;
    private boolean hasName;
    private ByteStore pendingId = new ByteStore();
    private ByteStore lastId = new ByteStore();
    private boolean hasPendingId;
    private long retryMillis = -1;

    private int bom;
    private boolean skipLineFeed;
    private long total;
    private int idle;
    private boolean unusable;

    /** A parser for one stream. */
    public SseParser(SseLimits limits, SseSink sink) {
        this.limits = limits;
        this.sink = sink;
    }

    /** Takes all remaining bytes of {@code bytes}; see {@link #feed(byte[], int, int)}. */
    public void feed(ByteBuffer bytes) {
        if (bytes.hasArray()) {
            int length = bytes.remaining();
            int offset = bytes.arrayOffset() + bytes.position();
            bytes.position(bytes.limit());
            feed(bytes.array(), offset, length);
            return;
        }
        byte[] scratch = new byte[Math.min(bytes.remaining(), SCRATCH)];
        while (bytes.hasRemaining()) {
            int length = Math.min(bytes.remaining(), scratch.length);
            bytes.get(scratch, 0, length);
            feed(scratch, 0, length);
        }
    }

    /**
     * Takes the next bytes of the stream and calls the sink for each event that they complete. The array may be reused
     * by the caller afterwards.
     *
     * @throws SseLimitException when the stream goes over a limit, after the events that lie before it
     */
    public void feed(byte[] bytes, int offset, int length) {
        begin();
        int taken = (int) Math.min(length, limits.stream() - total);
        total += taken;
        int end = offset + taken;
        int from = bom < BOM_SEEN ? skipBom(bytes, offset, end) : offset;
        parse(bytes, from, end);
        if (taken < length) {
            throw new SseLimitException(SseLimitException.Limit.STREAM, limits.stream());
        }
        unusable = false;
    }

    /** Ends the stream. An event without its blank line is not dispatched but goes to {@link SseSink#unfinished}. */
    public void end() {
        begin();
        boolean cutLine = !line.isEmpty() || bom > 0 && bom < BOM_SEEN;
        if (!line.isEmpty()) {
            boolean comment = line.array()[0] == ':';
            cutLine = !comment;
            processLine(line.array(), 0, line.size());
        }
        if (cutLine || hasData || hasName) {
            sink.unfinished(name, dataArray(), viewed ? viewOffset : 0, dataLength());
        }
    }

    /** The {@code id} of the last event that ended, empty when there was none. */
    public String lastEventId() {
        return new String(lastId.array(), 0, lastId.size(), StandardCharsets.UTF_8);
    }

    /** The reconnection time that the stream asked for last, in milliseconds; -1 when it did not. */
    public long retryMillis() {
        return retryMillis;
    }

    /** Bytes fed so far. */
    public long bytesFed() {
        return total;
    }

    /** Bytes of memory held for what has not been dispatched, and for ids. */
    long held() {
        return (long) line.capacity() + data.capacity() + pendingId.capacity() + lastId.capacity();
    }

    private void begin() {
        if (unusable) {
            throw new IllegalStateException("The event stream has ended or failed; use a new parser");
        }
        // Cleared when the call ends well: whatever throws in between leaves half-changed state behind.
        unusable = true;
    }

    private int skipBom(byte[] bytes, int offset, int end) {
        int i = offset;
        while (i < end && bom < BOM_SEEN) {
            if (bytes[i] != BOM[bom]) {
                line.append(BOM, 0, bom);
                bom = BOM_SEEN;
                return i;
            }
            bom++;
            i++;
        }
        return i;
    }

    private void parse(byte[] bytes, int offset, int end) {
        int from = offset;
        while (from < end) {
            if (skipLineFeed) {
                skipLineFeed = false;
                if (bytes[from] == '\n') {
                    from++;
                    continue;
                }
            }
            int to = LineScanner.lineEnd(bytes, from, end);
            checkLine((to < 0 ? end : to) - from);
            if (to < 0) {
                break;
            }
            skipLineFeed = bytes[to] == '\r';
            if (line.isEmpty()) {
                processLine(bytes, from, to);
            } else {
                line.append(bytes, from, to - from);
                processLine(line.array(), 0, line.size());
                // A view into the array stays valid: nothing is written to it before keep() has copied the view.
                line.clear();
            }
            from = to + 1;
        }
        keep(bytes, from, end);
    }

    private void checkLine(int more) {
        if (more > limits.line() - line.size()) {
            throw new SseLimitException(SseLimitException.Limit.LINE, limits.line());
        }
    }

    /** Saves what a later call needs of an array that goes back to its owner. */
    private void keep(byte[] bytes, int from, int end) {
        if (viewed) {
            data.append(view, viewOffset, viewLength);
            dropView();
        }
        if (from < end) {
            line.append(bytes, from, end - from);
        }
    }

    private void processLine(byte[] bytes, int from, int to) {
        if (isField(bytes, from, to, DATA)) {
            data(bytes, valueStart(bytes, from + DATA.length, to), to);
            return;
        }
        idle += to - from + 1;
        if (idle > limits.idle()) {
            throw new SseLimitException(SseLimitException.Limit.IDLE, limits.idle());
        }
        if (from == to) {
            dispatch();
        } else if (isField(bytes, from, to, EVENT)) {
            name = EventNames.name(bytes, valueStart(bytes, from + EVENT.length, to), to);
            hasName = true;
        } else if (isField(bytes, from, to, ID)) {
            id(bytes, valueStart(bytes, from + ID.length, to), to);
        } else if (isField(bytes, from, to, RETRY)) {
            retry(bytes, valueStart(bytes, from + RETRY.length, to), to);
        } else if (bytes[from] != ':') {
            sink.other(bytes, from, to, hasData);
        }
    }

    /** Whether the line is {@code field} alone or {@code field:...}. */
    private static boolean isField(byte[] bytes, int from, int to, byte[] field) {
        int length = field.length;
        if (to - from < length || to - from > length && bytes[from + length] != ':') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != field[i]) {
                return false;
            }
        }
        return true;
    }

    /** Where a value begins when {@code colon} is where its colon is, or the line's end when it has none. */
    private static int valueStart(byte[] bytes, int colon, int to) {
        int start = Math.min(colon + 1, to);
        return start < to && bytes[start] == ' ' ? start + 1 : start;
    }

    private void data(byte[] bytes, int from, int to) {
        idle = 0;
        long size = (long) dataLength() + (hasData ? 1 : 0) + (to - from);
        if (size > limits.event()) {
            throw new SseLimitException(SseLimitException.Limit.EVENT, limits.event());
        }
        if (!hasData) {
            view = bytes;
            viewOffset = from;
            viewLength = to - from;
            viewed = true;
            hasData = true;
            return;
        }
        if (viewed) {
            data.append(view, viewOffset, viewLength);
            dropView();
        }
        data.append((byte) '\n');
        data.append(bytes, from, to - from);
    }

    private void id(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == 0) {
                return;
            }
        }
        pendingId.clear();
        pendingId.append(bytes, from, to - from);
        hasPendingId = true;
    }

    private void retry(byte[] bytes, int from, int to) {
        long millis = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return;
            }
            millis = millis > MAX_RETRY ? MAX_RETRY : millis * 10 + digit;
        }
        if (from < to) {
            retryMillis = Math.min(millis, MAX_RETRY);
        }
    }

    private void dispatch() {
        if (hasPendingId) {
            ByteStore spent = lastId;
            lastId = pendingId;
            pendingId = spent;
            hasPendingId = false;
        }
        if (hasData) {
            sink.event(name, dataArray(), viewed ? viewOffset : 0, dataLength());
            dropView();
            data.clear();
            hasData = false;
        }
        name = null;
        hasName = false;
    }

    private byte[] dataArray() {
        return viewed ? view : data.array();
    }

    private int dataLength() {
        return viewed ? viewLength : data.size();
    }

    private void dropView() {
        view = NONE;
        viewLength = 0;
        viewed = false;
    }
}
