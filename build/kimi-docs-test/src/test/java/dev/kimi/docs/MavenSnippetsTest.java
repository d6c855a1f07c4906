package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * What a reader copies into a build file resolves: it has the project's version, or a page has named the BOM before.
 */
class MavenSnippetsTest {

    private static final Pattern XML = Pattern.compile("(?m)^```xml\\n(.*?)^```$", Pattern.DOTALL);
    private static final Pattern GRADLE = Pattern.compile("[\"'](dev\\.kimi:[\\w-]+)(?::([^\"']+))?[\"']");
    private static final String OURS = "dev.kimi";
    private static final String BOM = "kimi-bom";

    private final Path root = SnippetsTest.root();
    private final Element parent = pom(root.resolve("pom.xml"));
    private final Element bom = pom(root.resolve(BOM).resolve("pom.xml"));

    @Test
    void the_bom_has_what_is_published_and_nothing_else() {
        List<String> published = new ArrayList<>();
        for (Element module : elements(parent, "module")) {
            String path = module.getTextContent();
            if (!text(pom(root.resolve(path).resolve("pom.xml")), "maven.deploy.skip")
                    .equals("true")) {
                published.add(path.substring(path.lastIndexOf('/') + 1));
            }
        }

        assertThat(published).contains(BOM, "kimi-core", "kimi-spring-boot-starter");
        published.remove(BOM);
        assertThat(elements(bom, "dependency"))
                .allMatch(managed -> text(managed, "version").equals("${project.version}"))
                .extracting(managed -> text(managed, "artifactId"))
                .containsExactlyInAnyOrderElementsOf(published);
    }

    @Test
    void what_the_bom_repeats_of_the_parent_is_the_same() {
        assertThat(text(bom, "version")).isEqualTo(version());
        for (Element plugin : elements(bom, "plugin")) {
            String name = text(plugin, "artifactId");
            assertThat(elements(parent, "plugin"))
                    .filteredOn(other -> text(other, "artifactId").equals(name))
                    .extracting(other -> text(other, "version"))
                    .as(name)
                    .containsOnly(text(plugin, "version"));
        }
    }

    @Test
    void every_dependency_that_a_page_shows_has_the_project_s_version_or_comes_after_the_bom() throws IOException {
        List<String> seen = new ArrayList<>();
        for (Path page : pages()) {
            boolean managed = false;
            for (MatchResult block :
                    XML.matcher(Files.readString(page)).results().toList()) {
                for (Element dependency : elements(parsed("<page>" + block.group(1) + "</page>"), "dependency")) {
                    String version = text(dependency, "version");
                    if (text(dependency, "groupId").equals(OURS)) {
                        String name = text(dependency, "artifactId");
                        managed |= name.equals(BOM);
                        assertThat(version)
                                .as("version of %s in %s", name, page.getFileName())
                                .isIn(managed && !name.equals(BOM) ? List.of("", version()) : List.of(version()));
                        seen.add(name);
                    }
                }
            }
        }
        assertThat(seen).contains(BOM, "kimi-core", "kimi-spring-boot-starter", "kimi-test", "kimi-observability");
    }

    @Test
    void every_dependency_in_gradle_s_spelling_too() throws IOException {
        List<MatchResult> shown = new ArrayList<>();
        for (Path page : pages()) {
            shown.addAll(GRADLE.matcher(Files.readString(page)).results().toList());
        }

        assertThat(shown)
                .isNotEmpty()
                .allSatisfy(dependency -> assertThat(dependency.group(2))
                        .as(dependency.group(1))
                        .isIn(
                                dependency.group(1).endsWith(BOM)
                                        ? List.of(version())
                                        : Stream.of(null, version()).toList()));
    }

    @Test
    void every_netty_that_a_page_pins_is_the_one_that_the_tests_ran_with() throws IOException {
        Pattern pin = Pattern.compile("<netty\\.version>([^<]+)<|netty-bom</artifactId>\\s*<version>([^<]+)<");
        List<String> pins = new ArrayList<>();
        for (Path page : pages()) {
            pin.matcher(Files.readString(page))
                    .results()
                    .forEach(found -> pins.add(found.group(1) == null ? found.group(2) : found.group(1)));
        }

        assertThat(pins).isNotEmpty().containsOnly(text(parent, "netty.version"));
    }

    private String version() {
        return text(parent, "version");
    }

    private List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(root.resolve("README.md")),
                            docs.filter(page -> page.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }

    private static Element pom(Path file) {
        try {
            return parsed(Files.readString(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Element parsed(String xml) {
        try {
            return DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(xml)))
                    .getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError("no XML: " + xml, e);
        }
    }

    private static List<Element> elements(Element parent, String name) {
        NodeList found = parent.getElementsByTagName(name);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .toList();
    }

    /** Of the first element of that name, or empty. */
    private static String text(Element parent, String name) {
        List<Element> found = elements(parent, name);
        return found.isEmpty() ? "" : found.get(0).getTextContent();
    }
}
