package dev.kimi.observability.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The health of an application that has done nothing but add the starter. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class HealthOfNewApplicationTest {

    private static final String KEY = "kimi.api-key: sk-test\n";
    /** What hides secrets, and what becomes of the types and failures of a client that a test brings. */
    private static final Pattern STAYS = Pattern.compile(
            "^kimiSettingsSanitizer$|ActuatorAuto|KimiWebAutoConfiguration|^kimi(Servlet)?Problems$|^kimiJson$");

    @TempDir
    Path folder;

    @Test
    void it_shows_only_what_spring_boot_shows_and_the_clients(CapturedOutput output) {
        try (WebApplication application = WebApplication.start(folder, KEY, Map.of())) {
            assertThat(components(application))
                    .contains("kimi", "ping")
                    .isSubsetOf("kimi", "ping", "diskSpace", "ssl", "livenessState", "readinessState");
            assertThat(output).doesNotContain("WARN").doesNotContain("LoadBalancer");
        }
    }

    @Test
    void what_is_switched_on_again_is_shown() {
        String on = """
                management.health.refresh.enabled: true
                spring.cloud.discovery.client:
                  composite-indicator.enabled: true
                  health-indicator.enabled: true
                """;
        try (WebApplication application = WebApplication.start(folder, KEY + on, Map.of())) {
            assertThat(components(application)).contains("refreshScope", "discoveryComposite", "kimi");
        }
    }

    @Test
    void switched_off_there_is_nothing_of_ours_and_no_key_is_needed() {
        String off = "kimi:\n  enabled: false\n  api-key: ${KIMI_API_KEY}\n  clients.second.model: kimi-k2.6\n";
        try (WebApplication application = WebApplication.start(folder, off, Map.of())) {
            assertThat(components(application)).contains("ping").doesNotContain("kimi", "refreshScope");
            assertThat(application.context().getBeanDefinitionNames())
                    .filteredOn(name -> name.toLowerCase(Locale.ROOT).contains("kimi"))
                    .allMatch(name -> STAYS.matcher(name).find());
            assertThat(application.get("kimi")).contains("404");
            assertThat(application.get("env")).contains("kimi.enabled");
        }
    }

    private static Collection<String> components(WebApplication application) {
        return application.json("health").path("components").propertyNames();
    }
}
