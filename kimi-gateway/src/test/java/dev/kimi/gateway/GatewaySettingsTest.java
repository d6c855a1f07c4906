package dev.kimi.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The settings that docs/gateway.md names, and those that there are. */
class GatewaySettingsTest {

    private static final Pattern NAMED =
            Pattern.compile("`((?:kimi|spring|management|server)\\.[a-z][a-z0-9-]*(?:\\.[a-z0-9-]+)*)[=:`]");
    /** A table of meters, up to the line that is none of it. */
    private static final Pattern METERS = Pattern.compile("(?m)^\\| meter .*\\n(?:\\|.*\\n)+");

    private static final String OURS = "kimi.gateway.";

    private static final Set<String> SETTINGS = new TreeSet<>();
    private static String page = "";

    @BeforeAll
    static void read() throws IOException {
        for (URL found : Collections.list(GatewaySettingsTest.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
            JsonNode metadata = JsonMapper.builder()
                    .build()
                    .readTree(new String(found.openStream().readAllBytes(), StandardCharsets.UTF_8));
            metadata.path("properties")
                    .forEach(setting -> SETTINGS.add(setting.path("name").asString()));
        }
        Path root = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("..");
        page = Files.readString(root.resolve("docs/gateway.md"));
    }

    @Test
    void every_setting_that_the_page_names_exists() {
        Set<String> named = names(page);
        METERS.matcher(page).results().forEach(table -> named.removeAll(names(table.group())));

        assertThat(named)
                .hasSizeGreaterThan(5)
                .allSatisfy(name -> assertThat(exists(name)).as(name).isTrue());
    }

    private static Set<String> names(String text) {
        Set<String> names = new TreeSet<>();
        NAMED.matcher(text).results().map(found -> found.group(1)).forEach(names::add);
        return names;
    }

    private static boolean exists(String name) {
        return SETTINGS.contains(name) || SETTINGS.stream().anyMatch(other -> other.startsWith(name + "."));
    }

    @Test
    void every_setting_of_the_gateway_has_a_row_and_they_are_few() {
        Set<String> ours = new TreeSet<>();
        SETTINGS.stream().filter(name -> name.startsWith(OURS)).forEach(ours::add);

        assertThat(ours).hasSizeBetween(20, 60);
        ours.removeIf(name -> page.contains("| `" + name + "` |"));
        assertThat(ours).as("without a row").isEmpty();
    }
}
