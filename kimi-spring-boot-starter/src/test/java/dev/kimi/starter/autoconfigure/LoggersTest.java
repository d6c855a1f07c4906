package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** The library's loggers obey {@code logging.level} and write where the application's own do. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class LoggersTest {

    @TempDir
    private Path folder;

    @AfterEach
    void resetLogging() {
        LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
        logging.setLogLevel("dev.kimi", null);
        logging.setLogLevel("dev.kimi.calls", null);
    }

    private void callOnce(String logging) {
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-secret").start()) {
            kimi.reply(Reply.unavailable(), Reply.text("my response"));
            try (ConfigurableApplicationContext context =
                    Start.with(folder, """
                    kimi:
                      api-key: sk-secret
                      base-url: %s
                    %s
                    """.formatted(kimi.baseUrl(), logging), Map.of())) {
                assertThat(context.getBean(KimiClient.class).chat("my prompt").text())
                        .isEqualTo("my response");
            }
        }
    }

    private static List<String> lines(CapturedOutput output) {
        return output.getAll().lines().filter(line -> line.contains("call=")).toList();
    }

    @Test
    void attempts_and_retries_are_written_at_debug(CapturedOutput output) {
        callOnce("logging.level.dev.kimi.calls: debug");

        assertThat(lines(output))
                .hasSize(4)
                .allSatisfy(line -> assertThat(line)
                        .contains("DEBUG", "dev.kimi.calls", " client=default operation=chat model=kimi-k3 "));
        assertThat(lines(output).get(0)).contains("Attempt ended: ", " attempt=1 status=503 ");
        assertThat(lines(output).get(1)).contains("Retry scheduled: ", " attempt=2 ", " source=back-off ");
        assertThat(lines(output).get(2)).contains("Attempt ended: ", " attempt=2 status=200 ");
        assertThat(lines(output).get(3)).contains("Call ended: ", " outcome=success ");
        assertThat(output).doesNotContain("my prompt", "my response", "sk-secret");
    }

    @Test
    void one_level_for_the_whole_library_shows_them_too(CapturedOutput output) {
        callOnce("logging.level.dev.kimi: debug");
        assertThat(lines(output)).hasSize(4);
        assertThat(output).doesNotContain("my prompt", "my response", "sk-secret");
    }

    @Test
    void without_that_they_are_silent(CapturedOutput output) {
        callOnce("");
        assertThat(lines(output)).isEmpty();
    }
}
