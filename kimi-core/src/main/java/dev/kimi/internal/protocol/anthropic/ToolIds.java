package dev.kimi.internal.protocol.anthropic;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Ids of tool calls as the protocol takes them: letters, digits, {@code _} and {@code -}, each once in a conversation.
 * Kimi's ids have dots and colons and start anew in each response. An id depends only on the conversation before it, so
 * that a longer conversation begins with the same bytes.
 */
final class ToolIds {

    private static final int LONGEST = 64;
    private static final Pattern UNLAWFUL = Pattern.compile("[^a-zA-Z0-9_-]");

    /** Ids given out, with how often. */
    private final Map<String, Integer> given = new HashMap<>();
    /** What the ids of the calls of the latest turn were written as, without those that have their result. */
    private final Map<String, Deque<String>> open = new HashMap<>();
    /** What the id of the latest call of that id was written as. */
    private final Map<String, String> latest = new HashMap<>();

    /** A turn of the assistant begins: results that are still to come are those of its calls. */
    void turn() {
        open.clear();
    }

    /** The id for a call. */
    String ofCall(String id) {
        String base = spelled(id);
        String unique = base;
        for (int times = given.merge(base, 1, Integer::sum); times > 1; times = given.merge(unique, 1, Integer::sum)) {
            String number = "-" + times;
            unique = base.substring(0, Math.min(base.length(), LONGEST - number.length())) + number;
        }
        latest.put(id, unique);
        open.computeIfAbsent(id, key -> new ArrayDeque<>(1)).add(unique);
        return unique;
    }

    /** The id for a result: of calls of one turn that have the same id, the results come in the order of the calls. */
    String ofResult(String id) {
        Deque<String> waiting = open.get(id);
        String next = waiting == null ? null : waiting.poll();
        return next == null ? latest.getOrDefault(id, spelled(id)) : next;
    }

    /** Two ids that differ only in what cannot be written stay different. */
    private static String spelled(String id) {
        if (isLawful(id)) {
            return id;
        }
        String clean = UNLAWFUL.matcher(id).replaceAll("_");
        String head = clean.substring(0, Math.min(clean.length(), 48));
        return (head.isEmpty() ? "call" : head) + "-" + Integer.toHexString(id.hashCode());
    }

    /** Ids of the service's own are, each time: a pattern took as long as writing the call. */
    private static boolean isLawful(String id) {
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-')) {
                return false;
            }
        }
        return !id.isEmpty() && id.length() <= LONGEST;
    }
}
