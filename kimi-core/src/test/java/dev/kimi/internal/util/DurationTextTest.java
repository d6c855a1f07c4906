package dev.kimi.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationTextTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT2S, 2s",
        "PT60S, 1m",
        "PT90S, 90s",
        "PT15M, 15m",
        "PT1H, 1h",
        "PT24H, 1d",
        "PT25H, 25h",
        "PT0.5S, 500ms",
        "PT1.5S, 1500ms",
        "PT0.000001S, 1000ns",
        "PT1.0000001S, 1000ms",
        "PT-5S, -5s",
        "PT-0.5S, -500ms"
    })
    void a_time_is_written_as_in_settings(Duration duration, String text) {
        assertThat(DurationText.of(duration)).isEqualTo(text);
    }
}
