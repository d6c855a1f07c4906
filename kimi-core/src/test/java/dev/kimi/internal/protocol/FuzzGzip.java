package dev.kimi.internal.protocol;

import dev.kimi.internal.util.Gunzip;
import dev.kimi.internal.util.Gzip;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** Packed bodies, whole or damaged, against the reader that the JDK has for files. */
final class FuzzGzip {

    private static final int FREE = 1 << 20;
    private static final int MAX_RATIO = 100;

    private FuzzGzip() {}

    /** What came of a body, and whether it was taken for a whole one. */
    private record Unpacked(byte[] bytes, boolean whole) {}

    static void body(FuzzInput input) {
        byte[] packed = packed(input);
        Unpacked atOnce = unpack(packed, packed.length);
        Unpacked inPieces = unpack(packed, 1 + input.below(40));
        FuzzCheck.same(atOnce.whole(), inPieces.whole(), "whole, at once and in pieces");
        int shared = Math.min(atOnce.bytes().length, inPieces.bytes().length);
        FuzzCheck.hold(
                Arrays.equals(atOnce.bytes(), 0, shared, inPieces.bytes(), 0, shared),
                "pieces unpack to something else");
        // of a damaged body, how much comes before the damage is noticed is zlib's to say
        FuzzCheck.hold(
                !atOnce.whole() || atOnce.bytes().length == inPieces.bytes().length, "pieces unpack to less or more");
        FuzzCheck.hold(
                atOnce.bytes().length <= Math.max(FREE, MAX_RATIO * packed.length),
                "more was unpacked than is allowed");
        if (atOnce.whole() && packed.length > 0) {
            FuzzCheck.hold(Arrays.equals(byTheJdk(packed), atOnce.bytes()), "the JDK reads something else");
        }
    }

    /** The text packed, as one member or two, and perhaps damaged; or the text as what came packed. */
    private static byte[] packed(FuzzInput input) {
        byte[] text = input.text();
        int how = input.below(8);
        if (how == 7) {
            return text;
        }
        byte[] packed = Gzip.pack(text);
        if (how == 6) {
            byte[] twice = Arrays.copyOf(packed, 2 * packed.length);
            System.arraycopy(packed, 0, twice, packed.length, packed.length);
            packed = twice;
        }
        if (how == 5) {
            packed = Arrays.copyOf(packed, input.below(packed.length));
        }
        for (int damages = Math.min(how, 3); damages > 0 && packed.length > 0; damages--) {
            packed[input.below(packed.length)] ^= (byte) (1 << input.below(8));
        }
        return packed;
    }

    private static Unpacked unpack(byte[] packed, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Gunzip gunzip = new Gunzip();
        try {
            for (int from = 0; from < packed.length; from += length) {
                ByteBuffer chunk = ByteBuffer.wrap(packed, from, Math.min(length, packed.length - from));
                gunzip.feed(
                        chunk,
                        piece -> out.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining()));
            }
            gunzip.end();
            return new Unpacked(out.toByteArray(), true);
        } catch (Gunzip.BadBody e) {
            return new Unpacked(out.toByteArray(), false);
        } finally {
            gunzip.close();
        }
    }

    private static byte[] byTheJdk(byte[] packed) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("taken for whole, but not by the JDK", e);
        }
    }
}
