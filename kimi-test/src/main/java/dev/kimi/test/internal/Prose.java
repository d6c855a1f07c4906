package dev.kimi.test.internal;

import java.util.ArrayList;
import java.util.List;

/** Writes plausible text about whatever the prompt is about; the same prompt always gets the same words. */
public final class Prose {

    private static final List<String> ENGLISH = List.of(
            "A short answer about %1$s starts with %2$s, because most of the rest follows from it.",
            "In practice %1$s depends on %2$s far more than people expect.",
            "The usual explanation of %1$s leaves out one step, namely how %2$s comes about.",
            "It helps to look at %2$s first and to come back to %1$s afterwards.",
            "There are two sides to %1$s: the one that can be measured, and %2$s.",
            "Taken together, %1$s and %2$s explain nearly everything that was asked here.",
            "A good test is to change %2$s a little and to see what happens to %1$s.");
    private static final List<String> CHINESE = List.of(
            "关于%1$s，先要弄清楚%2$s，其余的大多由此而来。",
            "实际上，%1$s在很大程度上取决于%2$s。",
            "常见的解释往往忽略了一步，也就是%2$s是怎样形成的。",
            "不妨先看%2$s，然后再回到%1$s。",
            "%1$s有两个方面：一个可以测量，另一个就是%2$s。",
            "把%1$s和%2$s放在一起，问题就基本清楚了。");
    private static final String ENGLISH_THOUGHT =
            "The user is asking about %1$s. I should explain %2$s plainly and keep it short.";
    private static final String CHINESE_THOUGHT = "用户在问%1$s。我应该把%2$s讲清楚，并且尽量简短。";

    private static final List<List<Slot>> ENGLISH_TEXT = slots(ENGLISH);
    private static final List<List<Slot>> CHINESE_TEXT = slots(CHINESE);
    private static final List<List<Slot>> ENGLISH_REASONING = slots(List.of(ENGLISH_THOUGHT));
    private static final List<List<Slot>> CHINESE_REASONING = slots(List.of(CHINESE_THOUGHT));

    private Prose() {}

    /** The given number of word pieces about the prompt. */
    public static List<String> text(String prompt, int pieces) {
        Subject subject = Subject.of(prompt);
        List<List<Slot>> sentences = subject.chinese() ? CHINESE_TEXT : ENGLISH_TEXT;
        return fill(subject, sentences, Math.floorMod(prompt.hashCode(), sentences.size()), pieces);
    }

    /** What the model thinks before it responds. */
    public static List<String> reasoning(String prompt, int pieces) {
        if (pieces == 0) {
            return List.of();
        }
        Subject subject = Subject.of(prompt);
        return fill(subject, subject.chinese() ? CHINESE_REASONING : ENGLISH_REASONING, 0, pieces);
    }

    private static List<String> fill(Subject subject, List<List<Slot>> sentences, int first, int pieces) {
        List<String> out = new ArrayList<>(pieces);
        for (int i = 0; out.size() < pieces; i++) {
            boolean joined = i > 0 && !subject.chinese();
            for (Slot slot : sentences.get((first + i) % sentences.size())) {
                if (out.size() == pieces) {
                    break;
                }
                String piece = slot.topic() == 0 ? slot.before() : slot.fill(subject.topic(i + slot.topic() - 1));
                out.add(joined ? " " + piece : piece);
                joined = false;
            }
        }
        return out;
    }

    /** Cuts the patterns once, since cutting every response anew would be most of the cost of making it. */
    private static List<List<Slot>> slots(List<String> patterns) {
        List<List<Slot>> all = new ArrayList<>();
        for (String pattern : patterns) {
            all.add(Tokens.split(pattern.replace("%1$s", "\u0001").replace("%2$s", "\u0002")).stream()
                    .map(Slot::of)
                    .toList());
        }
        return all;
    }

    /** A piece of a sentence: fixed, or with the first or second topic in it. */
    private record Slot(int topic, String before, String after) {

        static Slot of(String piece) {
            int at = Math.max(piece.indexOf('\u0001'), piece.indexOf('\u0002'));
            return at < 0
                    ? new Slot(0, piece, "")
                    : new Slot(piece.charAt(at), piece.substring(0, at), piece.substring(at + 1));
        }

        String fill(String topicText) {
            return before + topicText + after;
        }
    }

    private record Subject(boolean chinese, List<String> topics) {

        private static final int MAX_TOPICS = 6;
        private static final int MAX_SCANNED = 600;

        static Subject of(String prompt) {
            String text = prompt.length() > MAX_SCANNED ? prompt.substring(0, MAX_SCANNED) : prompt;
            boolean chinese = hasHan(text);
            List<String> topics = new ArrayList<>();
            int start = 0;
            for (int i = 0; i <= text.length() && topics.size() < MAX_TOPICS; i++) {
                if (i == text.length() || !belongs(text.charAt(i), chinese)) {
                    addTopic(topics, text.substring(start, i), chinese);
                    start = i + 1;
                }
            }
            if (topics.isEmpty()) {
                topics.add(chinese ? "这个问题" : "the question");
                topics.add(chinese ? "背景" : "the context");
            }
            return new Subject(chinese, topics);
        }

        private static boolean hasHan(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (belongs(text.charAt(i), true)) {
                    return true;
                }
            }
            return false;
        }

        String topic(int i) {
            return topics.get(i % topics.size());
        }

        private static boolean belongs(char c, boolean chinese) {
            return chinese ? c >= 0x4E00 && c <= 0x9FFF : Character.isLetter(c);
        }

        private static void addTopic(List<String> topics, String run, boolean chinese) {
            int shortest = chinese ? 2 : 4;
            if (run.length() >= shortest) {
                topics.add(chinese && run.length() > MAX_TOPICS ? run.substring(0, MAX_TOPICS) : run);
            }
        }
    }
}
