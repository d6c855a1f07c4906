package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The code in docs is compiled: a Java block below {@code <!-- snippet: name -->} is what stands between {@code //
 * snippet:name} and {@code // end} in a source file of this repository.
 */
class SnippetsTest {

    private static final Pattern BLOCK =
            Pattern.compile("(?m)(?:^<!-- snippet: ([\\w-]+) -->\\n)?^```java\\n(.*?)^```$", Pattern.DOTALL);
    private static final Pattern MARKED =
            Pattern.compile("(?m)^ *// snippet:([\\w-]+)\\n(.*?)^ *// end$", Pattern.DOTALL);

    private static final Path ROOT = root();

    /** Pages in which every Java block must name its source; others may have checks of their own. */
    private static final List<String> STRICT = List.of(
            "guide.md",
            "failover.md",
            "plugins.md",
            "observability.md",
            "spring-boot.md",
            "typed.md",
            "vendor-sdks.md",
            "spring-ai.md",
            "langchain4j.md");

    @Test
    void every_named_snippet_is_what_its_source_says() throws IOException {
        Map<String, String> sources = sources();
        List<String> checked = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult block : blocks(page)) {
                String name = block.group(1);
                if (name != null) {
                    assertThat(sources)
                            .as("source of a snippet in %s", page.getFileName())
                            .containsKey(name);
                    assertThat(block.group(2))
                            .as("snippet %s in %s", name, page.getFileName())
                            .isEqualTo(sources.get(name));
                    checked.add(name);
                }
            }
        }
        assertThat(new TreeSet<>(sources.keySet()))
                .as("sources that no page shows")
                .isEqualTo(new TreeSet<>(checked));
        assertThat(checked).hasSizeGreaterThan(15);
    }

    @Test
    void no_java_in_the_guides_is_without_a_source() throws IOException {
        for (Path page : pages()) {
            if (STRICT.contains(page.getFileName().toString())) {
                assertThat(blocks(page)).as(page.toString()).allMatch(block -> block.group(1) != null);
            }
        }
    }

    /** Read as plain text too, so it has no marks. */
    @Test
    void the_code_of_the_readme_is_compiled() throws IOException {
        StringBuilder compiled = new StringBuilder();
        for (Path file : javaFiles()) {
            compiled.append(squeezed(Files.readString(file)));
        }

        assertThat(blocks(ROOT.resolve("README.md")))
                .hasSizeGreaterThan(1)
                .allSatisfy(block -> assertThat(compiled).contains(squeezed(block.group(2))));
    }

    @Test
    void every_relative_link_leads_somewhere() throws IOException {
        Pattern link = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");
        for (Path page : Stream.concat(Stream.of(ROOT.resolve("README.md")), pages().stream())
                .toList()) {
            for (MatchResult found :
                    link.matcher(Files.readString(page)).results().toList()) {
                Path target = found.group(1).isEmpty() ? page : page.resolveSibling(found.group(1));
                assertThat(target).as("%s in %s", found.group(), page).exists();
                if (found.group(2) != null) {
                    assertThat(anchors(target))
                            .as("%s in %s", found.group(), page)
                            .contains(found.group(2));
                }
            }
        }
    }

    /** Of the headings, as GitHub makes them. */
    private static List<String> anchors(Path page) throws IOException {
        return Pattern.compile("(?m)^#+ (.*)$")
                .matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static List<MatchResult> blocks(Path page) throws IOException {
        return BLOCK.matcher(Files.readString(page)).results().toList();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> found = Files.list(ROOT.resolve("docs"))) {
            return found.filter(page -> page.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> snippets = new TreeMap<>();
        for (Path file : javaFiles()) {
            Matcher marked = MARKED.matcher(Files.readString(file));
            while (marked.find()) {
                String before = snippets.put(marked.group(1), unindented(marked.group(2)));
                assertThat(before)
                        .as("second snippet named %s, in %s", marked.group(1), file)
                        .isNull();
            }
        }
        return snippets;
    }

    private static List<Path> javaFiles() throws IOException {
        try (Stream<Path> files = Files.find(
                ROOT,
                20,
                (path, attributes) -> path.toString().endsWith(".java")
                        && path.toString().replace('\\', '/').contains("/src/"))) {
            return files.toList();
        }
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    private static String unindented(String lines) {
        // an empty last line would count as one without indentation
        return lines.stripTrailing().stripIndent() + "\n";
    }

    static Path root() {
        // Surefire sets basedir; an IDE runs the tests inside the module.
        Path folder = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("docs"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
