package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.KimiClient;
import dev.kimi.starter.feign.KimiFeignConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.web.bind.annotation.GetMapping;

/** What docs/spring-boot.md shows of starts that fail is what they print. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class DocumentedMessagesTest {

    private static final Pattern PRINTED = Pattern.compile("(?m)^```text\\n(.*?)^```$", Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void a_name_that_nobody_reads(CapturedOutput output) throws IOException {
        fails("kimi:\n  api-key: sk-test\n  timeout:\n    conect: 5s\n", Map.of(), Start.Application.class);

        assertThat(shown("There is no setting")).isNotEmpty().isSubsetOf(printed(output, "application.yml"));
    }

    @Test
    void a_variable_that_is_not_set(CapturedOutput output) throws IOException {
        fails("kimi:\n  api-key: ${KIMI_API_KEY}\n", Map.of(), Start.Application.class);

        assertThat(shown("takes its value from")).isNotEmpty().isSubsetOf(printed(output, "application.yml"));
    }

    @Test
    void a_client_where_there_are_none(CapturedOutput output) throws IOException {
        fails("kimi:\n  enabled: false\n", Map.of(), Start.Application.class, Needing.class);

        assertThat(shown("kimi.enabled")).isNotEmpty().isSubsetOf(printed(output, "application-test.yml"));
    }

    @Test
    void a_host_that_is_no_client(CapturedOutput output) throws IOException {
        fails("kimi.api-key: sk-test\nkimi.clients.second.api-key: sk-second\n", Map.of(), WithFeign.class);

        assertThat(shown("KimiFeignConfiguration")).isNotEmpty().isSubsetOf(printed(output, "application.yml"));
    }

    private void fails(String yaml, Map<String, String> variables, Class<?>... sources) {
        assertThat(catchThrowable(
                        () -> Start.with(folder, yaml, variables, sources).close()))
                .isNotNull();
    }

    /** The lines of the block on the page that holds the text. */
    private static List<String> shown(String text) throws IOException {
        // Surefire sets basedir; an IDE runs the tests inside the module.
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        return PRINTED.matcher(Files.readString(module.resolve("../docs/spring-boot.md")))
                .results()
                .map(block -> block.group(1))
                .filter(block -> block.contains(text))
                .flatMap(String::lines)
                .filter(line -> !line.isBlank())
                .toList();
    }

    /** The lines that were printed, with the names that an application would have. */
    private static List<String> printed(CapturedOutput output, String file) {
        return Arrays.stream(output.getOut()
                        .replaceAll("URL \\[[^\\]]*]", "class path resource [" + file + "]")
                        .replace(Needing.class.getName(), "com.example.Assistant")
                        .replace(Needing.class.getName().replace('$', '.'), "com.example.Assistant")
                        .replace(WithFeign.Api.class.getName(), "org.example.Files")
                        .split("\\R"))
                .toList();
    }

    static final class Needing {

        final KimiClient kimi;

        Needing(KimiClient kimi) {
            this.kimi = kimi;
        }
    }

    @EnableAutoConfiguration
    @EnableFeignClients(clients = WithFeign.Api.class)
    static class WithFeign {

        @FeignClient(name = "files", url = "https://api.moonshot.ai", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/files")
            String list();
        }
    }
}
