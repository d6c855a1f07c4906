package dev.kimi.architecture.samples.tidy.internal.json;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import tools.jackson.core.JsonParser;

public final class Json {
    public boolean isEmpty(Path file) {
        Supplier<JsonParser> parser = this::parser;
        try {
            return Reader.first(file) < 0 || parser.get().currentToken() == null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonParser parser() {
        throw new IllegalStateException();
    }
}
