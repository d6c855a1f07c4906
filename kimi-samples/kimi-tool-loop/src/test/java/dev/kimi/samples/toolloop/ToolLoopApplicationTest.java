package dev.kimi.samples.toolloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@Timeout(120)
@ResourceLock(Resources.SYSTEM_OUT)
class ToolLoopApplicationTest {

    @Test
    void without_a_key_prints_the_tools_that_ran_a_text_and_a_record() {
        String printed = printed("--kimi.api-key=");

        assertThat(printed)
                .contains("[default, kimi-k3]")
                .contains("calls trains {\"from\":\"Bern\",\"to\":\"Zug\"}")
                .containsPattern("drive took \\d+ ms and failed")
                .containsPattern("drive took \\d+ ms\n")
                .contains("Take the train at 8:02")
                .containsPattern("3 calls, \\d+ tokens")
                .contains("Recommendation[means=TRAIN, minutes=56, departure=Optional[08:02], reason=Half an hour")
                .doesNotContain("No response");
    }

    @Test
    void every_client_is_asked() {
        String printed = printed("--kimi.api-key=", "--kimi.clients.second.model=kimi-k2.6");

        assertThat(printed)
                .contains("[default, kimi-k3]", "[second, kimi-k2.6]")
                .doesNotContain("No response");
    }

    @Test
    void says_why_there_is_no_response() {
        assertThat(printed(
                        "--kimi.api-key=sk-test", "--kimi.base-url=http://127.0.0.1:1", "--kimi.retry.max-attempts=1"))
                .contains("No response: ");
    }

    private static String printed(String... args) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            ToolLoopApplication.main(args);
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
