package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.starter.KimiProperties;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.io.ByteArrayResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The settings that pages name are those that editors complete, and the other way round. */
class ConfigurationKeysTest {

    private static final Pattern YAML = Pattern.compile("(?m)^```yaml\\n(.*?)^```$", Pattern.DOTALL);
    private static final Pattern KEY =
            Pattern.compile("`((?:kimi|spring|management|logging|server)\\.[a-z][a-z0-9-]*(?:\\.[a-z0-9-]+)*)[=:`]");
    private static final Pattern METER = Pattern.compile("(?m)^\\| `(kimi\\.[a-z.]+)` \\| `kimi_");
    private static final Pattern NAMED = Pattern.compile("kimi\\.clients\\.[^.]+\\.");

    /**
     * Of a provider that only an example has, of Spring AI and of Boot's REST clients, which are not on this class
     * path.
     */
    private static final Set<String> OF_OTHERS = Set.of(
            "kimi.auth.path",
            "spring.ai.kimi.client",
            "spring.ai.model.chat",
            "spring.http.serviceclient.kimi",
            "spring.security.oauth2.client.registration.kimi");

    /** Key and type, from all modules and from Spring Boot. */
    private static final Map<String, String> TYPES = new TreeMap<>();

    /** Those that our modules bring. */
    private static final Set<String> OURS = new TreeSet<>();

    /** Those that no class of properties has, since a condition reads them. */
    private static final Set<String> OF_CONDITIONS = new TreeSet<>();

    @BeforeAll
    static void read() throws IOException {
        for (URL found : Collections.list(ConfigurationKeysTest.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
            JsonNode metadata = JsonMapper.builder()
                    .build()
                    .readTree(new String(found.openStream().readAllBytes(), StandardCharsets.UTF_8));
            metadata.path("properties").forEach(key -> {
                String name = key.path("name").asString();
                TYPES.put(name, key.path("type").asString(""));
                if (name.startsWith("kimi.") || name.contains(".kimi.")) {
                    OURS.add(name);
                    if (!key.has("sourceType")) {
                        OF_CONDITIONS.add(name);
                    }
                }
            });
        }
    }

    @Test
    void every_key_that_a_page_names_exists() throws IOException {
        Set<String> meters = METER.matcher(Files.readString(root().resolve("docs/observability.md")))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
        List<String> named = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult found :
                    KEY.matcher(Files.readString(page)).results().toList()) {
                String key = found.group(1);
                if (!meters.contains(key) && !OF_OTHERS.contains(key) && !key.startsWith("kimi.gateway.")) {
                    assertThat(exists(key))
                            .as("%s, in %s", key, page.getFileName())
                            .isTrue();
                    named.add(key);
                }
            }
        }
        assertThat(named).hasSizeGreaterThan(60);
    }

    @Test
    void every_key_that_there_is_has_a_row() throws IOException {
        StringBuilder pages = new StringBuilder();
        for (Path page : pages()) {
            pages.append(Files.readString(page));
        }

        assertThat(OURS)
                .hasSizeGreaterThan(40)
                .allSatisfy(key -> assertThat(pages).contains("| `" + key + "` |"));
    }

    @Test
    void every_example_in_yaml_binds_and_nothing_in_it_is_unread() throws IOException {
        int examples = 0;
        for (Path page : pages()) {
            for (MatchResult block :
                    YAML.matcher(Files.readString(page)).results().toList()) {
                Map<String, Object> keys = keys(block.group(1));
                assertThat(keys.keySet())
                        .as("%s in %s", block.group(), page.getFileName())
                        .isNotEmpty()
                        .allMatch(key -> exists(NAMED.matcher(key).replaceFirst("kimi.")));
                bind(keys);
                examples++;
            }
        }
        assertThat(examples).isGreaterThan(4);
    }

    @Test
    void a_time_without_a_unit_is_in_milliseconds() {
        assertThat(bind(keys("kimi.timeout.total: 30")).getTimeout().total()).isEqualTo(Duration.ofMillis(30));
    }

    private static KimiProperties bind(Map<String, Object> keys) {
        Map<String, Object> ofClients = new TreeMap<>(keys);
        ofClients.keySet().removeAll(OF_CONDITIONS);
        return new Binder(new MapConfigurationPropertySource(ofClients))
                .bindOrCreate(
                        "kimi",
                        Bindable.of(KimiProperties.class),
                        new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
    }

    /** A key, the group of one, or one below a map. */
    private static boolean exists(String key) {
        if (TYPES.containsKey(key) || TYPES.keySet().stream().anyMatch(other -> other.startsWith(key + "."))) {
            return true;
        }
        int bracket = key.indexOf('[');
        if (bracket > 0) {
            return hasElements(key.substring(0, bracket));
        }
        for (int dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
            if (isMap(key.substring(0, dot))) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasElements(String key) {
        return isMap(key) || TYPES.getOrDefault(key, "").startsWith("java.util.List");
    }

    private static boolean isMap(String key) {
        return TYPES.getOrDefault(key, "").startsWith("java.util.Map");
    }

    private static Map<String, Object> keys(String yaml) {
        YamlPropertiesFactoryBean reader = new YamlPropertiesFactoryBean();
        reader.setResources(new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)));
        Map<String, Object> keys = new TreeMap<>();
        reader.getObject().forEach((key, value) -> keys.put(key.toString(), value));
        return keys;
    }

    /** Without the page of the gateway, whose settings are not on this class path: it has a test of its own. */
    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(root().resolve("docs"))) {
            return Stream.concat(
                            Stream.of(root().resolve("README.md")),
                            docs.filter(page -> page.toString().endsWith(".md") && !page.endsWith("gateway.md"))
                                    .sorted())
                    .toList();
        }
    }

    private static Path root() {
        // Surefire sets basedir; an IDE runs the tests inside the module.
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("..");
    }
}
