package dev.kimi.gateway.messages;

import dev.kimi.gateway.dialect.GatewayException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** How JSON of clients is read: strictly, as UTF-8, and within limits. */
final class Json {

    private static final int MAX_DEPTH = 256;
    private static final int MAX_NUMBER = 1_000;
    private static final int MAX_NAME = 10_000;

    static final JsonFactory FACTORY = JsonFactory.builder()
            // another encoding would be read by another parser, which knows no offsets of bytes
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER)
                    .maxNameLength(MAX_NAME)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** Numbers keep their digits. Of members with the same name the last counts. */
    static final JsonMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Json() {}

    /** The error for a body that cannot be read; the parser's own words would quote it. */
    static GatewayException unreadable(JacksonException e) {
        if (e instanceof StreamConstraintsException) {
            return Invalid.request("The body is beyond a limit: " + MAX_DEPTH + " levels of nesting, " + MAX_NUMBER
                    + " digits in a number, " + MAX_NAME + " characters in a name. Send less.");
        }
        long at = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
        return Invalid.request("The body is not JSON in UTF-8" + (at < 0 ? "" : " at byte " + at)
                + ". Send one JSON object, whole and with nothing behind it.");
    }
}
