package dev.kimi.test.internal;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Counts tokens by a rule of thumb (four letters, or one Chinese character, each) and cuts text into pieces. */
public final class Tokens {

    private static final int PER_MESSAGE = 4;

    private Tokens() {}

    /** Tokens of a whole message list: every string in it, plus a few for each message. */
    public static int ofMessages(JsonNode messages) {
        int sum = 0;
        for (JsonNode message : messages) {
            sum += PER_MESSAGE + ofTree(message);
        }
        return sum;
    }

    /** Tokens of every string in the tree. */
    public static int ofTree(JsonNode node) {
        if (node.isString()) {
            return ofText(node.stringValue());
        }
        int sum = 0;
        for (JsonNode child : node) {
            sum += ofTree(child);
        }
        return sum;
    }

    public static int ofText(String text) {
        int wide = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x2E80) {
                wide++;
            }
        }
        return wide + (text.length() - wide + 3) / 4;
    }

    /** Cuts text into words with their leading blank, or single wide characters; joined they are the text again. */
    public static List<String> split(String text) {
        List<String> pieces = new ArrayList<>();
        int start = 0;
        for (int i = 1; i < text.length(); i++) {
            if (startsPiece(text, i)) {
                pieces.add(text.substring(start, i));
                start = i;
            }
        }
        if (start < text.length()) {
            pieces.add(text.substring(start));
        }
        return pieces;
    }

    private static boolean startsPiece(String text, int at) {
        char here = text.charAt(at);
        char before = text.charAt(at - 1);
        if (Character.isLowSurrogate(here)) {
            return false;
        }
        if (here >= 0x2E80 || before >= 0x2E80) {
            return true;
        }
        return Character.isWhitespace(here) && !Character.isWhitespace(before);
    }
}
