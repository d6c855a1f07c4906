package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The code in docs is compiled: a Java block below {@code <!-- snippet: name -->} is what stands between
 * {@code // snippet:name} and {@code // end} in a source file of this repository.
 */
class SnippetsTest {

    private static final Pattern BLOCK =
            Pattern.compile("(?m)(?:^<!-- snippet: ([\\w-]+) -->\\n)?^```java\\n(.*?)^```$", Pattern.DOTALL);
    private static final Pattern MARKED =
            Pattern.compile("(?m)^ *// snippet:([\\w-]+)\\n(.*?)^ *// end$", Pattern.DOTALL);

    private static final Path ROOT = root();

    /** Pages in which every Java block must name its source; others may have checks of their own. */
    private static final List<String> STRICT = List.of("guide.md", "plugins.md", "observability.md");

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

    @Test
    void every_relative_link_leads_somewhere() throws IOException {
        Pattern link = Pattern.compile("\\]\\((?!https?:|#)([^)#]+)(?:#[^)]*)?\\)");
        for (Path page : pages()) {
            assertThat(link.matcher(Files.readString(page)).results().map(found -> found.group(1)))
                    .as(page.toString())
                    .allMatch(target -> Files.exists(page.resolveSibling(target)));
        }
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
        try (Stream<Path> files = Files.find(
                ROOT,
                20,
                (path, attributes) -> path.toString().endsWith(".java")
                        && path.toString().replace('\\', '/').contains("/src/"))) {
            for (Path file : files.toList()) {
                Matcher marked = MARKED.matcher(Files.readString(file));
                while (marked.find()) {
                    String before = snippets.put(marked.group(1), unindented(marked.group(2)));
                    assertThat(before)
                            .as("second snippet named %s, in %s", marked.group(1), file)
                            .isNull();
                }
            }
        }
        return snippets;
    }

    private static String unindented(String lines) {
        // an empty last line would count as one without indentation
        return lines.stripTrailing().stripIndent() + "\n";
    }

    private static Path root() {
        // Surefire sets basedir; an IDE runs the tests inside the module.
        Path folder = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("docs"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
