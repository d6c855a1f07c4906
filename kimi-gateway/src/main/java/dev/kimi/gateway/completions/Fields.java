package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.CompletionsChat.rejected;

import tools.jackson.databind.JsonNode;

/** Reads members that must be of a type. */
final class Fields {

    private Fields() {}

    /** @param where which member it is, for the client */
    static String text(JsonNode value, String where) {
        if (!value.isString()) {
            throw rejected("\"" + where + "\" must be a string.");
        }
        return value.asString();
    }

    /** A text that says something. */
    static String name(JsonNode value, String where) {
        String text = text(value, where);
        if (text.isBlank()) {
            throw rejected("\"" + where + "\" must not be blank.");
        }
        return text;
    }

    static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }
}
