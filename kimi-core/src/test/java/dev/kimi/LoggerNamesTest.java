package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Operators set levels by name: the loggers of the library are those of the guide and no others. */
class LoggerNamesTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern IN_CODE = Pattern.compile("System\\.getLogger\\(([^)]*)\\)");
    private static final Pattern IN_GUIDE =
            Pattern.compile("^\\| `(dev\\.kimi\\.[a-z]+)` \\| [A-Z, ]+ \\|", Pattern.MULTILINE);

    @Test
    void the_loggers_of_the_code_are_those_of_the_guide() throws IOException {
        Set<String> documented = IN_GUIDE.matcher(Files.readString(ROOT.resolve("docs/guide.md")))
                .results()
                .map(row -> '"' + row.group(1) + '"')
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(documented).hasSizeBetween(3, 7);
        assertThat(loggers()).isEqualTo(documented);
    }

    private static Set<String> loggers() throws IOException {
        Set<String> found = new TreeSet<>();
        for (String module : new String[] {"kimi-core", "kimi-plugins", "kimi-observability"}) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
                for (Path file : files.filter(LoggerNamesTest::isMainSource).toList()) {
                    Matcher logger = IN_CODE.matcher(Files.readString(file));
                    while (logger.find()) {
                        found.add(logger.group(1));
                    }
                }
            }
        }
        return found;
    }

    private static boolean isMainSource(Path file) {
        return file.toString().endsWith(".java")
                && file.toString().replace('\\', '/').contains("/src/main/java/");
    }
}
