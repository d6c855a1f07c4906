package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentationTest {

    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @Test
    void every_snippet_of_the_testing_guide_occurs_in_a_test() throws IOException {
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        String guide = Files.readString(module.resolve("../docs/testing.md"));
        String tests = sources(module.resolve(".."));

        List<String> snippets = new ArrayList<>();
        for (Matcher block = JAVA_BLOCK.matcher(guide); block.find(); ) {
            snippets.add(squeezed(block.group(1)));
        }

        assertThat(snippets).hasSizeGreaterThan(5).allMatch(tests::contains);
    }

    /** The tests of all modules: the page shows code that needs more than this one sees. */
    private static String sources(Path project) throws IOException {
        try (Stream<Path> modules = Files.walk(project, 2)) {
            return modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .flatMap(DocumentationTest::sourcesBelow)
                    .map(DocumentationTest::read)
                    .map(DocumentationTest::squeezed)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static Stream<Path> sourcesBelow(Path tests) {
        try (Stream<Path> files = Files.walk(tests)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
