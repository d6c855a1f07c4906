package dev.kimi.architecture.samples.tidy.internal.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

final class Reader {
    static int first(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read();
        } finally {
            synchronized (file) {
                file.notifyAll();
            }
        }
    }
}
