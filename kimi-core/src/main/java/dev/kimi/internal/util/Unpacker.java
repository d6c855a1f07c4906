package dev.kimi.internal.util;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body that may be packed: by its first bytes, since labels lie. What begins like gzip is unpacked as it comes;
 * what was labelled as packed and begins like text is handed on as it is; anything else is rejected.
 *
 * <p>Fed by one thread; may be closed by any at any time, also from within the sink, and never makes that one wait.
 */
public final class Unpacker {

    /** No packed text looks like text for so long. */
    private static final int LOOK = 16;

    private static final int MAGIC = 2;
    private static final Set<String> CODINGS = Set.of(
            "gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd", "dcb", "dcz", "exi", "pack200-gzip");

    private final boolean labelled;
    private final byte[] first = new byte[LOOK];
    private int size;
    private boolean decided;
    private volatile boolean closed;
    private volatile @Nullable Gunzip gunzip;

    /** @param labelled whether the body is said to be packed; one that is not may hold anything that is not gzip */
    public Unpacker(boolean labelled) {
        this.labelled = labelled;
    }

    /** Whether the value of a {@code Content-Encoding} names a way of packing. Many put a charset or nothing there. */
    public static boolean isCoding(String value) {
        return Arrays.stream(value.split(","))
                .anyMatch(coding -> CODINGS.contains(coding.trim().toLowerCase(Locale.ROOT)));
    }

    /**
     * Hands the sink what comes of a chunk, in pieces that are good only until it returns.
     *
     * @throws Gunzip.BadBody if the body cannot be unpacked
     */
    public void feed(ByteBuffer chunk, Consumer<ByteBuffer> sink) {
        while (!decided && chunk.hasRemaining()) {
            first[size++] = chunk.get();
            decide(false);
        }
        if (decided) {
            release(sink);
            pass(chunk, sink);
        }
    }

    /**
     * No chunk follows: hands on what was too short to tell its kind before.
     *
     * @throws Gunzip.BadBody if it is neither gzip nor text
     */
    public void flush(Consumer<ByteBuffer> sink) {
        if (!decided) {
            decide(true);
            release(sink);
        }
    }

    /**
     * The body has ended.
     *
     * @throws Gunzip.BadBody if it did so in the middle of what was packed
     */
    public void end() {
        Gunzip unpacking = gunzip;
        if (unpacking != null) {
            unpacking.end();
        }
    }

    /** Frees what the unpacking holds outside of the heap. Idempotent. */
    public void close() {
        closed = true;
        Gunzip unpacking = gunzip;
        if (unpacking != null) {
            unpacking.close();
        }
    }

    private void decide(boolean last) {
        boolean magic = (size < 1 || first[0] == 0x1F) && (size < MAGIC || first[1] == (byte) 0x8B);
        if (magic && size >= MAGIC) {
            Gunzip unpacking = new Gunzip();
            gunzip = unpacking;
            if (closed) {
                unpacking.close();
            }
            decided = true;
        } else if (!labelled) {
            decided = last || !magic;
        } else if (last || size == LOOK) {
            if (!isText(last)) {
                throw new Gunzip.BadBody("is no gzip");
            }
            decided = true;
        }
    }

    private boolean isText(boolean whole) {
        for (int i = 0; i < size; i++) {
            byte b = first[i];
            if (b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r') {
                return false;
            }
        }
        return whole ? Utf8.isValid(first, 0, size) : Utf8.isValidBeginning(first, 0, size);
    }

    private void release(Consumer<ByteBuffer> sink) {
        if (size > 0) {
            int length = size;
            size = 0;
            pass(ByteBuffer.wrap(first, 0, length), sink);
        }
    }

    private void pass(ByteBuffer chunk, Consumer<ByteBuffer> sink) {
        Gunzip unpacking = gunzip;
        if (unpacking != null) {
            unpacking.feed(chunk, sink);
        } else if (chunk.hasRemaining()) {
            sink.accept(chunk);
        }
    }
}
