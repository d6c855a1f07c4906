package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The tests named may live in any module, most of which this one does not see: so it is their sources that are read.
 */
class FaultTableDocumentTest {

    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("../..");
    private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");
    private static final Pattern CASE = Pattern.compile(
            "(?ms)^( +)@(?:Test|TestFactory|ParameterizedTest|RepeatedTest)\\b.*?^\\1(?:[\\w<>]+ )+(\\w+)\\(");
    private static final Pattern NUMBERED = Pattern.compile("\\| \\d+ \\|.*");
    private static final Map<String, List<Path>> SOURCES = new HashMap<>();

    @BeforeAll
    static void findsTheTestsOfAllModules() throws IOException {
        try (Stream<Path> modules = Files.walk(ROOT, 2)) {
            for (Path tests : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                addAll(tests);
            }
        }
        // contract kits, whose tests run in the classes that inherit them
        addAll(ROOT.resolve("kimi-test/src/main/java"));
    }

    private static void addAll(Path tests) throws IOException {
        try (Stream<Path> files = Files.walk(tests)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> SOURCES.computeIfAbsent(className(file), name -> new ArrayList<>())
                            .add(file));
        }
    }

    @Test
    void every_row_names_a_test() throws IOException {
        List<String> rows = heldRows(page());

        assertThat(rows.stream().filter(row -> NUMBERED.matcher(row).matches())).hasSizeGreaterThan(20);
        assertThat(rows).allMatch(row -> NAMED.matcher(row).find(), "names a test");
    }

    @Test
    void every_test_that_is_named_exists() throws IOException {
        assertThat(missing(page())).isEmpty();
    }

    @Test
    void a_name_that_is_no_test_is_found_out() throws IOException {
        String page = """
                | situation | held by |
                | --- | --- |
                | a test of another module | `JsonReaderTest#walks_an_object_by_its_names` |
                | no such class | `NoSuchTest#every_row_names_a_test` |
                | no such method | `FaultTableDocumentTest#every_row_names_a_poem` |
                | a method that is no test | `FaultTableDocumentTest#addAll` |
                | nothing | |

                | another | table |
                | --- | --- |
                | that need not be held | |
                """;

        assertThat(missing(page))
                .containsExactly(
                        "NoSuchTest#every_row_names_a_test",
                        "FaultTableDocumentTest#every_row_names_a_poem",
                        "FaultTableDocumentTest#addAll");
        assertThat(heldRows(page).stream().filter(row -> !NAMED.matcher(row).find()))
                .containsExactly("| nothing | |");
    }

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/faults.md"));
    }

    /** The rows of the tables whose last column says what holds them. */
    private static List<String> heldRows(String page) {
        List<String> rows = new ArrayList<>();
        boolean held = false;
        for (String line : page.lines().toList()) {
            if (line.endsWith("| held by |")) {
                held = true;
            } else if (!line.startsWith("|")) {
                held = false;
            } else if (held && !line.startsWith("| ---")) {
                rows.add(line);
            }
        }
        return rows;
    }

    private static List<String> missing(String page) throws IOException {
        List<String> missing = new ArrayList<>();
        for (MatchResult named : NAMED.matcher(page).results().toList()) {
            if (!isTest(named.group(1), named.group(2))) {
                missing.add(named.group(1) + "#" + named.group(2));
            }
        }
        return missing;
    }

    private static boolean isTest(String testClass, String method) throws IOException {
        for (Path source : SOURCES.getOrDefault(testClass, List.of())) {
            boolean found = CASE.matcher(Files.readString(source))
                    .results()
                    .anyMatch(test -> test.group(2).equals(method));
            if (found) {
                return true;
            }
        }
        return false;
    }

    private static String className(Path source) {
        String file = Objects.requireNonNull(source.getFileName()).toString();
        return file.substring(0, file.length() - ".java".length());
    }
}
