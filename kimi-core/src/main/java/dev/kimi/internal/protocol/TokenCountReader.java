package dev.kimi.internal.protocol;

import dev.kimi.internal.json.JsonReader;
import java.nio.ByteBuffer;
import java.util.stream.Stream;

/** Reads a count of tokens: one number at a place that the protocol says. Immutable. */
public final class TokenCountReader {

    private final JsonReader.Names[] path;

    private TokenCountReader(JsonReader.Names... path) {
        this.path = path;
    }

    /** @param path the names of the members that lead to the number */
    public static TokenCountReader at(String... path) {
        return new TokenCountReader(
                Stream.of(path).map(name -> JsonReader.Names.of(name)).toArray(JsonReader.Names[]::new));
    }

    /** @throws dev.kimi.error.ServerException if there is no number, or one below zero */
    public long read(ByteBuffer body, ErrorContext context) {
        return UnreadableResponse.atEdge(context, () -> read(body));
    }

    private long read(ByteBuffer body) {
        try (JsonReader in = JsonReader.of(body)) {
            long count = in.next() ? find(in, 0) : -1;
            if (count < 0) {
                throw new UnreadableResponse("it holds no count of tokens");
            }
            return count;
        }
    }

    private long find(JsonReader in, int depth) {
        if (depth == path.length) {
            return in.number(-1);
        }
        long found = -1;
        if (in.beginObject()) {
            for (int name = in.nextName(path[depth]); name != JsonReader.END; name = in.nextName(path[depth])) {
                if (name == 0) {
                    found = find(in, depth + 1);
                } else {
                    in.skip();
                }
            }
        }
        return found;
    }
}
