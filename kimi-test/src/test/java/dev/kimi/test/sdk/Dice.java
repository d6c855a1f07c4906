package dev.kimi.test.sdk;

import java.util.List;
import java.util.SplittableRandom;

/** Chance from a seed, in the forms in which a generator of texts wants it. */
final class Dice {

    private static final List<String> WORDS = List.of(
            "a",
            "the",
            "quick ",
            "naïve",
            "Zürich",
            "天空",
            "は青い",
            "привет ",
            "שלום",
            "👋",
            "👩‍👩‍👧",
            "🇩🇪",
            "𝔘",
            "e\u0301",
            " ",
            "  ",
            "\n",
            "\n\n",
            "\t",
            "\"",
            "\\",
            "\\n",
            "\\u00e9",
            "/",
            "</b>",
            "{",
            "}",
            "[1]",
            ":",
            ",",
            "null",
            "data: ",
            "event: x\n",
            "[DONE]",
            "\r\n",
            "\r",
            "\b",
            "\f",
            "\u0000",
            "\u001f",
            "\u007f",
            "\u0085",
            "\u00a0",
            "\u2028",
            "\u2029",
            "\ufeff",
            "\ufffd",
            "\uffff",
            "1.50",
            "'");

    private final SplittableRandom random;

    Dice(long seed) {
        this.random = new SplittableRandom(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    long between(long from, long to) {
        return random.nextLong(from, to + 1);
    }

    /** True once in so many times. */
    boolean oneIn(int times) {
        return below(times) == 0;
    }

    @SafeVarargs
    final <T> T pick(T... choices) {
        return choices[below(choices.length)];
    }

    /** Any text, empty included. */
    String text() {
        int words = oneIn(60) ? 80 : below(oneIn(8) ? 16 : 5);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            text.append(WORDS.get(below(WORDS.size())));
        }
        return text.toString();
    }

    /** Plain letters and digits. */
    String id(String prefix) {
        return prefix + Long.toString(random.nextLong(Long.MAX_VALUE), Character.MAX_RADIX);
    }
}
