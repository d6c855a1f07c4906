package dev.kimi.architecture.samples.tidy.internal.json;

import tools.jackson.core.JsonParser;

public final class Json {
    public JsonParser parser() {
        throw new IllegalStateException();
    }
}
