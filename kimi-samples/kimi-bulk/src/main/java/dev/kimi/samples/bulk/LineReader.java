package dev.kimi.samples.bulk;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a file line by line as bytes, so that one line that is no text does not spoil the others. */
final class LineReader implements Closeable {

    static final int LONGEST = 8 << 20;

    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int number;

    LineReader(Path file) throws IOException {
        // Says it clearer than the read that would follow.
        if (Files.isDirectory(file)) {
            throw new IOException("it is a folder");
        }
        in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    }

    /** The number of the line read last, from 1. */
    int number() {
        return number;
    }

    /** The next line without its end, cut off past {@link #LONGEST}; null after the last. */
    byte @Nullable [] next() throws IOException {
        line.reset();
        int read = in.read();
        if (read < 0) {
            return null;
        }
        number++;
        while (read >= 0 && read != '\n') {
            if (line.size() <= LONGEST) {
                line.write(read);
            }
            read = in.read();
        }
        return line.toByteArray();
    }

    static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    /** How many lines are not blank. */
    static int count(Path file) throws IOException {
        int count = 0;
        try (LineReader reader = new LineReader(file)) {
            for (byte[] line = reader.next(); line != null; line = reader.next()) {
                if (!isBlank(line)) {
                    count++;
                }
            }
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
