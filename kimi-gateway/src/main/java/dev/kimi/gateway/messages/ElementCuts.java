package dev.kimi.gateway.messages;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Finds what to cut out of a JSON array so that some of its elements are gone and all other bytes stay. An array of
 * which nothing would be left gets a text block instead: a turn must say something, and without the turn those beside
 * it might not follow each other lawfully.
 */
final class ElementCuts {

    private static final byte[] NOTHING = {};
    private static final byte[] PLACEHOLDER =
            "{\"type\":\"text\",\"text\":\"(no text)\"}".getBytes(StandardCharsets.UTF_8);

    private final List<ByteEdits.Edit> cuts;
    /** End of the last element that stays, -1 before the first. */
    private int kept = -1;
    /** Where the elements to cut begin that no kept one follows so far, -1 when there are none. */
    private int start = -1;

    private int end = -1;

    /** @param cuts gets what is found */
    ElementCuts(List<ByteEdits.Edit> cuts) {
        this.cuts = cuts;
    }

    /**
     * Takes the next element.
     *
     * @param from offset of its first byte
     * @param to offset behind its last byte
     */
    void element(int from, int to, boolean cut) {
        if (cut) {
            start = start < 0 ? from : start;
            end = to;
            return;
        }
        if (start >= 0) {
            cuts.add(new ByteEdits.Edit(start, from, NOTHING));
            start = -1;
        }
        kept = to;
    }

    /** The array has ended. */
    void end() {
        if (start >= 0) {
            cuts.add(new ByteEdits.Edit(kept < 0 ? start : kept, end, kept < 0 ? PLACEHOLDER : NOTHING));
        }
    }
}
