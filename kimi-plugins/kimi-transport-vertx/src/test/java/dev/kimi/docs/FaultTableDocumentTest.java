package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultTableDocumentTest {

    private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| \\d+ \\|.*$");

    private final Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();

    @Test
    void every_row_names_a_test_that_exists() throws IOException {
        String page = Files.readString(module.resolve("../../docs/faults.md"));
        List<String> rows = ROW.matcher(page).results().map(MatchResult::group).toList();

        assertThat(rows)
                .hasSizeGreaterThan(20)
                .allMatch(row -> TEST.matcher(row).find(), "names a test");
        List<MatchResult> named = TEST.matcher(page).results().toList();
        assertThat(named)
                .allSatisfy(test -> assertThat(source(test.group(1)))
                        .as("the tests of " + test.group(1))
                        .contains("void " + test.group(2) + "("));
    }

    private String source(String testClass) throws IOException {
        try (Stream<Path> files = Files.walk(module.resolve("src/test/java"))) {
            Path file = files.filter(path -> path.endsWith(testClass + ".java"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("there is no " + testClass));
            return Files.readString(file);
        }
    }
}
