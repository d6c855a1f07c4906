package dev.kimi.test.sdk;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Writes JSON as no library does: characters escaped or not, in each of the ways that JSON has, and space wherever it
 * may stand. All of it means the same.
 */
final class WireText {

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final Dice dice;
    private final boolean spaced;
    private final int escapes;
    private final StringBuilder out = new StringBuilder();

    private WireText(Dice dice) {
        this.dice = dice;
        this.spaced = dice.oneIn(8);
        this.escapes = dice.pick(2, 20, 1_000);
    }

    static String of(JsonNode json, Dice dice) {
        WireText text = new WireText(dice);
        text.value(json);
        return text.out.toString();
    }

    private void value(JsonNode json) {
        if (json.isObject()) {
            object(json);
        } else if (json.isArray()) {
            out.append('[');
            for (int i = 0; i < json.size(); i++) {
                space(out.append(i == 0 ? "" : ","));
                value(json.get(i));
            }
            space(out).append(']');
        } else if (json.isString()) {
            string(json.stringValue());
        } else {
            out.append(json);
        }
    }

    private void object(JsonNode json) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            space(out.append(first ? "" : ","));
            string(member.getKey());
            space(space(out).append(':'));
            value(member.getValue());
            first = false;
        }
        // the service pads its objects here
        out.append(" ".repeat(dice.oneIn(4) ? dice.below(9) : 0));
        space(out).append('}');
    }

    private StringBuilder space(StringBuilder to) {
        return spaced && dice.oneIn(3) ? to.append(dice.pick(" ", "  ", "\t", "\n", "\n    ")) : to;
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean alone = Character.isSurrogate(c) && !isPaired(text, i);
            if (Character.isHighSurrogate(c) && !alone && !dice.oneIn(escapes)) {
                out.append(c).append(text.charAt(++i));
            } else if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c) || dice.oneIn(escapes)) {
                escaped(c);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static boolean isPaired(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
    }

    private void escaped(char c) {
        int shorthand = "\"\\/\b\f\n\r\t".indexOf(c);
        if (shorthand >= 0 && !dice.oneIn(4)) {
            out.append('\\').append("\"\\/bfnrt".charAt(shorthand));
            return;
        }
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            char digit = HEX[c >> shift & 15];
            out.append(dice.oneIn(2) ? digit : Character.toUpperCase(digit));
        }
    }
}
