package dev.kimi.samples.failover;

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
class FailoverApplicationTest {

    private static final String NO_CLAUDE_KEY = "--kimi.clients.claude.api-key=";

    @Test
    void without_keys_prints_who_responds_while_kimi_goes_and_comes_back_and_why_it_moves() {
        String[] acts = printed("--kimi.api-key=", NO_CLAUDE_KEY).split("\n=== ");

        assertThat(acts).hasSize(4);
        assertThat(acts[0])
                .containsPattern("(?s)default responds \\(kimi.* calls trains .*default responds \\(kimi")
                .doesNotContain("claude", "note");
        assertThat(acts[1])
                .containsPattern("goes from default to claude: WAIT, after RateLimitException, would wait \\d+ ms, "
                        + "the lost prompt cache costs 0\\.\\d+ USD")
                .contains("note sent-elsewhere: ", "note reasoning-omitted: ", "calls trains {\"from\":\"Zug\"")
                .contains("claude responds (claude-sonnet-5-5", "default responds (kimi");
        assertThat(acts[2])
                .startsWith("Kimi is taken down.")
                .contains("goes from default to claude: FAILURE, after TransportException", "claude responds")
                .doesNotContain("default responds");
        assertThat(acts[3]).startsWith("Kimi is back.").contains("default responds (kimi");
    }

    @Test
    void with_a_key_of_kimi_nothing_is_taken_down_and_claude_responds_where_kimi_does_not() {
        assertThat(printed("--kimi.api-key=sk-test", "--kimi.base-url=http://127.0.0.1:1", NO_CLAUDE_KEY))
                .contains("goes from default to claude: FAILURE", "claude responds", "Kimi is not simulated here")
                .doesNotContain("===", "No response");
    }

    private static String printed(String... args) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            FailoverApplication.main(args);
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
