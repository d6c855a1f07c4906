package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.starter.KimiClientProperties;
import dev.kimi.time.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What editors complete, and what the reference says. */
class MetadataTest {

    private static final int MAX_KEYS = 75;

    private static final Map<String, JsonNode> KEYS = new LinkedHashMap<>();

    @BeforeAll
    static void read() throws IOException {
        Path generated = module().resolve("target/classes/META-INF/spring-configuration-metadata.json");
        JsonNode metadata = JsonMapper.builder().build().readTree(Files.readAllBytes(generated));
        metadata.path("properties").forEach(key -> KEYS.put(key.path("name").asString(), key));
    }

    @Test
    void there_are_not_more_keys_than_a_person_can_read() {
        assertThat(KEYS).hasSizeBetween(30, MAX_KEYS);
    }

    @Test
    void every_key_is_described_by_a_sentence() {
        assertThat(KEYS.values())
                .allSatisfy(key -> assertThat(key.path("description").asString(""))
                        .as(key.path("name").asString())
                        .matches("[A-Z].{10,}\\."));
    }

    @Test
    void every_setting_of_a_client_has_its_key_and_no_key_lacks_its_setting() {
        List<String> expected = new ArrayList<>(
                ClientSettings.known().stream().map(name -> "kimi." + name).toList());
        expected.add("kimi.clients");
        expected.add("kimi.enabled");
        expected.add("kimi.web.problem-details.enabled");
        expected.add("management.endpoint.kimi.access");
        expected.add("management.endpoint.kimi.cache.time-to-live");

        assertThat(KEYS.keySet()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void the_default_timeouts_are_the_engine_s() {
        Timeouts engine = Timeouts.defaults();

        assertThat(documented("connect")).isEqualTo(engine.connect());
        assertThat(documented("pool-wait")).isEqualTo(engine.poolWait());
        assertThat(documented("headers")).isEqualTo(engine.headers());
        assertThat(documented("first-event")).isEqualTo(engine.firstEvent());
        assertThat(documented("idle")).isEqualTo(engine.idle());
        assertThat(documented("quiet")).isEqualTo(engine.quiet());
        assertThat(documented("total")).isEqualTo(engine.total());
    }

    @Test
    void the_default_limits_of_the_pool_are_those_that_the_endpoint_shows() {
        Map<String, Object> shown =
                PoolLimits.of(ClientSettings.of(ClientSettings.DEFAULT, new KimiClientProperties(), Map.of()));

        assertThat(shown.remove("sizing"))
                .isEqualTo(
                        KEYS.get("kimi.transport.sizing").path("defaultValue").asString());
        assertThat(shown).hasSize(3).allSatisfy((name, value) -> {
            String documented =
                    KEYS.get("kimi.transport." + name).path("defaultValue").asString();
            assertThat(value instanceof Integer ? value : DurationStyle.detectAndParse(value.toString()))
                    .isEqualTo(
                            value instanceof Integer
                                    ? Integer.valueOf(documented)
                                    : DurationStyle.detectAndParse(documented));
        });
    }

    @Test
    void an_application_may_write_every_default_down() {
        List<String> written = new ArrayList<>(List.of("kimi.api-key=sk-test"));
        KEYS.forEach((name, key) -> {
            if (key.has("defaultValue")) {
                written.add(name + "=" + key.path("defaultValue").asString());
            }
        });

        assertThat(written).hasSizeGreaterThan(20);
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
                .withPropertyValues(written.toArray(String[]::new))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void the_reference_has_a_row_for_every_key_with_its_default() throws IOException {
        String reference = Files.readString(module().resolve("../docs/spring-boot.md"));

        assertThat(KEYS.values()).allSatisfy(key -> {
            String name = key.path("name").asString();
            String value =
                    key.has("defaultValue") ? "`" + key.path("defaultValue").asString() + "`" : "";
            assertThat(reference).contains("| `" + name + "` | " + value);
        });
    }

    private static Duration documented(String timeout) {
        return DurationStyle.detectAndParse(
                KEYS.get("kimi.timeout." + timeout).path("defaultValue").asString());
    }

    /** Surefire sets basedir; an IDE runs the tests inside the module. */
    private static Path module() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    }
}
