package dev.kimi.internal.util;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/** Packs what the tests unpack. */
public final class Gzip {

    private Gzip() {}

    public static byte[] pack(String text) {
        return pack(text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] pack(byte[] data) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
