package dev.kimi.gateway.face;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a service says in the body of an error, in the shape of either protocol. For its client, never for logs. */
final class ServiceText {

    private static final int LONGEST = 4000;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private ServiceText() {}

    static @Nullable String of(byte[] body) {
        if (body.length == 0 || body[0] != '{') {
            return null;
        }
        try {
            JsonNode error = MAPPER.readTree(body).path("error");
            String text =
                    error.isString() ? error.asString() : error.path("message").asString("");
            return text.isBlank() ? null : text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        } catch (JacksonException e) {
            return null;
        }
    }
}
