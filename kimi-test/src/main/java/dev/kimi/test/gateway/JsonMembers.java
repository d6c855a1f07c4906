package dev.kimi.test.gateway;

import java.util.LinkedHashMap;
import java.util.Map;

/** Finds the members of a JSON object in its text, so that they can be compared as they were written. */
final class JsonMembers {

    private final String text;
    private int at;

    private JsonMembers(String text) {
        this.text = text;
    }

    /**
     * The members in their order, each in its own text.
     *
     * @throws IllegalArgumentException if it is no object
     */
    static Map<String, String> of(String object) {
        return new JsonMembers(object).members();
    }

    private Map<String, String> members() {
        Map<String, String> members = new LinkedHashMap<>();
        expect('{');
        while (peek() != '}') {
            String name = value();
            expect(':');
            members.put(name.substring(1, name.length() - 1), value());
            if (peek() == ',') {
                at++;
            }
        }
        return members;
    }

    private String value() {
        char first = peek();
        int start = at;
        if (first == '"') {
            string();
        } else if (first == '{' || first == '[') {
            nested();
        } else {
            while (at < text.length() && ",}] \t\r\n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
        }
        return text.substring(start, at);
    }

    private void string() {
        at++;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    private void nested() {
        int depth = 0;
        do {
            char next = peek();
            if (next == '"') {
                string();
                continue;
            }
            depth += next == '{' || next == '[' ? 1 : next == '}' || next == ']' ? -1 : 0;
            at++;
        } while (depth > 0);
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw new IllegalArgumentException("no " + wanted + " at " + at + " of: " + text);
        }
        at++;
    }

    /** The next character that is no white space. */
    private char peek() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at >= text.length()) {
            throw new IllegalArgumentException("the object does not end: " + text);
        }
        return text.charAt(at);
    }
}
