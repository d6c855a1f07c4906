package dev.kimi.architecture.samples.json.internal.protocol;

import tools.jackson.core.JsonParser;

final class Codec {
    JsonParser parser() {
        throw new IllegalStateException();
    }
}
