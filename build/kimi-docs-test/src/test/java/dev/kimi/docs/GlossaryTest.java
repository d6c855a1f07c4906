package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The words that CONTRIBUTING's glossary rules out, between back-ticks in its last column, stand in no comment, no name
 * of a test and no page.
 */
class GlossaryTest {

    private static final Path ROOT = Path.of(System.getProperty("basedir", ""))
            .toAbsolutePath()
            .resolve("../..")
            .normalize();
    private static final Pattern ROW = Pattern.compile("(?m)^\\| [^|]+ \\| [^|]+ \\| ([^|]*)\\|$");
    private static final Pattern CODE = Pattern.compile("`[^`]*`|\\{@(?:code|link|linkplain|value)\\b[^}]*}");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern COMMENT =
            Pattern.compile("(?s)\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\])'"
                    + "|(?<comment>//[^\n]*|/\\*.*?\\*/)");
    private static final Pattern TEST = Pattern.compile(
            "@(?:Test|TestFactory|ParameterizedTest|RepeatedTest)\\b[^{;]*?\\b(\\w+)\\(\\)|void (\\w+_\\w+)\\(");
    /** Who refuses a TCP connection or an HTTP/2 stream: the one use that the glossary leaves the word. */
    private static final Pattern REFUSED_BY_TCP =
            Pattern.compile("(?i)connection|stream|socket|\\bport\\b|connect\\b|exchange|replay");

    @Test
    void comments_and_names_of_tests_use_the_words_of_the_glossary() throws IOException {
        List<Path> sources = files(".java").stream()
                .filter(source -> !source.endsWith("GlossaryTest.java"))
                .toList();

        assertThat(offences(sources, GlossaryTest::prose)).isEmpty();
    }

    @Test
    void pages_use_the_words_of_the_glossary() throws IOException {
        List<Path> pages = files(".md").stream()
                .filter(page -> !page.endsWith("CONTRIBUTING.md"))
                .toList();

        assertThat(pages).hasSizeGreaterThan(10);
        assertThat(offences(pages, page -> FENCED.matcher(page).replaceAll(""))).isEmpty();
    }

    @Test
    void a_word_that_is_ruled_out_is_found_in_a_comment_and_in_the_name_of_a_test() throws IOException {
        String source = """
                class Sample {
                    /** Waits for the answer. */
                    String prompt = "Give me an answer"; // "answer" is what a model's user asks for
                    /** The connection was refused, {@code answer}. */
                    @Test
                    void the_answer_is_read() {}
                }
                """;

        assertThat(found(prose(source), ruledOut())).containsExactly("answer", "answer", "answer");
    }

    private static List<String> offences(List<Path> files, UnaryOperator<String> prose) throws IOException {
        List<Pattern> words = ruledOut();
        List<String> offences = new ArrayList<>();
        for (Path file : files) {
            for (String word : found(prose.apply(Files.readString(file)), words)) {
                offences.add(ROOT.relativize(file) + ": " + word);
            }
        }
        return offences;
    }

    private static List<String> found(String prose, List<Pattern> words) {
        List<String> found = new ArrayList<>();
        for (String line : CODE.matcher(prose).replaceAll("").split("\n")) {
            for (Pattern word : words) {
                word.matcher(line)
                        .results()
                        .map(MatchResult::group)
                        .filter(hit -> !hit.startsWith("refuse")
                                || !REFUSED_BY_TCP.matcher(line).find())
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static List<Pattern> ruledOut() throws IOException {
        String page = Files.readString(ROOT.resolve("CONTRIBUTING.md"));
        String glossary = page.substring(page.indexOf("## Glossary"));
        List<Pattern> words = ROW.matcher(glossary)
                .results()
                .flatMap(row ->
                        Pattern.compile("`([^`]+)`").matcher(row.group(1)).results())
                .map(word -> Pattern.compile("(?i)\\b" + word.group(1) + "(?:s|d|ed|ing)?\\b"))
                .toList();
        assertThat(words).as("words that are ruled out").hasSizeGreaterThan(5);
        return words;
    }

    /** Comments and the names of tests, without the text of the program: prompts are the user's language. */
    private static String prose(String source) {
        Stream<String> comments = COMMENT.matcher(source)
                .results()
                .map(comment -> comment.group(1))
                .filter(Objects::nonNull);
        Stream<String> names = TEST.matcher(source)
                .results()
                .map(test -> Objects.requireNonNullElse(test.group(1), test.group(2)))
                .map(name -> name.replace('_', ' '));
        return String.join("\n", Stream.concat(comments, names).toList());
    }

    private static List<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            List<Path> files = all.filter(file -> file.toString().endsWith(suffix))
                    .filter(file -> !file.toString().contains("/target/")
                            && !ROOT.relativize(file).toString().startsWith(".")
                            && !file.toString().contains("/node_modules/"))
                    .toList();
            assertThat(files).hasSizeGreaterThan(10);
            return files;
        }
    }
}
