package dev.kimi.samples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class SoakTest {

    @Test
    void thousands_of_cancelled_streams_leave_nothing_behind() throws Exception {
        Soak.Result result = Soak.run(5_000);

        assertThat(result.clean()).as(result.report()).isTrue();
    }
}
