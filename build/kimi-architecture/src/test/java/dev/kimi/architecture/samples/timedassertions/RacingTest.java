package dev.kimi.architecture.samples.timedassertions;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;

final class RacingTest {
    static void isQuick() {
        Assertions.assertTimeout(Duration.ofSeconds(1), () -> {});
    }
}
